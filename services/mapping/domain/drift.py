"""What is different between two catalogues of one connection. Pure.

A difference holds both ends, so that applying it to the catalogue before gives the one after.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from services.mapping.domain.model import (
    Catalogue,
    HubSpotField,
    HubSpotFields,
    Pipeline,
    SalesforceField,
    SalesforceFields,
)
from shared.kernel.records import ObjectType, Side

OPPORTUNITY = "Opportunity"
Field = HubSpotField | SalesforceField
Fields = HubSpotFields | SalesforceFields
Item = TypeVar("Item")


class What(StrEnum):
    """What differs: a whole object that can or cannot be read now, a field, a pipeline."""

    OBJECT = "object"
    FIELD = "field"
    PIPELINE = "pipeline"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: `object_name` is HubSpot's object type or Salesforce's object.

    `name` is that of the field, the id of the pipeline or record type, "" for a whole object.
    """

    side: Side
    object_name: str
    what: What
    name: str = ""


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field before and after, None where there is none."""

    place: Place
    before: Field | None
    after: Field | None


@dataclass(frozen=True, slots=True)
class PipelineDifference:
    """A pipeline or a record type before and after, None where there is none."""

    place: Place
    before: Pipeline | None
    after: Pipeline | None


@dataclass(frozen=True, slots=True)
class ObjectDifference:
    """All fields of an object before and after, None where it could not be read."""

    place: Place
    before: Fields | None
    after: Fields | None


Difference = ObjectDifference | FieldDifference | PipelineDifference


def differences(before: Catalogue, after: Catalogue) -> tuple[Difference, ...]:
    """Everything that differs, HubSpot first, each side by object and name."""
    found: list[Difference] = []
    for object_type in ObjectType:
        place = (Side.HUBSPOT, object_type.value)
        found += _of_object(*place, before.hubspot.get(object_type), after.hubspot.get(object_type))
    found += _of_pipelines(Side.HUBSPOT, ObjectType.DEAL.value, before.pipelines, after.pipelines)
    for name in sorted({*before.salesforce, *after.salesforce}):
        found += _of_object(
            Side.SALESFORCE, name, before.salesforce.get(name), after.salesforce.get(name)
        )
    found += _of_pipelines(Side.SALESFORCE, OPPORTUNITY, before.record_types, after.record_types)
    return tuple(found)


def _of_object(
    side: Side, object_name: str, before: Fields | None, after: Fields | None
) -> Iterator[Difference]:
    if before is None and after is None:
        return
    if before is None or after is None:
        yield ObjectDifference(Place(side, object_name, What.OBJECT), before, after)
        return
    fields: tuple[Mapping[str, Field], Mapping[str, Field]] = (before, after)
    for name, old, new in _pairs(*fields):
        yield FieldDifference(Place(side, object_name, What.FIELD, name), old, new)


def _of_pipelines(
    side: Side, object_name: str, before: tuple[Pipeline, ...], after: tuple[Pipeline, ...]
) -> Iterator[Difference]:
    by_id = ({item.id: item for item in before}, {item.id: item for item in after})
    for name, old, new in _pairs(*by_id):
        yield PipelineDifference(Place(side, object_name, What.PIPELINE, name), old, new)


def _pairs(
    before: Mapping[str, Item], after: Mapping[str, Item]
) -> Iterator[tuple[str, Item | None, Item | None]]:
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old != new:
            yield name, old, new
