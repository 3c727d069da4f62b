"""The Avro schemas of change events, which follow the fields of their objects (facts: 4.2)."""

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import fastavro

from tests.simulators.salesforce.schema.catalogue import Catalogue
from tests.simulators.salesforce.schema.fields import DEFAULT_TEXT, Field, FieldType
from tests.simulators.salesforce.schema.objects import ObjectType

Json = dict[str, Any]
SUPPORTED = frozenset({"Account", "Contact", "Lead", "Opportunity", "Task", "User"})
"""Objects whose changes can be captured; custom objects could too, if the org had any."""
LEFT_OUT = frozenset({"Id", "IsDeleted", "MasterRecordId", "SystemModstamp", "LastActivityDate"})
NAME_PARTS = ("Salutation", "FirstName", "LastName")
HEADER = "ChangeEventHeader"
CHANGE_TYPES = (
    "CREATE",
    "UPDATE",
    "DELETE",
    "UNDELETE",
    "GAP_CREATE",
    "GAP_UPDATE",
    "GAP_DELETE",
    "GAP_UNDELETE",
    "GAP_OVERFLOW",
    "SNAPSHOT",
)
TYPES: dict[FieldType, tuple[str, str]] = {
    "boolean": ("boolean", "Data:Boolean"),
    "int": ("int", "Data:Integer"),
    "double": ("double", "Data:Double"),
    "currency": ("double", "Data:Currency"),
    "percent": ("double", "Data:Percent"),
    "date": ("long", "Data:DateOnly"),
    "datetime": ("long", "Data:DateTime"),
    "reference": ("string", "ForeignKey:EntityId"),
    "email": ("string", "Data:Email"),
    "phone": ("string", "Data:Phone"),
    "url": ("string", "Data:Url"),
    "picklist": ("string", "Data:DynamicEnum"),
    "multipicklist": ("string", "Data:MultiEnum"),
}
SYSTEM_DOCS = {"CreatedDate": "CreatedDate:DateTime", "CreatedById": "CreatedBy:EntityId"}


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One value of a change event: the record's field, and its place in the event.

    ``place`` counts the fields of the schema from 0; ``nested`` those of a compound field, -1 for
    a value that stands alone.
    """

    field: Field
    column: str
    place: int
    component: str = ""
    nested: int = -1

    @property
    def long_text(self) -> bool:
        """Whether a change of it may come as a difference."""
        return self.field.type == "textarea" and self.field.length > DEFAULT_TEXT


@dataclass(frozen=True, slots=True, eq=False)
class EventSchema:
    """The schema of an object's change events as it was at one time; each is there once."""

    object: str
    id: str
    text: str
    avro: Any
    parts: tuple[Part, ...]


def header_schema() -> Json:
    """The header, in the order of the real one."""
    texts = {"type": "array", "items": "string"}
    kinds = {"type": "enum", "name": "ChangeType", "symbols": list(CHANGE_TYPES)}
    fields: dict[str, Any] = {
        "entityName": "string",
        "recordIds": texts,
        "changeType": kinds,
        "changeOrigin": "string",
        "transactionKey": "string",
        "sequenceNumber": "int",
        "commitTimestamp": "long",
        "commitNumber": "long",
        "commitUser": "string",
        "nulledFields": texts,
        "diffFields": texts,
        "changedFields": texts,
    }
    listed = [{"name": name, "type": kind} for name, kind in fields.items()]
    record = {"type": "record", "name": HEADER, "fields": listed}
    return {"name": HEADER, "type": record}


def event_schema(kind: ObjectType) -> EventSchema:
    """The schema for the object as it is now; any change of its fields gives another id."""
    columns: list[Json] = [header_schema()]
    parts: list[Part] = []
    known: set[str] = set()
    for field in _shown(kind):
        columns.append(_column(kind, field, known))
        parts += _parts(kind, field, len(columns) - 1)
    name = f"{kind.name}ChangeEvent"
    record = {"type": "record", "name": name, "namespace": "com.sforce.eventbus"}
    text = json.dumps({**record, "fields": columns}, separators=(",", ":"))
    digest = hashlib.md5(text.encode(), usedforsecurity=False).digest()
    schema_id = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    avro = fastavro.parse_schema(json.loads(text))
    return EventSchema(kind.name, schema_id, text, avro, tuple(parts))


def _shown(kind: ObjectType) -> Iterable[Field]:
    """The fields that stand at the top: parts of compounds are left to those."""
    inner = {part for field in kind.fields.values() for _, part in field.parts}
    if _has_person_name(kind):
        inner |= set(NAME_PARTS)
    return (one for one in kind.fields.values() if one.name not in LEFT_OUT | inner)


def _has_person_name(kind: ObjectType) -> bool:
    return kind.field("LastName") is not None


def _components(kind: ObjectType, field: Field) -> list[tuple[str, Field]]:
    """Name and field of each part of a compound; none for a simple field."""
    if field.name == "Name" and _has_person_name(kind):
        found = [(name, kind.field(name)) for name in NAME_PARTS]
    else:
        found = [(key[0].upper() + key[1:], kind.field(name)) for key, name in field.parts]
    return [(name, one) for name, one in found if one is not None]


def _column(kind: ObjectType, field: Field, known: set[str]) -> Json:
    shape: list[Any] = ["null"]
    doc = SYSTEM_DOCS.get(field.name, TYPES.get(field.type, ("string", "Data:Text"))[1])
    components = _components(kind, field)
    if components:
        shape.append(_record(field, [name for name, _ in components], known))
        doc = "Data:PersonName" if field.name == "Name" else "Data:Address"
    else:
        shape.append(TYPES.get(field.type, ("string", ""))[0])
    if kind.name == "Account" and field.name == "Name":
        # An account that is a person has a structured name: clients must expect either.
        shape.append(_text_record("Switchable_PersonName", NAME_PARTS))
        doc = "Data:Switchable_PersonName"
    return {"name": field.name, "type": shape, "doc": doc, "default": None}


def _record(field: Field, names: list[str], known: set[str]) -> Any:
    """A nested record; Avro spells a type out once and then only names it."""
    name = "PersonName" if field.name == "Name" else "Address"
    if name in known:
        return name
    known.add(name)
    made = _text_record(name, names)
    if name == "Address":
        for coordinate in ("Latitude", "Longitude"):
            made["fields"].append(_nullable(coordinate, "double"))
        made["fields"].append(_nullable("GeocodeAccuracy", "string"))
    return made


def _text_record(name: str, names: Iterable[str]) -> Json:
    return {"type": "record", "name": name, "fields": [_nullable(one, "string") for one in names]}


def _nullable(name: str, kind: str) -> Json:
    return {"name": name, "type": ["null", kind], "default": None}


def _parts(kind: ObjectType, field: Field, place: int) -> list[Part]:
    components = _components(kind, field)
    if not components:
        return [Part(field, field.name, place)]
    return [
        Part(one, field.name, place, component=name, nested=number)
        for number, (name, one) in enumerate(components)
    ]


class Schemas:
    """The schemas of an org: the present ones by object, and all that ever were by id."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._present: dict[str, tuple[ObjectType, EventSchema]] = {}
        self._by_id: dict[str, EventSchema] = {}

    def of(self, object_name: str) -> EventSchema:
        """The present schema of an object. KeyError when there is no such object."""
        kind = self._catalogue.get(object_name)
        if kind is None:
            raise KeyError(object_name)
        known = self._present.get(kind.name)
        if known is None or known[0] is not kind:
            known = (kind, event_schema(kind))
            self._present[kind.name] = known
            self._by_id[known[1].id] = known[1]
        return known[1]

    def by_id(self, schema_id: str) -> EventSchema | None:
        """A schema that an event was or would be written with."""
        return self._by_id.get(schema_id)
