"""What a measurement is, against what it is held, and how: in turns, the medians compared."""

import statistics
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Scene = TypeVar("Scene")
"""What a benchmark starts from: its servers, and what is in them."""


@dataclass(frozen=True, slots=True)
class Run:
    """One timed run: how many items it was given, and how many came out, as counted afterwards."""

    items: int
    arrived: int
    seconds: float
    core_seconds: float | None = None
    """What the process under test had of a core meanwhile, where that is known.

    On a machine with other work it is less than ``seconds``, and says more.
    """

    @property
    def rate(self) -> float:
        """Items a second."""
        return self.items / self.seconds

    @property
    def core_rate(self) -> float:
        """Items a second of one core."""
        return self.items / (self.core_seconds or self.seconds)


@dataclass(frozen=True, slots=True)
class Measurement(Generic[Scene]):
    """A part of the product, the bare thing that it is held against, and what it must reach."""

    name: str
    unit: str
    ours: Callable[[Scene, int], Awaitable[Run]]
    bare: Callable[[Scene, int], Awaitable[Run]]
    items: int
    bare_items: int
    target: float | None = None
    """The least ratio of our rate to the bare one. None where there is none to reach."""
    least: float | None = None
    """The least rate of our own on one core. None where there is none to reach."""


@dataclass(frozen=True, slots=True)
class Compared(Generic[Scene]):
    """A measurement and its runs, in the order in which they took turns."""

    measurement: Measurement[Scene]
    ours: list[Run] = field(default_factory=list)
    bare: list[Run] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Our median rate for each of the bare one."""
        return median(self.ours) / median(self.bare)

    @property
    def core_rate(self) -> float:
        """Our median rate on one core."""
        return statistics.median(run.core_rate for run in self.ours)

    @property
    def lost(self) -> int:
        """Items that went in and did not come out; below zero when some came out twice."""
        return sum(run.items - run.arrived for run in (*self.ours, *self.bare))

    @property
    def met(self) -> bool:
        """Whether it was fast enough, and nothing was lost on the way."""
        target, least = self.measurement.target, self.measurement.least
        return (
            self.lost == 0
            and (target is None or self.ratio >= target)
            and (least is None or self.core_rate >= least)
        )


async def compare(scene: Scene, measurement: Measurement[Scene], *, rounds: int) -> Compared[Scene]:
    """Runs both sides in turns, so that a machine that is busy for a while slows down both."""
    found = Compared(measurement)
    for _ in range(rounds):
        found.ours.append(await measurement.ours(scene, measurement.items))
        found.bare.append(await measurement.bare(scene, measurement.bare_items))
    return found


def median(runs: list[Run]) -> float:
    """The middle rate."""
    return statistics.median(run.rate for run in runs)
