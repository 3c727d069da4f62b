"""A Postgres that dies amid work, is full, takes no writes, or has no connection left."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from deploy.local.backing import Backing, Controls
from tests.chaos.plant import Plant, planted, until
from tests.chaos.postgres import WAL_SEGMENT, kill_all, no_room, postmaster, stop_immediate

pytestmark = [pytest.mark.xdist_group("crash"), pytest.mark.timeout(900)]

WAYS = (kill_all, stop_immediate)
CROWD = 40
"""Events of a thousand characters: more than the last page of a table has room for."""


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


async def test_p15_events_wait_for_a_consumer_whose_disk_is_full(
    plant: Plant, own_servers: Backing
) -> None:
    """Messages are held and become suspects; none is dead, and all have their effect at the end."""
    plant.start("full")
    await plant.until_ready("full")
    size = await ballast(plant)
    with no_room(await postmaster(own_servers.database_url), size):
        await plant.decide(*(f"{n:04}{'x' * 1000}" for n in range(CROWD)))
        await until(partial(told, plant, "its disk is full"))
        assert (await plant.left()).effects.total() < CROWD
    await plant.until_ready("full")
    await plant.audit(CROWD)


async def ballast(plant: Plant) -> int:
    """Fills the table of the effects, and hides that; the size of its file."""
    await plant.execute("ALTER TABLE plumber.effects SET (autovacuum_enabled = false)")
    await plant.execute(
        "INSERT INTO plumber.effects SELECT repeat('x', 1900) FROM generate_series(1, $1)",
        WAL_SEGMENT // 1900,
    )
    await plant.execute("DELETE FROM plumber.effects")
    return int(await plant.value("SELECT pg_relation_size('plumber.effects')"))


async def told(plant: Plant, words: str) -> bool:
    """Whether readiness says so of the database."""
    return words in (await plant.readiness("full")).get("plumber.database", "")
