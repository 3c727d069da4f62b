"""Days and moments: read as either side spells them, and one turned into the other."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

EPOCH_MILLISECONDS_DIGITS = 11
"""HubSpot spells times as ISO text or as epoch milliseconds; a year has at most four digits."""


def day(text: str, time_zone: str) -> str | None:
    """The ISO date of a day, or of a moment where that zone is; None for neither."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        found = _moment(text)
    try:
        return None if found is None else found.astimezone(ZoneInfo(time_zone)).date().isoformat()
    except OverflowError:
        return None


def moment(text: str) -> str | None:
    """The ISO moment in UTC to the second; None for what is none."""
    found = _moment(text)
    return None if found is None else _spelt(found)


def first_moment(of_day: str, time_zone: str) -> str | None:
    """The moment at which a day begins where that zone is; None at the ends of the calendar.

    Where clocks skip midnight, it is the same moment: its day there is still that day.
    """
    try:
        begin = datetime.combine(date.fromisoformat(of_day), time(), ZoneInfo(time_zone))
        return _spelt(begin.astimezone(UTC))
    except OverflowError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        if text.lstrip("-").isdigit() and len(text) >= EPOCH_MILLISECONDS_DIGITS:
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _spelt(found: datetime) -> str:
    return found.replace(microsecond=0).isoformat().replace("+00:00", "Z")
