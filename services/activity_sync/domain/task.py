"""A task in words that both CRMs share, and each CRM's spelling of it (facts: native 6.1).

The assignee is not carried over, as in the native integration. HubSpot has a due moment,
Salesforce a due day: they agree when the day does.
"""

from collections.abc import Mapping as Map
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.kernel.records import Side

STATUS_TO_SALESFORCE = {
    "NOT_STARTED": "Not Started",
    "IN_PROGRESS": "In Progress",
    "COMPLETED": "Completed",
    "WAITING": "Waiting on someone else",
    "DEFERRED": "Deferred",
}
STATUS_TO_HUBSPOT = {there: here for here, there in STATUS_TO_SALESFORCE.items()}
PRIORITY_TO_SALESFORCE = {"HIGH": "High", "MEDIUM": "Normal", "LOW": "Low"}
PRIORITY_TO_HUBSPOT = {there: here for here, there in PRIORITY_TO_SALESFORCE.items()}

SUBJECT_LIMIT = 255
"""Salesforce's Task.Subject; HubSpot's is longer."""

HUBSPOT_FIELDS = {
    "subject": "hs_task_subject",
    "body": "hs_task_body",
    "status": "hs_task_status",
    "priority": "hs_task_priority",
    "due": "hs_timestamp",
}
SALESFORCE_FIELDS = {
    "subject": "Subject",
    "body": "Description",
    "status": "Status",
    "priority": "Priority",
    "due": "ActivityDate",
}
NAMES = tuple(HUBSPOT_FIELDS)
Fields = Map[str, str | None]


@dataclass(frozen=True, slots=True)
class Task:
    """A task on one side: canonical fields, who it is about, and the CRM's own values."""

    side: Side
    id: str
    fields: Fields
    wire: Map[str, object]
    modified_at: datetime
    person_ids: tuple[str, ...] = ()
    key: str | None = None


def from_hubspot(values: Map[str, str | None]) -> dict[str, str | None]:
    """HubSpot's properties in canonical words; unknown statuses stay as they are."""
    return {
        "subject": _text(values.get("hs_task_subject"), SUBJECT_LIMIT),
        "body": _text(values.get("hs_task_body")),
        "status": _text(values.get("hs_task_status")) or "NOT_STARTED",
        "priority": _priority(_text(values.get("hs_task_priority"))),
        "due": _day(values.get("hs_timestamp")),
    }


def from_salesforce(values: Map[str, object]) -> dict[str, str | None]:
    """Salesforce's fields in canonical words; a custom status counts as not started."""
    priority = _text(values.get("Priority")) or "Normal"
    return {
        "subject": _text(values.get("Subject"), SUBJECT_LIMIT),
        "body": _text(values.get("Description")),
        "status": STATUS_TO_HUBSPOT.get(_text(values.get("Status")) or "", "NOT_STARTED"),
        "priority": PRIORITY_TO_HUBSPOT.get(priority, "MEDIUM"),
        "due": _day(values.get("ActivityDate")),
    }


def to_hubspot(fields: Fields) -> dict[str, object]:
    """The properties to write; a due day becomes its first moment in UTC."""
    spelt: dict[str, object] = {}
    for name, value in fields.items():
        if name == "due":
            spelt["hs_timestamp"] = f"{value}T00:00:00Z" if value else ""
        else:
            spelt[HUBSPOT_FIELDS[name]] = value or ""
    return spelt


def to_salesforce(fields: Fields) -> dict[str, object]:
    """The fields to write."""
    spelt: dict[str, object] = {}
    for name, value in fields.items():
        match name:
            case "status":
                spelt["Status"] = STATUS_TO_SALESFORCE.get(value or "", "Not Started")
            case "priority":
                spelt["Priority"] = PRIORITY_TO_SALESFORCE.get(value or "", "Normal")
            case _:
                spelt[SALESFORCE_FIELDS[name]] = value
    return spelt


def _text(raw: object, limit: int | None = None) -> str | None:
    text = "" if raw is None else str(raw).strip().replace("\r\n", "\n")
    return text[:limit] or None


def _priority(raw: str | None) -> str:
    return raw if raw in PRIORITY_TO_SALESFORCE else "MEDIUM"


def _day(raw: object) -> str | None:
    text = _text(raw)
    if text is None:
        return None
    try:
        if text.isdigit():
            return datetime.fromtimestamp(int(text) / 1000, UTC).date().isoformat()
        return datetime.fromisoformat(text).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return None
