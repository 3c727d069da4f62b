"""What an object is: its name, key prefix and fields."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.simulators.salesforce.schema.fields import Field


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One object, or what one user can see of it. Field names are found in any case."""

    name: str
    plural: str
    prefix: str
    fields: dict[str, Field]
    """By lower-case name, in the order of the describe."""
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    replicateable: bool = True
    label: str = ""

    def field(self, name: str) -> Field | None:
        """The field with this name, in any case."""
        return self.fields.get(name.lower())

    def relationship(self, name: str) -> Field | None:
        """The reference field behind a relationship such as ``Owner``."""
        wanted = name.lower()
        for field in self.fields.values():
            if field.relationship is not None and field.relationship.lower() == wanted:
                return field
        return None


def object_type(
    name: str,
    prefix: str,
    fields: Iterable[Field],
    *,
    plural: str = "",
    read_only: bool = False,
    label: str = "",
) -> ObjectType:
    """An object with these fields; a read-only one can neither be made nor changed by API."""
    return ObjectType(
        name=name,
        plural=plural or f"{label or name}s",
        prefix=prefix,
        fields={field.name.lower(): field for field in fields},
        createable=not read_only,
        updateable=not read_only,
        deletable=not read_only,
        replicateable=not read_only,
        label=label or name,
    )
