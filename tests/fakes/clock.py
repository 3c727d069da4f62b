"""A clock that a test holds in its hand."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""An ordinary Monday."""


class FixedClock:
    """A Clock that stands still until it is advanced."""

    def __init__(self, start: datetime = NOON) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Moves on (never back), and answers the new present."""
        if by < timedelta(0):
            raise ValueError("Time does not run backwards here.")
        self._now += by
        return self._now
