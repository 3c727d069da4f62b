"""Records as HubSpot answers them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared.crm.answers import Json, member, members, text

UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for a time that HubSpot left out or that cannot be read."""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One value that a property had; `timestamp` is None when it cannot be read."""

    value: str | None
    timestamp: datetime | None
    source_type: str
    source_id: str


@dataclass(frozen=True, slots=True)
class HubSpotRecord:
    """One record. Property values are text or None; `history` is newest first.

    `updated_at` is 1970-01-01 when HubSpot gave no readable time.
    """

    id: str
    properties: dict[str, str | None]
    updated_at: datetime
    archived: bool
    history: dict[str, tuple[HistoryEntry, ...]] = field(default_factory=dict)


def record_of(found: Json) -> HubSpotRecord:
    """The record in one item of `results`."""
    return HubSpotRecord(
        id=text(found, "id"),
        properties={
            name: None if value is None else _text(value)
            for name, value in member(found, "properties").items()
        },
        updated_at=time_of(found.get("updatedAt")) or UNKNOWN_TIME,
        archived=found.get("archived") is True,
        history=_history(member(found, "propertiesWithHistory")),
    )


def time_of(found: object) -> datetime | None:
    """A time in ISO 8601 or in milliseconds, as an aware datetime in UTC; None if it is neither."""
    try:
        if isinstance(found, int) and not isinstance(found, bool):
            return datetime.fromtimestamp(found / 1000, UTC)
        if isinstance(found, str) and found.isdigit():
            return datetime.fromtimestamp(int(found) / 1000, UTC)
        parsed = datetime.fromisoformat(found) if isinstance(found, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    if parsed is None:
        return None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _history(found: Mapping[str, object]) -> dict[str, tuple[HistoryEntry, ...]]:
    return {
        name: tuple(
            HistoryEntry(
                value=None if entry.get("value") is None else _text(entry["value"]),
                timestamp=time_of(entry.get("timestamp")),
                source_type=text(entry, "sourceType"),
                source_id=text(entry, "sourceId"),
            )
            for entry in members(found, name)
        )
        for name in found
    }
