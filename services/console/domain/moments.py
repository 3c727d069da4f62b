"""Times in words. The present is always given."""

from datetime import UTC, datetime, timedelta

_UNITS = (
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)
JUST_NOW = timedelta(seconds=45)
"""Below this, counting seconds tells a reader nothing."""


def utc(moment: datetime) -> str:
    """`24 Nov 2026, 19:40:12 UTC`."""
    return f"{moment.astimezone(UTC):%d %b %Y, %H:%M:%S} UTC"


def relative(moment: datetime, now: datetime) -> str:
    """How far away `moment` is: `just now`, `3 minutes ago`, `in 2 hours`."""
    away = moment - now
    distance = abs(away)
    if distance < JUST_NOW:
        return "just now"
    words = _counted(distance)
    return f"in {words}" if away > timedelta(0) else f"{words} ago"


def _counted(distance: timedelta) -> str:
    for length, name in _UNITS:
        if distance >= length:
            count = distance // length
            return f"{count} {name}{'' if count == 1 else 's'}"
    return "1 minute"
