"""A catalogue as rows: the fields of one object are one compressed JSON text.

Nothing searches in them, and an object may have 800 fields with hundreds of options each: as JSONB
that takes five times the space, and a hundred times as long to write.
"""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from services.mapping.domain.model import (
    Catalogue,
    HubSpotField,
    Pipeline,
    SalesforceField,
    Unread,
)
from shared.kernel.records import ObjectType, Side

LEVEL = 1
"""Fastest: field names and flags repeat so much that more effort gains little."""
OPPORTUNITY = "Opportunity"


class Packed(NamedTuple):
    """One row of `catalogue_objects`, without connection and time."""

    side: str
    object_name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class _HubSpotObject:
    fields: tuple[HubSpotField, ...]
    pipelines: tuple[Pipeline, ...] = ()
    unread: str = ""


@dataclass(frozen=True, slots=True)
class _SalesforceObject:
    fields: tuple[SalesforceField, ...]
    pipelines: tuple[Pipeline, ...] = ()
    unread: str = ""


def packed_of(catalogue: Catalogue) -> list[Packed]:
    """The rows of a catalogue, in a stable order."""
    rows: list[Packed] = []
    for object_type, properties in catalogue.hubspot.items():
        pipelines = catalogue.pipelines if object_type is ObjectType.DEAL else ()
        found = _HubSpotObject(tuple(properties.values()), pipelines)
        rows.append(Packed(Side.HUBSPOT, object_type.value, _pack(found)))
    for name, fields in catalogue.salesforce.items():
        record_types = catalogue.record_types if name == OPPORTUNITY else ()
        described = _SalesforceObject(tuple(fields.values()), record_types)
        rows.append(Packed(Side.SALESFORCE, name, _pack(described)))
    for item in catalogue.unread:
        unread = _HubSpotObject((), unread=item.why)
        rows.append(Packed(item.side, item.object_name, _pack(unread)))
    return sorted(rows)


def catalogue_of(rows: Iterable[Packed]) -> Catalogue:
    """The catalogue in some rows."""
    hubspot: dict[ObjectType, Mapping[str, HubSpotField]] = {}
    salesforce: dict[str, Mapping[str, SalesforceField]] = {}
    pipelines: tuple[Pipeline, ...] = ()
    record_types: tuple[Pipeline, ...] = ()
    unread: list[Unread] = []
    for row in rows:
        text = zlib.decompress(row.content)
        if row.side == Side.HUBSPOT:
            properties = msgspec.json.decode(text, type=_HubSpotObject)
            pipelines += properties.pipelines
            why = properties.unread
            if not why:
                hubspot[ObjectType(row.object_name)] = {f.name: f for f in properties.fields}
        else:
            described = msgspec.json.decode(text, type=_SalesforceObject)
            record_types += described.pipelines
            why = described.unread
            if not why:
                salesforce[row.object_name] = {f.name: f for f in described.fields}
        if why:
            unread.append(Unread(Side(row.side), row.object_name, why))
    return Catalogue(hubspot, salesforce, pipelines, record_types, tuple(unread))


def _pack(found: object) -> bytes:
    return zlib.compress(msgspec.json.encode(found), LEVEL)
