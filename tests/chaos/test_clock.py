"""P23: a machine's clock is wrong by minutes or by days; what goes by it, and what does not."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.backing import Backing
from deploy.stack.process import START_SECONDS
from tests.chaos.door import opened
from tests.chaos.plant import Plant, planted
from tests.chaos.plumber import TOGETHER

pytestmark = [pytest.mark.xdist_group("crash"), pytest.mark.timeout(600)]

MINUTES, WEEK = 600, 604_800
HELD_UNTIL = "SELECT extract(epoch FROM max(held_until)) FROM plumber.lanes"
TAKEN_AT = "SELECT extract(epoch FROM min(served_at)) FROM plumber.lanes"


@pytest.fixture
async def plant(own_servers: Backing, tmp_path: Path) -> AsyncIterator[Plant]:
    async with planted(own_servers, tmp_path) as found:
        yield found


async def test_p23_nobody_takes_a_lane_before_its_lease_is_over_by_the_databases_clock(
    plant: Plant,
) -> None:
    """A worker dies with the lane in its hands; the others' clocks are ahead and behind."""
    dead = plant.start("dead", crash_at="claimed", emit=f"0:{TOGETHER}")
    await asyncio.to_thread(dead.process.wait, START_SECONDS)
    until = await plant.value(HELD_UNTIL)
    for skew in (WEEK, MINUTES, -MINUTES):
        plant.start(f"skew{skew}", skew=str(skew))
    for skew in (WEEK, MINUTES, -MINUTES):
        await plant.until_ready(f"skew{skew}")
    await plant.finished(TOGETHER)

    assert await plant.value(TAKEN_AT) >= until
    await plant.audit(TOGETHER)


@pytest.mark.parametrize(
    ("skew", "code"),
    [
        (240, ""),
        (MINUTES, "timestamp-too-old"),
        (-MINUTES, "timestamp-in-future"),
        (WEEK, "timestamp-too-old"),
    ],
)
async def test_p23_webhooks_are_taken_within_five_minutes_of_the_receivers_clock(
    own_servers: Backing, tmp_path: Path, skew: int, code: str
) -> None:
    """What is refused is not stored; HubSpot brings it again when the clock is right."""
    async with opened(own_servers, tmp_path, skew=skew) as door:
        await door.until_ready()
        accepted = await door.knock(1)
        assert accepted == (not code)
        for answer in door.refused:
            assert answer.status_code == 401
            assert answer.json()["type"] == f"urn:causeway:problem:{code}"
        await door.audit()
