"""Migrations: a history a service, in its own schema, by one process at a time."""

import asyncio
import sys
from collections.abc import Iterator

import asyncpg
import pytest

from deploy.stack.environment import WITH_SCHEMA
from shared.db.database import DatabaseUnavailableError
from shared.db.migrate import ROOT, check, current, upgrade
from shared.db.provision import provision
from tests.integration.plumbing.service import PATIENCE


@pytest.fixture
def url(admin_url: str, database_name: str) -> Iterator[str]:
    url = provision(admin_url, database=database_name, passwords={"quota": "p"})["quota"]
    yield url
    asyncio.run(_empty(url))


async def _empty(url: str) -> None:
    conn = await asyncpg.connect(url)
    for row in await conn.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'quota'"):
        await conn.execute(f'DROP TABLE quota."{row["tablename"]}" CASCADE')
    await conn.close()


def test_upgrading_brings_the_tables_and_their_history_into_the_schema(url: str) -> None:
    assert current("quota", url) is None

    upgrade("quota", url)
    upgrade("quota", url)

    assert current("quota", url) is not None
    check("quota", url)


async def test_two_processes_take_turns(url: str) -> None:
    code = "import sys; from shared.db.migrate import upgrade; upgrade('quota', sys.argv[1])"
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", code, url, cwd=ROOT)
        for _ in range(2)
    ]
    async with asyncio.timeout(PATIENCE):
        assert [await process.wait() for process in processes] == [0, 0]

    assert await asyncio.to_thread(current, "quota", url) is not None


async def test_a_lock_held_by_somebody_else_is_given_up_soon(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.db.migrate.LOCK_TIMEOUT", "50ms")
    holder = await asyncpg.connect(url)
    await holder.execute("SELECT pg_advisory_lock(hashtextextended('migrate quota', 0))")

    with pytest.raises(DatabaseUnavailableError, match="lock was not to be had"):
        await asyncio.to_thread(upgrade, "quota", url)

    await holder.close()


def test_a_server_that_is_away_is_retriable() -> None:
    with pytest.raises(DatabaseUnavailableError):
        upgrade("quota", "postgresql://u:p@127.0.0.1:1/none")


@pytest.mark.parametrize("service", WITH_SCHEMA)
def test_the_history_of_each_service_ends_in_its_tables(
    admin_url: str, database_name: str, service: str
) -> None:
    url = provision(admin_url, database=database_name, passwords={service: "p"})[service]

    upgrade(service, url)

    check(service, url)
