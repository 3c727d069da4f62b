"""The fields that can be mapped, and what changed about them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.mapping.api.answers import refusals
from services.mapping.api.desk import Desk
from services.mapping.api.drift_views import DriftView
from services.mapping.api.field_views import FieldDetail, FieldsView
from services.mapping.domain.model import Catalogue, HubSpotField, SalesforceField
from services.mapping.handlers.drift import drift_of
from services.mapping.handlers.refresh import read_fields
from services.mapping.handlers.views import fields_of
from shared.kernel.records import ObjectType, Side
from shared.web.paging import decode_place, encode_cursor
from shared.web.problems import Problem

PAGE_LIMIT = 50
"""As many reports as are kept."""
LATEST = 2**63 - 1
"""The largest position that the column holds."""


def field_routes(desk: Desk) -> APIRouter:
    """Routes under /mappings/{id}/fields and /mappings/{id}/drift."""
    router = APIRouter(prefix="/mappings")
    router.include_router(_kept(desk), dependencies=[Depends(desk.guard.viewer)])

    @router.post("/{connection_id}/fields", dependencies=[Depends(desk.guard.operator)])
    async def read_fields_again(
        connection_id: UUID, object_type: ObjectType = ObjectType.CONTACT
    ) -> FieldsView:
        """Reads the fields of all objects again; needed after a field was made in a CRM."""
        with refusals():
            catalogue = await read_fields(desk.store, desk.crms, connection_id)
        return FieldsView.of(catalogue, object_type)

    return router


def _kept(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/{connection_id}/fields")
    async def read_kept_fields(
        connection_id: UUID, object_type: ObjectType = ObjectType.CONTACT
    ) -> FieldsView:
        """The fields of both sides as they were read last, without their values."""
        with refusals():
            return FieldsView.of(await fields_of(desk.store, connection_id), object_type)

    @router.get("/{connection_id}/fields/{side}/{object_name}/{name}")
    async def read_field(
        connection_id: UUID, side: Side, object_name: str, name: str
    ) -> FieldDetail:
        """One field with its values; `object_name` is a HubSpot object type or an object's name."""
        with refusals():
            catalogue = await fields_of(desk.store, connection_id)
        found = field_of(catalogue, side, object_name, name)
        if found is None:
            raise no_field(side, object_name, name)
        return FieldDetail.of(found)

    @router.get("/{connection_id}/drift")
    async def read_drift(
        connection_id: UUID,
        limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 20,
        cursor: Annotated[str | None, Query()] = None,
    ) -> DriftView:
        """What changed in the CRMs, the newest first, and which mappings it hits."""
        before = None if cursor is None else decode_place(cursor, _position)[0]
        with refusals():
            found = await drift_of(desk.store, connection_id, before=before, limit=limit)
        full = len(found.reports) == limit
        following = encode_cursor([found.reports[-1].position]) if full else None
        return DriftView.of(found.refresh, found.version, list(found.reports), following)

    return router


def field_of(
    catalogue: Catalogue, side: Side, object_name: str, name: str
) -> HubSpotField | SalesforceField | None:
    """A field by the names of its side; None when there is none that can be mapped."""
    if side is Side.SALESFORCE:
        return catalogue.fields(object_name).get(name)
    kinds = [kind for kind in ObjectType if kind.value == object_name]
    return catalogue.properties(kinds[0]).get(name) if kinds else None


def no_field(side: Side, object_name: str, name: str) -> Problem:
    """404: nobody saw that field when the fields were read last."""
    return Problem(
        404,
        type="unknown-field",
        title="No such field",
        detail=f"When the fields were read last, {side} had no field {name} on {object_name}. "
        "The list of fields shows which there are; read them again if it was made since.",
    )


def _position(text: str) -> int:
    """A place in the reports; ValueError for any other text."""
    number = int(text)
    if not 0 <= number <= LATEST:
        raise ValueError("no position")
    return number
