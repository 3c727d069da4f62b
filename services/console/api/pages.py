"""The pages that only look."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from services.console.api.context import Console
from services.console.api.failures import page_route
from services.console.api.sessions import Session
from services.console.domain.connections import Connection, record_url
from services.console.handlers.connections import detail, overview, read_connection
from services.console.handlers.parts import Part
from services.console.handlers.records import (
    activities,
    errors,
    journal,
    record,
    records,
    waiting_activities,
)
from services.console.handlers.settings import settings
from services.console.ports import Caller
from shared.kernel.ids import IdSource

MAX_CURSOR_CHARS = 512
"""As long as the other services take."""

ReadList = Callable[[Caller, str, str], Awaitable[Part[Any]]]
LISTS: Mapping[str, ReadList] = {
    "records": records,
    "journal": journal,
    "errors": errors,
    "activities": activities,
    "waiting-activities": waiting_activities,
}

Cursor = Annotated[str, Query(max_length=MAX_CURSOR_CHARS)]


def page_routes(console: Console, new_id: IdSource) -> APIRouter:
    """The overview and everything about one connection."""
    router = APIRouter(route_class=page_route(console), default_response_class=HTMLResponse)
    router.include_router(_connection_pages(console, new_id))
    router.include_router(_list_pages(console))
    router.include_router(_record_pages(console))
    return router


def _connection_pages(console: Console, new_id: IdSource) -> APIRouter:
    router = APIRouter(route_class=page_route(console))
    signed_in = Depends(console.person)

    @router.get("/")
    async def overview_page(
        request: Request, session: Annotated[Session, signed_in], cursor: Cursor = ""
    ) -> Response:
        """Every connection with its health."""
        found = await overview(console.caller(session), cursor)
        return console.pages.page(
            request, session, "overview.html", part=found, cursor=cursor, request_key=new_id()
        )

    @router.get("/connections/{connection_id}")
    async def connection_page(
        request: Request, connection_id: UUID, session: Annotated[Session, signed_in]
    ) -> Response:
        """The setup of one connection, its switch, its quota and its imports."""
        found = await detail(console.caller(session), str(connection_id))
        return console.pages.page(
            request,
            session,
            "connection.html",
            detail=found,
            connection_id=str(connection_id),
            name=_name(found.connection.value, connection_id),
            request_key=new_id(),
        )

    @router.get("/connections/{connection_id}/settings")
    async def settings_page(
        request: Request, connection_id: UUID, session: Annotated[Session, signed_in]
    ) -> Response:
        """The newest settings and field mappings, to read."""
        caller = console.caller(session)
        named, part = await asyncio.gather(
            read_connection(caller, str(connection_id)), settings(caller, str(connection_id))
        )
        values = _about(console, named, connection_id, part)
        return console.pages.page(request, session, "settings.html", **values)

    return router


def _list_pages(console: Console) -> APIRouter:
    router = APIRouter(route_class=page_route(console))
    signed_in = Depends(console.person)

    def add(name: str) -> None:
        @router.get(f"/connections/{{connection_id}}/{name}", name=f"{name}_page")
        async def list_page(
            request: Request,
            connection_id: UUID,
            session: Annotated[Session, signed_in],
            cursor: Cursor = "",
        ) -> Response:
            """One page of a list of this connection."""
            caller = console.caller(session)
            named, part = await asyncio.gather(
                read_connection(caller, str(connection_id)),
                LISTS[name](caller, str(connection_id), cursor),
            )
            values = _about(console, named, connection_id, part, cursor=cursor)
            template = f"{name.replace('-', '_')}.html"
            return console.pages.page(request, session, template, **values)

    for name in LISTS:
        add(name)
    return router


def _record_pages(console: Console) -> APIRouter:
    router = APIRouter(route_class=page_route(console))
    signed_in = Depends(console.person)

    @router.get("/connections/{connection_id}/records/{link_id}")
    async def record_page(
        request: Request,
        connection_id: UUID,
        link_id: UUID,
        session: Annotated[Session, signed_in],
        cursor: Cursor = "",
    ) -> Response:
        """One pair: what both sides agree on, and everything that was written to it."""
        caller = console.caller(session)
        named, found = await asyncio.gather(
            read_connection(caller, str(connection_id)),
            record(caller, str(connection_id), str(link_id), cursor),
        )
        values = _about(console, named, connection_id, found.journal, cursor=cursor)
        return console.pages.page(request, session, "record.html", link=found.link, **values)

    return router


def _about(
    console: Console, named: Part[Connection], connection_id: UUID, part: Part[Any], **more: Any
) -> dict[str, Any]:
    """What the templates of one connection's pages share."""
    connection = named.value

    def crm_url(side: str, record_id: str) -> str:
        return record_url(connection, side, record_id, hubspot_app_url=console.hubspot_app_url)

    return {
        "part": part,
        "connection_id": str(connection_id),
        "name": _name(connection, connection_id),
        "crm_url": crm_url,
        **more,
    }


def _name(connection: Connection | None, connection_id: UUID) -> str:
    return connection.name if connection is not None else f"Connection {connection_id}"
