import asyncio
import random

import pytest
from prometheus_client import CollectorRegistry

from shared.kernel.errors import RetriableError
from shared.runtime.service import Loop
from shared.runtime.supervision import Supervisor
from shared.telemetry.metrics import Metrics, render


def seeded() -> random.Random:
    return random.Random(7)  # noqa: S311 - jitter


class World:
    """A supervisor, its stop and its hurry, and what the loops did."""

    def __init__(self) -> None:
        self.metrics = Metrics(CollectorRegistry())
        self.supervisor = Supervisor(self.metrics, jitter=seeded())
        self.stop = asyncio.Event()
        self.hurry = asyncio.Event()
        self.third_try = asyncio.Event()
        self.tries = 0

    def failures(self) -> str:
        text = render(self.metrics.registry).decode()
        return "\n".join(line for line in text.splitlines() if "failures_total{" in line)

    def failing(self, outcome: Exception | None) -> Loop:
        """Ends twice before its time, then does its work until the stop."""

        async def run(stop: asyncio.Event) -> None:
            self.tries += 1
            if self.tries > 2:
                self.third_try.set()
                await stop.wait()
            elif outcome is not None:
                raise outcome

        return Loop("drain", run)


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr("shared.runtime.supervision.FIRST_PAUSE", 0.0001)
    return World()


@pytest.mark.parametrize(
    "outcome", [RuntimeError("a bug"), RetriableError("Away.", code="database_unavailable"), None]
)
async def test_a_loop_that_ends_early_is_counted_and_started_again(
    world: World, outcome: Exception | None
) -> None:
    world.supervisor.start([world.failing(outcome)], world.stop)
    await world.third_try.wait()
    world.stop.set()
    assert await world.supervisor.finish(5.0, world.hurry) == []
    assert world.tries == 3
    assert world.failures() == 'causeway_loop_failures_total{loop="drain"} 2.0'


async def test_its_failures_do_not_disturb_its_neighbours(world: World) -> None:
    seen: list[str] = []

    async def steady(stop: asyncio.Event) -> None:
        seen.append("started")
        await stop.wait()
        seen.append("ended")

    world.supervisor.start([Loop("steady", steady), world.failing(ValueError("x"))], world.stop)
    await world.third_try.wait()
    world.stop.set()
    await world.supervisor.finish(5.0, world.hurry)
    assert seen == ["started", "ended"]


async def test_a_stop_during_the_pause_ends_the_loop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.runtime.supervision.FIRST_PAUSE", 1000.0)
    monkeypatch.setattr("shared.runtime.supervision.LONGEST_PAUSE", 1000.0)
    failed = asyncio.Event()

    async def run(_stop: asyncio.Event) -> None:
        failed.set()
        raise ValueError("x")

    world.supervisor.start([Loop("drain", run)], world.stop)
    await failed.wait()
    world.stop.set()
    assert await world.supervisor.finish(5.0, world.hurry) == []


async def test_work_in_hand_is_finished_within_the_grace(world: World) -> None:
    finished: list[str] = []
    begun = asyncio.Event()

    async def run(stop: asyncio.Event) -> None:
        begun.set()
        await stop.wait()
        await asyncio.sleep(0)
        finished.append("settled")

    world.supervisor.start([Loop("drain", run)], world.stop)
    await begun.wait()
    world.stop.set()
    assert await world.supervisor.finish(5.0, world.hurry) == []
    assert finished == ["settled"]


def endless(cleaned: list[str]) -> Loop:
    async def run(_stop: asyncio.Event) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append("released")

    return Loop("stuck", run)


async def test_what_outlasts_the_grace_is_cancelled_and_named(world: World) -> None:
    cleaned: list[str] = []
    world.supervisor.start([endless(cleaned)], world.stop)
    await asyncio.sleep(0)
    world.stop.set()
    assert await world.supervisor.finish(0.01, world.hurry) == ["stuck"]
    assert cleaned == ["released"]


async def test_a_second_signal_does_not_wait_for_the_grace(world: World) -> None:
    cleaned: list[str] = []
    world.supervisor.start([endless(cleaned)], world.stop)
    await asyncio.sleep(0)
    world.stop.set()
    world.hurry.set()
    assert await world.supervisor.finish(10_000.0, world.hurry) == ["stuck"]
    assert cleaned == ["released"]


async def test_a_loop_that_ignores_its_cancellation_does_not_hold_the_process(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.runtime.supervision.CANCEL_SECONDS", 0.01)
    release = asyncio.Event()

    async def run(_stop: asyncio.Event) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await release.wait()

    world.supervisor.start([Loop("deaf", run)], world.stop)
    await asyncio.sleep(0)
    world.stop.set()
    assert await world.supervisor.finish(0.01, world.hurry) == ["deaf"]
    release.set()


async def test_nothing_to_run_is_nothing_to_wait_for(world: World) -> None:
    assert await world.supervisor.finish(10_000.0, world.hurry) == []


@pytest.mark.parametrize(
    ("failures", "longest"),
    [(0, 0.5), (1, 1.0), (2, 2.0), (3, 4.0), (4, 5.0), (5, 5.0), (1000, 5.0)],
)
def test_p11_pauses_grow_are_jittered_and_end_at_ten_seconds(failures: int, longest: float) -> None:
    supervisor = Supervisor(Metrics(CollectorRegistry()), jitter=seeded())
    pauses = {supervisor._pause(failures) for _ in range(50)}
    assert longest / 2 <= min(pauses) < max(pauses) <= longest
