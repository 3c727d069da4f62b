"""Mappings for all fields of a type that have none, added to the draft (facts: native 1.2)."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from services.mapping.api.answers import IfMatch, expected_version, refusals
from services.mapping.api.asked import Asked
from services.mapping.api.desk import Desk
from services.mapping.api.draft_views import DraftView, draft_view
from services.mapping.handlers.draft_fields import map_rest
from shared.kernel.records import ObjectType
from shared.security.tokens import Principal


class AutoMapRequest(Asked):
    """The type whose fields are mapped; `create` makes the properties that HubSpot lacks."""

    object_type: Literal[ObjectType.CONTACT, ObjectType.COMPANY, ObjectType.DEAL]
    create: bool = False


class UnmappedView(BaseModel):
    """A Salesforce field that got no mapping."""

    field: str
    why: str


class AutoMapView(BaseModel):
    """The draft afterwards, how many mappings it gained, and what was left out."""

    draft: DraftView
    added: int
    left_out: list[UnmappedView]


def field_routes(desk: Desk) -> APIRouter:
    """The route under the draft."""
    router = APIRouter()

    @router.post("/auto-map")
    async def auto_map_fields(
        connection_id: UUID,
        request: AutoMapRequest,
        principal: Annotated[Principal, Depends(desk.guard.admin)],
        response: Response,
        if_match: IfMatch = None,
    ) -> AutoMapView:
        """Maps every field to the property that is called alike, or to one that is made for it."""
        with refusals():
            mapped = await map_rest(
                desk.store,
                desk.crms,
                connection_id,
                request.object_type,
                create=request.create,
                expected=expected_version(if_match),
                author=desk.author(principal),
            )
        return AutoMapView(
            draft=draft_view(response, mapped.opened),
            added=mapped.added,
            left_out=[UnmappedView(field=field, why=why) for field, why in mapped.left_out],
        )

    return router
