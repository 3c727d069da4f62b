"""What is measured, against what, and how: in turns, several rounds, the medians compared."""

import statistics
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from tests.bench.plumbing import bare, claiming, consuming, relaying
from tests.bench.plumbing.scene import Run, Scene

Timed = Callable[[Scene, int], Awaitable[Run]]


@dataclass(frozen=True, slots=True)
class Measurement:
    """A part of the product, the bare libraries that it is held against, and the least ratio."""

    name: str
    unit: str
    ours: Timed
    bare: Timed
    items: int
    bare_items: int
    target: float | None
    """None where there is nothing to reach: for comparison only."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A measurement and its runs, in the order in which they took turns."""

    measurement: Measurement
    ours: list[Run] = field(default_factory=list)
    bare: list[Run] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Our median rate for each of the bare one."""
        return median(self.ours) / median(self.bare)

    @property
    def lost(self) -> int:
        """Items that went in and did not come out; below zero when some came out twice."""
        return sum(run.items - run.arrived for run in (*self.ours, *self.bare))

    @property
    def met(self) -> bool:
        """Whether it was fast enough, and nothing was lost on the way."""
        target = self.measurement.target
        return self.lost == 0 and (target is None or self.ratio >= target)


def measurements() -> Iterator[Measurement]:
    """The four promises about speed, and what a drain pays for its leases."""
    yield Measurement(
        name="relay, one event a message / publishes, 100 in flight",
        unit="messages/s",
        ours=relaying.relay_single,
        bare=bare.publish_pipelined,
        items=10_000,
        bare_items=10_000,
        target=0.6,
    )
    yield Measurement(
        name="relay, 100 events a message / publishes one by one",
        unit="events/s",
        ours=relaying.relay_batched,
        bare=bare.publish_one_by_one,
        items=20_000,
        bare_items=2_000,
        target=10.0,
    )
    yield Measurement(
        name="consumer with inbox / consume, insert, ack",
        unit="events/s",
        ours=consuming.consume,
        bare=bare.consume,
        items=10_000,
        bare_items=10_000,
        target=0.7,
    )
    yield Measurement(
        name="8 drains / one SKIP LOCKED loop that claims and deletes",
        unit="rows/s",
        ours=claiming.claim,
        bare=partial(bare.claim, batch=claiming.BATCH),
        items=100_000,
        bare_items=100_000,
        target=0.8,
    )
    yield Measurement(
        name="8 drains / one SKIP LOCKED loop that only locks and deletes",
        unit="rows/s",
        ours=claiming.claim,
        bare=partial(bare.lock, batch=claiming.BATCH),
        items=100_000,
        bare_items=100_000,
        target=None,
    )


async def compare(scene: Scene, measurement: Measurement, *, rounds: int) -> Compared:
    """Runs both sides in turns, so that a machine that is busy for a while slows down both."""
    found = Compared(measurement)
    for _ in range(rounds):
        found.ours.append(await measurement.ours(scene, measurement.items))
        found.bare.append(await measurement.bare(scene, measurement.bare_items))
    return found


def median(runs: list[Run]) -> float:
    """The middle rate."""
    return statistics.median(run.rate for run in runs)
