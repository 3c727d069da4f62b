"""What a query needs to know about the org, and how it reads one field of one record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from tests.simulators.salesforce.schema.fields import Field
from tests.simulators.salesforce.schema.objects import ObjectType, object_type
from tests.simulators.salesforce.schema.people import USER
from tests.simulators.salesforce.soql.errors import no_such_field, no_such_relation
from tests.simulators.salesforce.soql.syntax import Path
from tests.simulators.salesforce.store import Record, Table

Getter = Callable[[Record], Any]
POLYMORPHIC = "Name"
"""The object that a reference to several objects seems to point at."""
NAME_FIELDS = ("id", "name", "firstname", "lastname", "email", "phone", "title", "username")
TYPE_FIELD = Field("Type", "string", "Type", length=40)
NAME_TYPE = object_type(
    POLYMORPHIC, "", [*(USER.fields[one] for one in NAME_FIELDS), TYPE_FIELD], read_only=True
)


class World(Protocol):
    """The org as the user who asks sees it."""

    def object(self, name: str) -> ObjectType | None:
        """An object with its visible fields, by its name in any case."""

    def table(self, name: str) -> Table:
        """The records of an object."""

    def record(self, record_id: str) -> Record | None:
        """Any record by its 18-character id."""

    def today(self) -> date:
        """The day it is."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A path that exists: the field at its end, its exact names, and how to read it."""

    field: Field
    names: Path
    relations: tuple[Field, ...]
    read: Getter


@dataclass(frozen=True, slots=True)
class Resolver:
    """Finds what the paths of one query mean. ``text`` is the query, for error messages."""

    world: World
    text: str

    def resolve(self, path: Path, kind: ObjectType, at: int) -> Resolved:
        """SalesforceError INVALID_FIELD when a name of the path does not exist."""
        if len(path) > 1 and path[0].lower() == kind.name.lower():
            path = path[1:]
        if len(path) == 1:
            field = kind.field(path[0])
            if field is None:
                raise no_such_field(self.text, at, path[0], kind.name)
            return Resolved(field, (field.name,), (), reader(field, kind))
        reference = kind.relationship(path[0])
        target = None if reference is None else self.target(reference)
        if reference is None or target is None:
            raise no_such_relation(self.text, at, path[0], kind.name)
        return self._through(reference, self.resolve(path[1:], target, at))

    def target(self, reference: Field) -> ObjectType | None:
        """The object that a reference leads to."""
        if len(reference.refers) > 1:
            return NAME_TYPE
        return self.world.object(reference.refers[0])

    def _through(self, reference: Field, inner: Resolved) -> Resolved:
        key = reference.name
        find = self.world.record

        def read(record: Record) -> Any:
            parent_id = record.fields.get(key)
            parent = None if parent_id is None else find(parent_id)
            return None if parent is None else inner.read(parent)

        name = reference.relationship or key
        return Resolved(inner.field, (name, *inner.names), (reference, *inner.relations), read)


def reader(field: Field, kind: ObjectType) -> Getter:
    """How to read a field of a record: compound ones are put together from their parts."""
    if field.parts:
        parts = field.parts

        def compound(record: Record) -> Any:
            values = {key: record.fields.get(name) for key, name in parts}
            return values if any(value is not None for value in values.values()) else None

        return compound
    if field is TYPE_FIELD and kind.name == POLYMORPHIC:
        return lambda record: record.object
    name = field.name
    return lambda record: record.fields.get(name)
