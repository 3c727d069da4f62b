"""What is sent to HubSpot in bulk."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Association:
    """A record to associate a new one with; type ids are listed in facts: hubspot-api 7."""

    to_id: str
    type_id: int
    category: str = "HUBSPOT_DEFINED"


@dataclass(frozen=True, slots=True)
class CreateInput:
    """A new record. `key` is the caller's name for it."""

    key: str
    properties: Values
    associations: tuple[Association, ...] = ()

    @property
    def fields(self) -> Collection[str]:
        """The properties that are written."""
        return self.properties.keys()


@dataclass(frozen=True, slots=True)
class UpdateInput:
    """New values of the record `id`; None clears a property."""

    key: str
    id: str
    properties: Values

    @property
    def fields(self) -> Collection[str]:
        """The properties that are written."""
        return self.properties.keys()


@dataclass(frozen=True, slots=True)
class UpsertInput:
    """A record that has `value` in the unique property of the call, new or not."""

    key: str
    value: str
    properties: Values

    @property
    def fields(self) -> Collection[str]:
        """The properties that are written."""
        return self.properties.keys()


def wire(values: Values) -> dict[str, object]:
    """Values as HubSpot takes them: None clears with "", times in UTC (facts: hubspot-api 0)."""
    return {name: _wire(value) for name, value in values.items()}


def _wire(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value
