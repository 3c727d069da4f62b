"""P15: a database that is full, takes no writes, or has no connection left: refused, and healed.

HubSpot is told to come back; nothing that was accepted is lost, nothing that was refused is
there; readiness says why; and when the cause is gone the same process goes on.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from deploy.local.backing import Backing
from tests.chaos.door import Door, ballast, opened
from tests.chaos.plant import until
from tests.chaos.postgres import WAL_SEGMENT, no_room, postmaster

pytestmark = [pytest.mark.xdist_group("crash"), pytest.mark.timeout(600)]


@pytest.fixture
async def door(own_servers: Backing, tmp_path: Path) -> AsyncIterator[Door]:
    async with opened(own_servers, tmp_path) as found:
        await found.until_ready()
        yield found


@asynccontextmanager
async def full_disk(door: Door) -> AsyncIterator[None]:
    """No file of the server's grows any more."""
    pid = await postmaster(door.admin_url)
    size = await ballast(door.admin_url, WAL_SEGMENT)
    with no_room(pid, size):
        yield


@asynccontextmanager
async def read_only(door: Door) -> AsyncIterator[None]:
    """As a standby is, or a server whose disk was remounted."""
    await told(door, "ALTER SYSTEM SET default_transaction_read_only = on")
    await told(door, "SELECT pg_reload_conf()")
    try:
        yield
    finally:
        await told(door, "ALTER SYSTEM RESET default_transaction_read_only")
        await told(door, "SELECT pg_reload_conf()")


@asynccontextmanager
async def no_connections(door: Door) -> AsyncIterator[None]:
    """The role may have none, and lost those that it had."""
    await told(door, f'ALTER ROLE "{door.role}" CONNECTION LIMIT 0')
    await told(
        door,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "  # noqa: S608 -- our own name
        f"WHERE usename = '{door.role}'",
    )
    try:
        yield
    finally:
        await told(door, f'ALTER ROLE "{door.role}" CONNECTION LIMIT -1')


async def told(door: Door, statement: str) -> None:
    conn = await asyncpg.connect(door.admin_url)
    try:
        await conn.execute(statement)
    finally:
        await conn.close()


FAULTS = {
    "its disk is full": full_disk,
    "it is read-only": read_only,
    "too many connections": no_connections,
}


@pytest.mark.parametrize("words", FAULTS)
async def test_p15_ingress_refuses_while_the_database_cannot_store_and_heals_by_itself(
    door: Door, words: str
) -> None:
    assert await door.knock(1)
    async with FAULTS[words](door):

        async def refused() -> bool:
            await door.knock(2)
            return len(door.refused) > 2

        await until(refused)
        await door.until_not_ready(words)
    for answer in door.refused:
        problem = answer.json()
        assert answer.status_code == 503
        assert problem["type"] == "urn:causeway:problem:database-unavailable"
        assert int(answer.headers["Retry-After"]) >= 1
    assert words in door.refused[-1].json()["detail"]

    await door.until_sent(3)
    await door.until_ready()
    await door.audit()
