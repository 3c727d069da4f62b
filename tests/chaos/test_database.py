"""A Postgres that dies amid work, is full, takes no writes, or has no connection left."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.backing import Backing, Controls
from tests.chaos.plant import Plant, planted, until
from tests.chaos.postgres import kill_all, postmaster, stop_immediate

pytestmark = [pytest.mark.xdist_group("crash"), pytest.mark.timeout(900)]

WAYS = (kill_all, stop_immediate)


@pytest.fixture
def controls(own_servers: Backing) -> Controls:
    assert own_servers.controls is not None
    return own_servers.controls


@pytest.fixture
async def plant(own_servers: Backing, tmp_path: Path) -> AsyncIterator[Plant]:
    async with planted(own_servers, tmp_path) as found:
        yield found


async def test_p14_a_database_that_is_killed_again_and_again_loses_nothing(
    plant: Plant, own_servers: Backing, controls: Controls, events: int, rounds: int
) -> None:
    """Two workers with relay, consumer and drain go on by themselves, whatever the server does."""
    workers = [plant.start(f"worker-{n}") for n in range(2)]
    for n in range(2):
        await plant.until_ready(f"worker-{n}")
    share = -(-events // rounds)

    for number in range(rounds):
        before = (await plant.left()).effects.total()
        subjects = [f"{number}-{n}" for n in range(share)]
        deciding = asyncio.create_task(plant.decide(*subjects))

        async def in_flight(seen: int = before) -> bool:
            return (await plant.left()).effects.total() > seen

        await until(in_flight)
        pid = await postmaster(own_servers.database_url)
        await asyncio.to_thread(WAYS[number % len(WAYS)], pid, controls)
        await asyncio.to_thread(controls.start_postgres)
        await deciding

    await plant.finished(share * rounds)
    assert all(worker.alive() for worker in workers), "no process needs a restart"
    await plant.audit(share * rounds)
