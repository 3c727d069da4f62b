"""Routes of contact_sync: records, previews, journal, errors, imports."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from services.contact_sync.api.previews import preview_routes
from services.contact_sync.handlers.imports import retry_parked, start_import
from services.contact_sync.handlers.preview import Previewer
from services.contact_sync.handlers.views import Row, Views
from services.contact_sync.ports import Store
from shared.kernel.ids import IdSource
from shared.kernel.records import ObjectType, Side
from shared.web.guard import Guard
from shared.web.paging import Page, decode_place, encode_cursor
from shared.web.problems import Problem

PAGE_LIMIT = 200
"""Longer pages are slow to read for a person and for the database alike."""

Limit = Annotated[int, Query(ge=1, le=PAGE_LIMIT)]
RecordId = Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]*$")]
"""An id of either CRM; Postgres cannot hold a NUL, let alone look for one."""
Cursor = Annotated[str | None, Query(description="the next_cursor of the page before")]


class ImportRequest(BaseModel):
    """Which side's records of which type are to be looked at, all of them."""

    connection_id: UUID
    side: Side = Field(description="where the records are read: hubspot or salesforce")
    object_type: Literal["contact", "company"] = Field(
        default="contact", description="contact (leads included) or company"
    )


class RetryRequest(BaseModel):
    """The connection that a parked record belongs to."""

    connection_id: UUID


def routes(
    store: Store, views: Views, previewer: Previewer, *, guard: Guard, new_id: IdSource
) -> APIRouter:
    """All routes of the service."""
    router = APIRouter(prefix="/api/v1", tags=["contact_sync"])
    router.include_router(_reading(views), dependencies=[Depends(guard.viewer)])
    router.include_router(preview_routes(previewer, guard))
    router.include_router(_acting(store, new_id), dependencies=[Depends(guard.operator)])
    return router


def _reading(views: Views) -> APIRouter:
    router = APIRouter()

    @router.get("/records")
    async def records(
        connection_id: UUID, record: RecordId = None, limit: Limit = 50, cursor: Cursor = None
    ) -> Page[dict[str, Any]]:
        """Linked pairs, the latest synced first; `record` is an id of either side."""
        after = decode_place(cursor, _moment, UUID) if cursor else None
        rows = await views.links(connection_id, record_id=record, limit=limit, after=after)
        return _page(rows, limit)

    @router.get("/records/{link_id}")
    async def record(link_id: UUID, connection_id: UUID) -> dict[str, Any]:
        """One pair with the values that both sides agreed on."""
        found = await views.link(connection_id, link_id)
        if found is None:
            raise _unknown("record", "Look it up in the list of records of this connection.")
        return found

    @router.get("/journal")
    async def journal(
        connection_id: UUID,
        record: RecordId = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Page[dict[str, Any]]:
        """Writes to either CRM, the latest first; `record` is an id of either side."""
        rows = await views.journal(
            connection_id, record_id=record, limit=limit, before=_before(cursor)
        )
        return _page(rows, limit)

    @router.get("/errors")
    async def errors(
        connection_id: UUID, limit: Limit = 50, cursor: Cursor = None
    ) -> Page[dict[str, Any]]:
        """Records that wait for a person, with what to do."""
        rows = await views.parked(connection_id, limit=limit, before=_before(cursor))
        return _page(rows, limit)

    @router.get("/imports")
    async def imports(connection_id: UUID) -> list[dict[str, Any]]:
        """The latest imports with their progress."""
        return await views.imports(connection_id)

    @router.get("/records/waiting/{connection_id}")
    async def waiting(connection_id: UUID) -> dict[str, Any]:
        """How many records wait to be synced, and since when."""
        return await views.waiting(connection_id)

    return router


def _acting(store: Store, new_id: IdSource) -> APIRouter:
    router = APIRouter()

    @router.post("/imports", status_code=202)
    async def begin_import(request: ImportRequest) -> dict[str, Any]:
        """Looks at all records of a type on one side and syncs those that differ."""
        started = await start_import(
            store,
            import_id=new_id(),
            connection_id=request.connection_id,
            side=request.side,
            object_type=ObjectType(request.object_type),
        )
        if started is None:
            raise _unknown("connection", "Finish the setup of this connection first.")
        return {"id": started.id, "state": started.state}

    @router.post("/errors/{parked_id}/retry", status_code=202)
    async def retry(parked_id: UUID, request: RetryRequest) -> dict[str, str]:
        """Puts a parked record back, ahead of everything else."""
        if not await retry_parked(store, request.connection_id, parked_id):
            raise _unknown("error", "It may have been mended meanwhile: reload the list.")
        return {"state": "waiting"}

    return router


def _page(rows: list[Row], limit: int) -> Page[dict[str, Any]]:
    full = len(rows) == limit
    return Page(
        items=[row.fields for row in rows],
        next_cursor=encode_cursor(rows[-1].place) if full else None,
    )


def _before(cursor: str | None) -> UUID | None:
    return decode_place(cursor, UUID)[0] if cursor else None


def _moment(text: str) -> datetime:
    """A time with its zone, as ours all have; ValueError for any other text."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("outside the calendar") from None


def _unknown(thing: str, hint: str) -> Problem:
    return Problem(
        404,
        type=f"unknown-{thing}",
        title=f"No such {thing}",
        detail=f"This connection has no {thing} with that id. {hint}",
    )
