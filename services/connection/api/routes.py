"""The routes that want a token: admins set up, viewers look, services get access tokens."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response

from services.connection.api.browser import browser_routes
from services.connection.api.errors import as_problems
from services.connection.api.models import (
    ConnectionView,
    Created,
    Link,
    Move,
    NewConnection,
    Removal,
    TokenAnswer,
    TokenWish,
    view_of,
)
from services.connection.api.parts import PREFIX, Parts
from services.connection.api.preflight import preflight_routes
from services.connection.api.salesforce_domain import checked_domain
from services.connection.domain.attempt import digest
from services.connection.domain.connection import Target
from services.connection.handlers.find import overview, overviews
from services.connection.handlers.move import new_move
from services.connection.handlers.removal import remove_connection
from services.connection.handlers.setup import create_connection, new_ticket
from services.connection.handlers.tokens import access_token
from shared.kernel.records import Side
from shared.security.tokens import Principal
from shared.telemetry.logs import get_logger
from shared.web.paging import Page, decode_place, encode_cursor
from shared.web.problems import Problem

_LOG = get_logger(__name__)
# A deployment has a handful of connections; an agency a few hundred.
PAGE_LIMIT = 100
RequestKey = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]


def routes(parts: Parts) -> APIRouter:
    """All routes of the service."""
    router = APIRouter(tags=["connections"])
    router.include_router(browser_routes(parts))
    router.include_router(_admin(parts))
    router.include_router(_typed_out(parts))
    router.include_router(preflight_routes(parts))
    router.include_router(_reading(parts), dependencies=[Depends(parts.guard.viewer)])
    router.include_router(_tokens(parts), dependencies=[Depends(parts.guard.service)])
    return router


def _admin(parts: Parts) -> APIRouter:
    router = APIRouter(prefix=PREFIX)
    admin = Depends(parts.guard.admin)

    @router.post("", status_code=201)
    async def create(
        wish: NewConnection,
        principal: Annotated[Principal, admin],
        request_key: RequestKey = None,
    ) -> Created:
        """A new connection, and the link to connect its HubSpot side."""
        domain = checked_domain(parts, wish.salesforce_domain, wish.environment)
        connection, ticket = await create_connection(
            parts.store,
            environment=wish.environment,
            salesforce_domain=domain,
            request_key=digest(f"{principal.subject}\n{request_key}") if request_key else None,
            new_id=parts.new_id,
            new_secret=parts.new_secret,
        )
        if (connection.environment, connection.salesforce_domain) != (wish.environment, domain):
            raise _key_reused()
        link = parts.link(ticket)
        return Created(id=connection.id, state=connection.state, hubspot_authorize_url=link)

    @router.post("/{connection_id}/authorizations/{side}", dependencies=[admin])
    async def authorize(connection_id: UUID, side: Side) -> Link:
        """A link to connect one side, for the first time or again."""
        with as_problems():
            ticket = await new_ticket(parts.store, connection_id, side, new_secret=parts.new_secret)
        return Link(authorize_url=parts.link(ticket))

    return router


def _typed_out(parts: Parts) -> APIRouter:
    """What has to be confirmed by the portal's id."""
    router = APIRouter(prefix=PREFIX)
    admin = Depends(parts.guard.admin)

    @router.post("/{connection_id}/move")
    async def move(connection_id: UUID, wish: Move, principal: Annotated[Principal, admin]) -> Link:
        """A link that takes the connection to another org, with its settings."""
        domain = checked_domain(parts, wish.salesforce_domain, wish.environment)
        with as_problems():
            ticket = await new_move(
                parts.store,
                connection_id,
                target=Target(wish.environment, domain),
                confirm=wish.confirm,
                new_secret=parts.new_secret,
            )
        _LOG.info("move asked for", connection_id=str(connection_id), by=principal.subject)
        return Link(authorize_url=parts.link(ticket))

    @router.delete("/{connection_id}", status_code=204)
    async def remove(
        connection_id: UUID,
        wish: Removal,
        principal: Annotated[Principal, admin],
        *,
        purge: Annotated[bool, Query(description="as in the body; either is enough")] = False,
    ) -> Response:
        """Disconnects; its grants are revoked at the CRMs as well as can be.

        Settings and links are kept for the day when the portal is connected again, unless `purge`
        says that every service deletes what it holds.
        """
        purge = purge or wish.purge
        with as_problems():
            failed = await remove_connection(
                parts.store, parts.crms, connection_id, confirm=wish.confirm, purge=purge
            )
        _LOG.info(
            "connection removed",
            connection_id=str(connection_id),
            by=principal.subject,
            purge=purge,
            not_revoked=[error.code for error in failed],
        )
        return Response(status_code=204)

    return router


def _reading(parts: Parts) -> APIRouter:
    router = APIRouter(prefix=PREFIX)

    @router.get("")
    async def listed(
        limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50, cursor: str | None = None
    ) -> Page[ConnectionView]:
        """All connections, oldest first."""
        found = await overviews(parts.store, after=_after(cursor), limit=limit + 1)
        items = [view_of(seen) for seen in found[:limit]]
        more = len(found) > limit
        return Page(items=items, next_cursor=encode_cursor([items[-1].id]) if more else None)

    @router.get("/{connection_id}")
    async def read(connection_id: UUID) -> ConnectionView:
        """One connection, and what has to be done for it."""
        with as_problems():
            return view_of(await overview(parts.store, connection_id))

    return router


def _tokens(parts: Parts) -> APIRouter:
    router = APIRouter(prefix=PREFIX)

    @router.post("/{connection_id}/tokens/{side}")
    async def token(
        connection_id: UUID, side: Side, wish: TokenWish, response: Response
    ) -> TokenAnswer:
        """An access token, refreshed when it must be; 409 connection-broken for a dead grant."""
        with as_problems():
            grant = await access_token(
                parts.store,
                parts.crms,
                connection_id,
                side,
                rejected=wish.rejected,
                new_id=parts.new_id,
                pause=parts.pause,
                hubspot_app_id=parts.hubspot_app_id,
            )
        response.headers["Cache-Control"] = "no-store"
        return TokenAnswer(
            access_token=grant.access_token,
            base_url=grant.base_url,
            expires_at=grant.expires_at,
            account_id=grant.account_id or None,
        )

    return router


def _key_reused() -> Problem:
    return Problem(
        409,
        type="idempotency-key-reused",
        title="The Idempotency-Key was used for another request",
        detail="Send a new key for a new connection, or the same body as before.",
    )


def _after(cursor: str | None) -> UUID | None:
    return None if cursor is None else decode_place(cursor, UUID)[0]
