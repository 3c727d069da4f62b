"""How long to wait before the next look: soon at first, then ever less often."""

from dataclasses import dataclass
from datetime import timedelta

from services.package_watcher.domain.model import TERMINAL, Installation, State

FIRST_LOOK_SECONDS = 2.0
"""A deploy of five fields is often done by then."""

SLOWEST_LOOK_SECONDS = 60.0
"""An admin who waits sees news within a minute; an hour of waiting costs under 100 calls."""

GROWTH = 1.5
"""From 2 s to 60 s within nine looks."""

LONGEST_WAIT_SECONDS = 3600.0
"""Quota or Salesforce may name a later time; an hour later it is worth asking again."""

FIRST_LOOKS = 10
"""Attempts to find out whether the package is there before anybody ordered it."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """The pauses between looks, in seconds."""

    first: float = FIRST_LOOK_SECONDS
    slowest: float = SLOWEST_LOOK_SECONDS

    def pause(self, quiet_looks: int) -> float:
        """The pause after so many looks without a change."""
        steps = min(quiet_looks, 64)  # beyond that only the float would overflow
        return float(min(self.slowest, self.first * GROWTH**steps))


def next_look(installation: Installation, cadence: Cadence, *, answered: bool) -> timedelta | None:
    """When to look again; None when nothing is left to be seen.

    `answered` tells whether the last look found anything out.
    """
    if installation.state in TERMINAL:
        return None
    if installation.state is State.ABSENT and (answered or installation.looks >= FIRST_LOOKS):
        return None
    pause = cadence.pause(installation.quiet_looks)
    return timedelta(seconds=min(LONGEST_WAIT_SECONDS, max(pause, installation.wait or 0.0)))
