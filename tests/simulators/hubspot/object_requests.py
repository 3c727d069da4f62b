"""What the calls on records have in common: whose record, which properties."""

from typing import Annotated

from fastapi import Depends, Request

from tests.simulators.hubspot.batch import OBJECT_ID
from tests.simulators.hubspot.errors import not_found, not_numeric, not_unique, unknown_type
from tests.simulators.hubspot.model import Json, ObjectType, Record
from tests.simulators.hubspot.object_types import object_type as type_called
from tests.simulators.hubspot.portal import Portal
from tests.simulators.hubspot.wire import json_body


def kind_of(object_type: str) -> ObjectType:
    """The type that a path names. HubSpotError 404 for an unknown one."""
    kind = type_called(object_type)
    if kind is None:
        raise unknown_type(object_type)
    return kind


async def kind_in_path(object_type: str) -> ObjectType:
    """The type in a route's ``{object_type}``."""
    return kind_of(object_type)


Kind = Annotated[ObjectType, Depends(kind_in_path)]
Body = Annotated[Json, Depends(json_body)]


def listed(request: Request, name: str) -> list[str]:
    """A query parameter that is repeated, joined by commas, or both."""
    values = request.query_params.getlist(name)
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def flag(request: Request, name: str) -> bool:
    """A query parameter that is ``true`` or not."""
    return request.query_params.get(name, "").lower() == "true"


def scopes_of(request: Request) -> tuple[str, ...]:
    """What the caller's token is good for."""
    found: tuple[str, ...] = request.state.scopes
    return found


def find_record(
    portal: Portal, kind: ObjectType, record_id: str, id_property: str | None = None
) -> Record:
    """A live record, also by an id that was merged away. HubSpotError 404 or 400 without it."""
    if id_property and id_property != OBJECT_ID:
        if not portal.store.unique.identifies(kind, id_property):
            raise not_unique(kind, id_property)
        record = portal.store.identify(kind, id_property, record_id)
    elif record_id.isdecimal():
        record = portal.store.resolve(kind, int(record_id))
    else:
        raise not_numeric(record_id)
    if record is None:
        raise not_found()
    return record
