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
    values: Values = field(default_factory=dict)
    history: dict[str, list[Version]] = field(default_factory=dict)
    archived_at: int | None = None

    def values_as_of(self, moment: int) -> Values | None:
        """What the record held at ``moment`` (epoch ms); None if it did not exist yet."""
        if self.born_at > moment:
            return None
        if self.updated_at <= moment:
            return self.values
        return {
            name: value
            for name, versions in self.history.items()
            if (value := _value_at(versions, moment))
        }


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
