"""Dates and times as Salesforce writes them: ``2026-01-02T03:04:05.000+0000``.

All stored datetimes have this one form (UTC, whole seconds), so they sort as text.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

MILLISECONDS = 1_000
FORMAT = "%Y-%m-%dT%H:%M:%S.000+0000"
KEPT_SECONDS = 10_000
"""Texts that are kept: thousands of records are written within one second, and share its text."""
DATE_FORMAT = "%Y-%m-%d"


def stamp(milliseconds: int) -> str:
    """The text of a moment; what is below a second is cut off, as the real one does."""
    return _second(milliseconds // MILLISECONDS)


@lru_cache(maxsize=KEPT_SECONDS)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime(FORMAT)


def moment(text: str) -> datetime:
    """A moment from any ISO 8601 text; without an offset it is UTC. ValueError otherwise."""
    parsed = datetime.fromisoformat(text)
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def canonical(text: str) -> str:
    """Any ISO 8601 date and time in the one stored form. ValueError otherwise."""
    if "T" not in text:
        raise ValueError(f"{text} has no time of day")
    return moment(text).strftime(FORMAT)


def day(milliseconds: int) -> date:
    """The day of a moment, by UTC."""
    return datetime.fromtimestamp(milliseconds // MILLISECONDS, UTC).date()


def start_of(one: date) -> str:
    """The first second of a day."""
    return f"{one.isoformat()}T00:00:00.000+0000"


def end_of(one: date) -> str:
    """The last second of a day."""
    return f"{one.isoformat()}T23:59:59.000+0000"


def floor_minute(when: datetime) -> datetime:
    """The minute a moment lies in: replication windows ignore seconds (facts: section 2.4)."""
    return when.replace(second=0, microsecond=0)


def days_before(milliseconds: int, days: int) -> datetime:
    """The moment ``days`` days earlier."""
    return datetime.fromtimestamp(milliseconds / MILLISECONDS, UTC) - timedelta(days=days)
