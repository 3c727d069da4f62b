"""The values that the simulated portal is made of."""

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Json = dict[str, Any]
Values = dict[str, str]
"""Property name -> value as stored; a property without a value is absent."""

ChangeKind = Literal["create", "update", "delete", "merge", "privacy", "associate", "restore"]


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One kind of CRM record, under all its names."""

    type_id: str
    singular: str
    plural: str
    created: str
    modified: str
    defaults: tuple[str, ...]
    """Properties of an answer to a call that names none."""
    required: tuple[tuple[str, ...], ...] = ()
    """A new record needs one of each group."""
    searched: tuple[str, ...] = ()
    """Properties that a search's ``query`` looks into."""

    def __hash__(self) -> int:
        """By its id: associations are looked up by the million."""
        return hash(self.type_id)

    @property
    def legacy(self) -> str:
        """How error texts call it: ``CONTACT``."""
        return self.singular.upper()


@dataclass(frozen=True, slots=True)
class Origin:
    """Who made a change: HubSpot's change source, the id behind it, and whether it is a person."""

    source: str
    source_id: str
    by: Literal["user", "app"]
    label: str = ""
    user_id: int | None = None


class Version(NamedTuple):
    """One entry of a property's history; ``at`` is in epoch milliseconds."""

    value: str
    at: int
    origin: Origin


@dataclass(slots=True)
class Record:
    """One CRM record, with the history of every property, oldest version first."""

    id: int
    type: ObjectType
    created_at: int
    updated_at: int
    born_at: int
    """When this id came into being; after a merge that is later than ``created_at``."""
    born_of: Origin
    """Who made this id, and with it every value that never changed since."""
    values: Values = field(default_factory=dict)
    history: dict[str, list[Version]] = field(default_factory=dict)
    """Of the properties that changed since; the others have one version (see ``versions``)."""
    archived_at: int | None = None

    def versions(self, name: str) -> list[Version]:
        """What a property has held, oldest version first; nothing for one that never had a value.

        A million records would not fit into memory with a version for each of their values.
        """
        if name in self.history:
            return self.history[name]
        if name in self.values:
            return [Version(self.values[name], self.born_at, self.born_of)]
        return []

    def note(self, name: str, version: Version) -> None:
        """A property gets another value, or none if the version's is empty."""
        if name not in self.history:
            self.history[name] = self.versions(name)
        self.history[name].append(version)
        if version.value:
            self.values[name] = version.value
        else:
            self.values.pop(name, None)

    def values_as_of(self, moment: int) -> Values | None:
        """What the record held at ``moment`` (epoch ms); None if it did not exist yet."""
        if self.born_at > moment:
            return None
        if self.updated_at <= moment:
            return self.values
        names = dict.fromkeys((*self.values, *self.history))
        found = {name: _value_at(self.versions(name), moment) for name in names}
        return {name: value for name, value in found.items() if value}


def _value_at(versions: list[Version], moment: int) -> str:
    return next((version.value for version in reversed(versions) if version.at <= moment), "")


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one record, for whoever listens (webhooks, the change log)."""

    at: int
    type: ObjectType
    record_id: int
    kind: ChangeKind
    values: Values
    """New values of the properties that changed; ``""`` for one that was cleared."""
    origin: Origin
    details: Json = field(default_factory=dict)
