"""The clock of a simulated CRM: real time, plus what a test has added to it."""

import time
from collections.abc import Callable

MILLISECONDS = 1_000


class VirtualClock:
    """Wall-clock time that can be pushed forward, never back (but by ``reset``).

    Token expiry, rate windows and index lag are all measured with it, so a test can let half an
    hour pass at once, while everything else goes on in real time.
    """

    def __init__(self, real: Callable[[], float] = time.time) -> None:
        self._real = real
        self._ahead = 0.0

    @property
    def ahead_seconds(self) -> float:
        """How far it is ahead of real time."""
        return self._ahead

    def seconds(self) -> float:
        """Seconds since 1970."""
        return self._real() + self._ahead

    def milliseconds(self) -> int:
        """Whole milliseconds since 1970."""
        return int(self.seconds() * MILLISECONDS)

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass at once. ValueError for a negative number."""
        if seconds < 0:
            raise ValueError(f"the virtual clock only moves forward, not by {seconds} s")
        self._ahead += seconds

    def reset(self) -> None:
        """Back to real time."""
        self._ahead = 0.0
