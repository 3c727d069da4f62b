"""A HubSpot timeline event as a finished Salesforce task (facts: native 6.2)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.activity_sync.domain.task import SUBJECT_LIMIT

USUAL_SUBJECT = "HubSpot form submission: {name}"
PLACEHOLDER = re.compile(r"\{(?:name|date)\}")
NAME_TOLERANCE = timedelta(seconds=5)
"""The form's name is set in the same moment as its date, give or take a rounding."""


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """Something a person did, as it was reported."""

    key: str
    kind: str
    contact_id: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """The row of the timeline table that an event falls under; empty texts: the usual ones."""

    task_type: str = ""
    subject: str = ""
    status: str = "Completed"


@dataclass(frozen=True, slots=True)
class NamedAt:
    """One entry of a property's history."""

    value: str
    at: datetime


def form_name(event: TimelineEvent, history: Sequence[NamedAt], current: str | None) -> str:
    """The form's name at the time of the event, from the property's history."""
    limit = event.occurred_at + NAME_TOLERANCE
    before = [entry for entry in history if entry.at <= limit and entry.value]
    if before:
        return max(before, key=lambda entry: entry.at).value
    return current or "unknown form"


def task_of(event: TimelineEvent, name: str, row: Row) -> dict[str, object]:
    """The fields of the Salesforce task; who it is about is added by the caller."""
    fields: dict[str, object] = {
        "Subject": subject_of(event, name, row)[:SUBJECT_LIMIT],
        "Description": f"Submitted in HubSpot at {event.occurred_at:%Y-%m-%d %H:%M} UTC.",
        "Status": row.status,
        "Priority": "Normal",
        "ActivityDate": event.occurred_at.date().isoformat(),
    }
    return {**fields, "Type": row.task_type} if row.task_type else fields


def subject_of(event: TimelineEvent, name: str, row: Row) -> str:
    """The subject with its placeholders filled in one pass: a name may look like one itself."""
    told = {"{name}": name, "{date}": event.occurred_at.date().isoformat()}
    return PLACEHOLDER.sub(lambda found: told[found[0]], row.subject or USUAL_SUBJECT)
