"""Tasks for the tests of the domain."""

from datetime import UTC, datetime, timedelta

from services.activity_sync.domain.task import Task
from shared.kernel.records import Side

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
USUAL: dict[str, str | None] = {
    "subject": "Call",
    "body": None,
    "status": "NOT_STARTED",
    "priority": "MEDIUM",
    "due": "2026-12-01",
}


def hubspot(minute: int = 0, **fields: str | None) -> Task:
    """A HubSpot task changed that many minutes after noon."""
    at = NOON + timedelta(minutes=minute)
    return Task(Side.HUBSPOT, "h1", {**USUAL, **fields}, {}, at, ("101",))


def salesforce(minute: int = 0, **fields: str | None) -> Task:
    """A Salesforce task changed that many minutes after noon."""
    at = NOON + timedelta(minutes=minute)
    return Task(Side.SALESFORCE, "00T1", {**USUAL, **fields}, {}, at, ("003A",))
