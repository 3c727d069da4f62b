"""The draft of the advanced setup: read it, throw it away."""

from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.mapping.api.answers import IfMatch, expected_version, refusals
from services.mapping.api.desk import Desk
from services.mapping.api.draft_fields import field_routes
from services.mapping.api.draft_pages import draft_pages
from services.mapping.api.draft_views import DraftView, draft_view
from services.mapping.handlers.drafts import discard_draft, draft_of


def draft_routes(desk: Desk) -> APIRouter:
    """Routes under /setup/{connection_id}/draft."""
    router = APIRouter(prefix="/setup/{connection_id}")

    @router.get("/draft", dependencies=[Depends(desk.guard.viewer)])
    async def read_draft(connection_id: UUID, response: Response) -> DraftView:
        """The open draft, else the newest version, which the first change makes a draft of."""
        with refusals():
            return draft_view(response, await draft_of(desk.store, connection_id))

    @router.delete("/draft", status_code=204, dependencies=[Depends(desk.guard.admin)])
    async def throw_away(connection_id: UUID, if_match: IfMatch = None) -> None:
        """The draft is gone, the newest version stays as it is."""
        with refusals():
            expected = expected_version(if_match)
            await discard_draft(desk.store, connection_id, expected=expected)

    router.include_router(draft_pages(desk), prefix="/draft")
    router.include_router(field_routes(desk), prefix="/draft")
    return router
