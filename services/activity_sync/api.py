"""Routes of activity_sync: what crossed over, and what waits."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.activity_sync.handlers.views import Views
from shared.web.guard import Guard
from shared.web.paging import Page, decode_place, encode_cursor

PAGE_LIMIT = 200
"""Longer pages are slow to read for a person and for the database alike."""


def routes(views: Views, guard: Guard) -> APIRouter:
    """All routes of the service."""
    router = APIRouter(
        prefix="/api/v1", tags=["activity_sync"], dependencies=[Depends(guard.viewer)]
    )

    @router.get("/activities")
    async def activities(
        connection_id: UUID,
        state: Literal["written", "waiting"] = "written",
        limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
        cursor: Annotated[str | None, Query(description="next_cursor of the page before")] = None,
    ) -> Page[dict[str, Any]]:
        """Writes of activities, or activities that wait, the latest first."""
        before = decode_place(cursor, UUID)[0] if cursor else None
        read = views.journal if state == "written" else views.parked
        rows = await read(connection_id, limit=limit, before=before)
        full = len(rows) == limit
        following = encode_cursor((str(rows[-1]["id"]),)) if full else None
        return Page(items=rows, next_cursor=following)

    @router.get("/activities/timeline")
    async def timeline(
        connection_id: UUID,
        contact: Annotated[str, Query(max_length=100, pattern=r"^[^\x00]+$")],
        limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
    ) -> list[dict[str, Any]]:
        """What was told in Salesforce of one HubSpot contact's events, the latest first."""
        return await views.timeline(connection_id, contact, limit=limit)

    return router
