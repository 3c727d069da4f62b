"""A clock that moves only when a test says so."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


class FakeClock:
    """The present of the stores and of both worlds."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def now(self) -> datetime:
        """The present."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Lets time pass."""
        self._now += by
