"""A catalogue as rows: the fields of one object are one compressed JSON text.

Nothing searches in them, and an object may have 800 fields with a thousand options each: as JSONB
that is many times larger, and slower to read.
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


@dataclass(frozen=True, slots=True)
class _SalesforceObject:
    fields: tuple[SalesforceField, ...]
    pipelines: tuple[Pipeline, ...] = ()


def packed_of(catalogue: Catalogue) -> list[Packed]:
    """The rows of a catalogue, in a stable order."""
    hubspot = [
        Packed(
            Side.HUBSPOT,
            object_type.value,
            _pack(
                _HubSpotObject(
                    tuple(fields.values()),
                    catalogue.pipelines if object_type is ObjectType.DEAL else (),
                )
            ),
        )
        for object_type, fields in catalogue.hubspot.items()
    ]
    salesforce = [
        Packed(
            Side.SALESFORCE,
            name,
            _pack(
                _SalesforceObject(
                    tuple(fields.values()),
                    catalogue.record_types if name == OPPORTUNITY else (),
                )
            ),
        )
        for name, fields in catalogue.salesforce.items()
    ]
    return sorted(hubspot + salesforce)


def catalogue_of(rows: Iterable[Packed]) -> Catalogue:
    """The catalogue in some rows."""
    hubspot: dict[ObjectType, Mapping[str, HubSpotField]] = {}
    salesforce: dict[str, Mapping[str, SalesforceField]] = {}
    pipelines: tuple[Pipeline, ...] = ()
    record_types: tuple[Pipeline, ...] = ()
    for row in rows:
        text = zlib.decompress(row.content)
        if row.side == Side.HUBSPOT:
            properties = msgspec.json.decode(text, type=_HubSpotObject)
            hubspot[ObjectType(row.object_name)] = {f.name: f for f in properties.fields}
            pipelines += properties.pipelines
        else:
            described = msgspec.json.decode(text, type=_SalesforceObject)
            salesforce[row.object_name] = {f.name: f for f in described.fields}
            record_types += described.pipelines
    return Catalogue(hubspot, salesforce, pipelines, record_types)


def _pack(found: object) -> bytes:
    return zlib.compress(msgspec.json.encode(found), LEVEL)
