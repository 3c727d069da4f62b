"""A task in words that both CRMs share, and each CRM's spelling of it (facts: native 6.1).

The assignee is not carried over, as in the native integration. HubSpot has a due moment,
Salesforce a due day: they agree when the day does.
"""

from collections.abc import Mapping as Map
from dataclasses import dataclass
from datetime import UTC, datetime

from services.activity_sync.domain.markup import as_html, plain_text
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

BODY_LIMIT = 32_000
"""Salesforce's Task.Description; HubSpot's takes 65,536 characters."""

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
FIRST_STATUS = "NOT_STARTED"
USUAL_PRIORITY = "MEDIUM"
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
    """HubSpot's properties in canonical words; words that are not in the tables stay as they are.

    HubSpot's priority NONE, like none at all, is the usual one: Salesforce always has one.
    """
    priority = _text(values.get("hs_task_priority"))
    return {
        "subject": _text(values.get("hs_task_subject"), SUBJECT_LIMIT),
        "body": _text(plain_text(values.get("hs_task_body") or ""), BODY_LIMIT),
        "status": _text(values.get("hs_task_status")) or FIRST_STATUS,
        "priority": USUAL_PRIORITY if priority in (None, "NONE") else priority,
        "due": _day(values.get("hs_timestamp")),
    }


def from_salesforce(values: Map[str, object]) -> dict[str, str | None]:
    """Salesforce's fields in canonical words; an org's own statuses stay as they are."""
    status, priority = _text(values.get("Status")), _text(values.get("Priority"))
    return {
        "subject": _text(values.get("Subject"), SUBJECT_LIMIT),
        "body": _text(values.get("Description"), BODY_LIMIT),
        "status": STATUS_TO_HUBSPOT.get(status, status) if status else FIRST_STATUS,
        "priority": PRIORITY_TO_HUBSPOT.get(priority, priority) if priority else USUAL_PRIORITY,
        "due": _day(values.get("ActivityDate")),
    }


def fits(side: Side, name: str, value: str | None) -> bool:
    """Whether `side` has a word for a canonical value.

    Statuses and priorities that only one CRM knows have none, and HubSpot insists on a due
    moment (facts: hubspot-api 3).
    """
    match name:
        case "status":
            return value in STATUS_TO_SALESFORCE
        case "priority":
            return value in PRIORITY_TO_SALESFORCE
        case "due":
            return value is not None or side is Side.SALESFORCE
        case _:
            return True


def to_hubspot(fields: Fields) -> dict[str, object]:
    """The properties to write, of values that fit; a due day becomes its first moment in UTC."""
    spelt: dict[str, object] = {}
    for name, value in fields.items():
        match name:
            case "due":
                spelt["hs_timestamp"] = f"{value}T00:00:00Z"
            case "body":
                spelt["hs_task_body"] = as_html(value or "")
            case _:
                spelt[HUBSPOT_FIELDS[name]] = value or ""
    return spelt


def to_salesforce(fields: Fields) -> dict[str, object]:
    """The fields to write, of values that fit."""
    spelt: dict[str, object] = {}
    for name, value in fields.items():
        match name:
            case "status":
                spelt["Status"] = STATUS_TO_SALESFORCE[value or FIRST_STATUS]
            case "priority":
                spelt["Priority"] = PRIORITY_TO_SALESFORCE[value or USUAL_PRIORITY]
            case _:
                spelt[SALESFORCE_FIELDS[name]] = value
    return spelt


def _text(raw: object, limit: int | None = None) -> str | None:
    """Text as both CRMs keep it: they trim, so what is cut off is trimmed again."""
    text = "" if raw is None else str(raw).replace("\r\n", "\n").replace("\r", "\n").strip()
    return text[:limit].strip() or None


def _day(raw: object) -> str | None:
    text = _text(raw)
    if text is None:
        return None
    try:
        if text.isdigit():
            return datetime.fromtimestamp(int(text) / 1000, UTC).date().isoformat()
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return (moment if moment.tzinfo is None else moment.astimezone(UTC)).date().isoformat()
