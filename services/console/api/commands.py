"""The forms: each calls one service, and leads back to a page with what came of it."""

from collections.abc import Awaitable
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel, Field

from services.console.api.context import Console
from services.console.api.failures import page_route
from services.console.api.sessions import Session
from services.console.handlers.commands import (
    AuthorizationLink,
    Order,
    choose_recommended,
    finish_setup,
    install_package,
    pause_sync,
    resume_sync,
    retry_error,
    skip_visualforce,
    start_authorization,
    start_connection,
    start_import,
)
from services.console.handlers.parts import UNAUTHORIZED
from services.console.ports import RefusedError, SilentError
from shared.kernel.records import Side
from shared.security.tokens import Role

MAX_TEXT = 500
"""A reason is a sentence or two; ids and host names are shorter."""

Text = Annotated[str, Form(max_length=MAX_TEXT)]


class InstallForm(BaseModel):
    """The fields of the forms that install the package; `consent` is `yes` when it was ticked."""

    method: Literal["deploy", "version", "manual"] = "deploy"
    version_id: str = Field(default="", max_length=MAX_TEXT)
    audience: Literal["admins", "all"] = "admins"
    consent: str = Field(default="", max_length=MAX_TEXT)
    request_key: str = Field(default="", max_length=MAX_TEXT)


def command_routes(console: Console) -> APIRouter:
    """All commands. The services judge the role again by the person's own token."""
    router = APIRouter(route_class=page_route(console))
    router.include_router(_connecting(console))
    router.include_router(_installing(console))
    router.include_router(_starting(console))
    router.include_router(_running(console))
    return router


def _connecting(console: Console) -> APIRouter:
    router = APIRouter(route_class=page_route(console))
    admin = Depends(console.acting(Role.ADMIN))

    @router.post("/connections")
    async def connect(
        request: Request,
        session: Annotated[Session, admin],
        environment: Annotated[Literal["production", "sandbox"], Form()] = "production",
        salesforce_domain: Text = "",
        request_key: Text = "",
    ) -> Response:
        """Starts a connection and shows the link for HubSpot."""
        started = start_connection(
            console.caller(session),
            environment,
            salesforce_domain.strip(),
            request_key=request_key,
        )
        try:
            connection_id, link = await started
        except (RefusedError, SilentError) as error:
            return _told(console, session, "/", error)
        return _link_page(console, request, session, connection_id, link)

    @router.post("/connections/{connection_id}/authorizations/{side}")
    async def authorize(
        request: Request, connection_id: UUID, side: Side, session: Annotated[Session, admin]
    ) -> Response:
        """Shows a fresh link for one side."""
        try:
            link = await start_authorization(console.caller(session), str(connection_id), side)
        except (RefusedError, SilentError) as error:
            return _told(console, session, f"/connections/{connection_id}", error)
        return _link_page(console, request, session, str(connection_id), link)

    return router


def _installing(console: Console) -> APIRouter:
    router = APIRouter(route_class=page_route(console))
    admin = Depends(console.acting(Role.ADMIN))

    @router.post("/connections/{connection_id}/package")
    async def install(
        connection_id: UUID,
        session: Annotated[Session, admin],
        form: Annotated[InstallForm, Form()],
    ) -> Response:
        """Orders an installation of the package."""
        command = install_package(
            console.caller(session),
            str(connection_id),
            Order(form.method, form.version_id.strip(), form.audience, form.consent == "yes"),
            request_key=form.request_key,
        )
        return await _done(console, session, f"/connections/{connection_id}", command)

    @router.post("/connections/{connection_id}/visualforce")
    async def visualforce(connection_id: UUID, session: Annotated[Session, admin]) -> Response:
        """Skips the window inside Salesforce records."""
        command = skip_visualforce(console.caller(session), str(connection_id))
        return await _done(console, session, f"/connections/{connection_id}", command)

    return router


def _starting(console: Console) -> APIRouter:
    router = APIRouter(route_class=page_route(console))
    admin = Depends(console.acting(Role.ADMIN))

    @router.post("/connections/{connection_id}/choice")
    async def choose(connection_id: UUID, session: Annotated[Session, admin]) -> Response:
        """Drafts the recommended settings."""
        command = choose_recommended(console.caller(session), str(connection_id))
        return await _done(console, session, f"/connections/{connection_id}", command)

    @router.post("/connections/{connection_id}/finish")
    async def finish(
        connection_id: UUID, session: Annotated[Session, admin], acknowledge: Text = ""
    ) -> Response:
        """Finishes the setup; `acknowledge` is `yes` when its warnings were read."""
        command = finish_setup(
            console.caller(session), str(connection_id), acknowledge=acknowledge == "yes"
        )
        return await _done(console, session, f"/connections/{connection_id}", command)

    return router


def _running(console: Console) -> APIRouter:
    router = APIRouter(route_class=page_route(console))
    operator = Depends(console.acting(Role.OPERATOR))

    @router.post("/connections/{connection_id}/pause")
    async def pause(
        connection_id: UUID, session: Annotated[Session, operator], reason: Text = ""
    ) -> Response:
        """Pauses the sync."""
        command = pause_sync(console.caller(session), str(connection_id), reason.strip())
        return await _done(console, session, f"/connections/{connection_id}", command)

    @router.post("/connections/{connection_id}/resume")
    async def resume(connection_id: UUID, session: Annotated[Session, operator]) -> Response:
        """Resumes the sync."""
        command = resume_sync(console.caller(session), str(connection_id))
        return await _done(console, session, f"/connections/{connection_id}", command)

    @router.post("/connections/{connection_id}/imports")
    async def begin_import(
        connection_id: UUID,
        session: Annotated[Session, operator],
        side: Annotated[Side, Form()],
        request_key: Text = "",
    ) -> Response:
        """Starts an import."""
        command = start_import(
            console.caller(session), str(connection_id), side, request_key=request_key
        )
        return await _done(console, session, f"/connections/{connection_id}", command)

    @router.post("/connections/{connection_id}/errors/{error_id}/retry")
    async def retry(
        connection_id: UUID, error_id: UUID, session: Annotated[Session, operator]
    ) -> Response:
        """Tries a record again."""
        command = retry_error(console.caller(session), str(connection_id), str(error_id))
        return await _done(console, session, f"/connections/{connection_id}/errors", command)

    return router


async def _done(console: Console, session: Session, page: str, command: Awaitable[str]) -> Response:
    try:
        return console.pages.back(session, page, await command)
    except (RefusedError, SilentError) as error:
        return _told(console, session, page, error)


def _told(
    console: Console, session: Session, page: str, error: RefusedError | SilentError
) -> Response:
    """Back to the page with the service's own words."""
    if isinstance(error, RefusedError) and error.status == UNAUTHORIZED:
        raise error
    return console.pages.back(session, page, str(error), good=False)


def _link_page(
    console: Console,
    request: Request,
    session: Session,
    connection_id: str,
    link: AuthorizationLink,
) -> Response:
    """The link is shown rather than followed.

    The right person may sit elsewhere, and the policy of our pages lets no form lead away.
    """
    return console.pages.page(request, session, "link.html", connection_id=connection_id, link=link)
