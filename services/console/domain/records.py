"""Linked records, writes of the journal, parked records, imports."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.console.domain.answers import Json, child, items, mapping, moment, text, truth, whole


@dataclass(frozen=True, slots=True)
class Link:
    """A linked pair; `base` holds what both sides agreed on, only when it was asked for."""

    id: str
    hubspot_id: str
    salesforce_id: str
    salesforce_object: str
    ambiguous: bool
    synced_at: datetime | None
    base: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class FieldWrite:
    """One field of a write; None is a blank value."""

    field: str
    before: str | None
    after: str | None
    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class Write:
    """One line of a journal: what was written where, why, and what came of it."""

    id: str
    side: str
    operation: str
    object_name: str
    hubspot_id: str
    salesforce_id: str
    fields: tuple[FieldWrite, ...]
    cause: Json
    settings_version: int | None
    status: str
    error: str
    at: datetime | None

    @property
    def record_id(self) -> str:
        """The id of the record that was written."""
        return self.hubspot_id if self.side == "hubspot" else self.salesforce_id


@dataclass(frozen=True, slots=True)
class Parked:
    """A record that waits for a person; `message` says what to do."""

    id: str
    side: str
    record_id: str
    code: str
    field: str
    message: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Import:
    """One import: how many records it has noted, and how many of them still wait."""

    id: str
    side: str
    state: str
    noted: int
    waiting: int | None
    problem: str
    started_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in the mailbox."""

    records: int
    oldest: datetime | None


def link_of(answer: object) -> Link:
    """One item of the records' list, or one record with its base."""
    json = mapping(answer)
    base = child(json, "base")
    return Link(
        id=text(json, "id"),
        hubspot_id=text(json, "hubspot_id"),
        salesforce_id=text(json, "salesforce_id"),
        salesforce_object=text(json, "salesforce_object"),
        ambiguous=truth(json, "ambiguous"),
        synced_at=moment(json, "synced_at"),
        base=tuple((name, _value(base[name])) for name in sorted(base)),
    )


def write_of(json: Json) -> Write:
    """One item of the journal of contact_sync or of activity_sync."""
    return Write(
        id=text(json, "id"),
        side=text(json, "side"),
        operation=text(json, "operation"),
        object_name=text(json, "object_name") or text(json, "kind"),
        hubspot_id=text(json, "hubspot_id"),
        salesforce_id=text(json, "salesforce_id"),
        fields=tuple(_field(written) for written in items(json.get("fields"))),
        cause=child(json, "cause"),
        settings_version=whole(json, "settings_version"),
        status=text(json, "status"),
        error=text(json, "error"),
        at=moment(json, "at"),
    )


def parked_of(json: Json) -> Parked:
    """One item of the errors, or of the activities that wait."""
    return Parked(
        id=text(json, "id"),
        side=text(json, "side"),
        record_id=text(json, "record_id"),
        code=text(json, "code"),
        field=text(json, "field"),
        message=text(json, "message"),
        at=moment(json, "at"),
    )


def imports_of(answer: object) -> tuple[Import, ...]:
    """The latest imports."""
    return tuple(
        Import(
            id=text(json, "id"),
            side=text(json, "side"),
            state=text(json, "state"),
            noted=whole(json, "noted") or 0,
            waiting=whole(json, "waiting"),
            problem=text(json, "problem"),
            started_at=moment(json, "started_at"),
        )
        for json in items(answer)
    )


def waiting_of(answer: object) -> Waiting:
    """How much waits, and since when."""
    json = mapping(answer)
    return Waiting(whole(json, "records") or 0, moment(json, "oldest"))


def _field(json: Json) -> FieldWrite:
    return FieldWrite(
        field=text(json, "field"),
        before=_value(json.get("before")),
        after=_value(json.get("after")),
        rule=text(json, "rule"),
        why=text(json, "why"),
    )


def _value(value: object) -> str | None:
    """A value as the page shows it; what is not a plain value is shown as its JSON-like text."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | list):
        return repr(value)
    return str(value)
