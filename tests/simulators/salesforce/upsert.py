"""Upsert by an external id: exactly one match is updated, none creates, several are refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.simulators.salesforce.errors import SalesforceError, not_found
from tests.simulators.salesforce.schema.fields import Field
from tests.simulators.salesforce.schema.objects import ObjectType
from tests.simulators.salesforce.store import Record
from tests.simulators.salesforce.values import parse
from tests.simulators.salesforce.writer import Author, Writer


@dataclass(frozen=True, slots=True)
class Upserted:
    """The record's id, and whether it is new."""

    id: str
    created: bool


class SeveralMatchesError(SalesforceError):
    """Two or more records have the external id; nothing was written. 300 for a single record."""

    def __init__(self, field: str, records: list[Record]) -> None:
        ids = ", ".join(one.id for one in records)
        message = f"{field}: more than one record found for external id field: [{ids}]"
        super().__init__(300, "DUPLICATE_EXTERNAL_ID", message, fields=[field])
        self.records = records


def key_field(kind: ObjectType, name: str) -> Field:
    """The lookup field of this name. NOT_FOUND when it is none that upsert can use."""
    field = kind.field(name)
    if field is None or not (field.external_id or field.id_lookup):
        message = "Provided external ID field does not exist or is not accessible: " + name
        raise SalesforceError(404, "NOT_FOUND", message)
    return field


def matches(writer: Writer, kind: ObjectType, key: Field, value: Any) -> list[Record]:
    """The live records with this external id."""
    found = writer.store.table(kind.name).find(key.name, parse(key, value)) or ()
    return [one for one in found if one.deleted_at is None]


def upsert(
    writer: Writer,
    kind: ObjectType,
    *,
    key: Field,
    value: Any,
    body: Mapping[str, Any],
    author: Author,
    update_only: bool = False,
) -> Upserted:
    """Create or update; ``body`` is without the key. SalesforceError, SeveralMatchesError."""
    if value is None or not str(value).strip():
        message = f"{key.name} not specified"
        raise SalesforceError(400, "MISSING_ARGUMENT", message, fields=[key.name])
    found = matches(writer, kind, key, value)
    if len(found) > 1:
        raise SeveralMatchesError(key.name, found)
    if found:
        writer.update(found[0], body, author)
        return Upserted(found[0].id, created=False)
    if update_only:
        raise not_found()
    return Upserted(writer.insert(kind.name, {**body, key.name: value}, author), created=True)
