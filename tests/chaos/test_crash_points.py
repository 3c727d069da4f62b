"""P3: a worker that is killed between any two steps leaves no zombie and no ghost.

A zombie is a state whose event never comes, a ghost an event whose state is not there.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.backing import Backing
from deploy.stack.process import START_SECONDS
from tests.chaos.plant import Plant, planted
from tests.chaos.plumber import TOGETHER

pytestmark = [pytest.mark.xdist_group("crash"), pytest.mark.timeout(600)]

POINTS = ("decided", "emitted", "published", "effect", "committed", "claimed", "settled")
"""After the state, after its commit, after the confirm, after the effect, after its commit (before
the ack), after the claim of a mailbox row, after its settle (before the lane is given back)."""

KILLED = -9


@pytest.fixture
async def plant(own_servers: Backing, tmp_path: Path) -> AsyncIterator[Plant]:
    async with planted(own_servers, tmp_path) as found:
        yield found


@pytest.mark.parametrize("point", POINTS)
async def test_p3_state_and_outbox_agree_when_a_worker_is_killed(
    plant: Plant, point: str, rounds: int
) -> None:
    crashes = max(1, rounds // 4)  # a message survives seven deliveries; here it may get them all
    for number in range(crashes):
        emit = f"{number}:{TOGETHER}"
        child = plant.start(f"crash-{number}", crash_at=point, emit=emit)
        assert await asyncio.to_thread(child.process.wait, START_SECONDS) == KILLED
        await agree(plant, point)
        await plant.pass_time()

    for number in range(crashes):
        plant.start(f"again-{number}", emit=f"{number}:{TOGETHER}")
        await plant.until_ready(f"again-{number}")
    await plant.audit(crashes * TOGETHER)


async def agree(plant: Plant, point: str) -> None:
    """What was decided is told, or waits to be told; and nothing else is."""
    left = await plant.left()
    told = left.outbox.keys() | left.effects.keys()
    assert told <= left.states.keys(), "a ghost"
    assert set(left.effects.values()) <= {1}
    assert left.drained.keys() <= left.effects.keys()
    untold = left.states.keys() - told  # its message is with the broker, or it is a zombie
    if point in {"decided", "emitted", "published"}:
        assert not untold
