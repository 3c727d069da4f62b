"""Transactions: what commits, what is rolled back, and how failures are told."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared.db.database import Database, DatabaseUnavailableError
from tests.integration.plumbing.proxy import proxied


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database.connect(database_url, application="test", pool_size=2)
    async with opened.begin() as conn:
        await conn.execute(text("DROP TABLE IF EXISTS people"))
        await conn.execute(text("CREATE TABLE people (email text PRIMARY KEY)"))
    yield opened
    await opened.close()


async def add(database: Database, email: str) -> None:
    async with database.begin() as conn:
        await conn.execute(text("INSERT INTO people VALUES (:email)"), {"email": email})


async def count(database: Database) -> int:
    async with database.begin() as conn:
        return int((await conn.execute(text("SELECT count(*) FROM people"))).scalar_one())


async def test_a_block_that_ends_well_is_committed(database: Database) -> None:
    await add(database, "a")

    assert await count(database) == 1


async def test_a_block_that_fails_is_rolled_back(database: Database) -> None:
    async def fails() -> None:
        async with database.begin() as conn:
            await conn.execute(text("INSERT INTO people VALUES ('a')"))
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await fails()
    assert await count(database) == 0


async def test_a_statements_own_fault_keeps_values_out_of_the_error(database: Database) -> None:
    await add(database, "ada@example.com")

    with pytest.raises(IntegrityError) as refused:
        await add(database, "ada@example.com")

    told = f"{refused.value} {refused.value.__cause__} {refused.value.args}"
    assert "ada" not in told
    assert "SQLSTATE 23505, constraint people_pkey" in told


async def test_a_value_that_does_not_fit_is_not_quoted(database: Database) -> None:
    async def wrong() -> None:
        async with database.begin() as conn:
            await conn.execute(text("SELECT CAST(email || 'x' AS int) FROM people"))

    await add(database, "ada@example.com")
    with pytest.raises(DBAPIError) as refused:
        await wrong()
    assert "ada" not in str(refused.value)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("SET LOCAL statement_timeout = '1ms'; SELECT pg_sleep(1)", "took too long"),
        ("SET TRANSACTION READ ONLY; INSERT INTO people VALUES ('a')", "read-only"),
        ("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$", "disk is full"),
        ("DO $$ BEGIN RAISE SQLSTATE '53300'; END $$", "too many connections"),
        ("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$", "deadlock"),
        ("DO $$ BEGIN RAISE SQLSTATE '08006'; END $$", "connection was lost"),
    ],
)
async def test_what_a_later_try_may_get_past_is_retriable(
    database: Database, statement: str, words: str
) -> None:
    async def run() -> None:
        async with database.begin() as conn:
            for part in statement.split("; ") if statement.startswith("SET") else [statement]:
                await conn.execute(text(part))

    with pytest.raises(DatabaseUnavailableError, match=words) as failed:
        await run()
    assert failed.value.code == "database_unavailable"


async def test_p15_readiness_says_that_the_database_takes_no_writes(
    database: Database, database_url: str
) -> None:
    """Reads are answered all the same."""
    async with database.begin() as conn:
        name = database_url.rpartition("/")[2]
        await conn.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    standby = Database.connect(database_url, application="test")
    with pytest.raises(DatabaseUnavailableError, match="read-only"):
        await standby.ping()
    assert await count(standby) == 0
    await standby.close()
    async with database.begin() as conn:
        await conn.execute(text(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'))
    await database.ping()


async def test_p15_readiness_remembers_for_a_while_that_a_disk_was_full(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def write() -> None:
        async with database.begin() as conn:
            await conn.execute(text("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$"))

    await database.ping()
    with pytest.raises(DatabaseUnavailableError):
        await write()
    with pytest.raises(DatabaseUnavailableError, match="disk is full"):
        await database.ping()
    monkeypatch.setattr("shared.db.database.REFUSAL_SECONDS", 0.0)
    await database.ping()


async def test_a_lock_that_is_not_to_be_had_in_time_is_retriable(database: Database) -> None:
    async def impatient() -> None:
        async with database.begin() as conn:
            await conn.execute(text("SET LOCAL lock_timeout = '10ms'"))
            await conn.execute(text("LOCK TABLE people"))

    async with database.begin() as holder:
        await holder.execute(text("LOCK TABLE people"))
        with pytest.raises(DatabaseUnavailableError, match="lock was not to be had"):
            await impatient()


async def test_all_connections_being_busy_is_retriable(
    database: Database, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.setattr("shared.db.database.POOL_WAIT_SECONDS", 0.01)
    small = Database.connect(database_url, application="test", pool_size=1)
    async with small.begin():
        with pytest.raises(DatabaseUnavailableError, match="busy"):
            await small.ping()
    await small.close()


async def test_nobody_at_the_address_is_retriable() -> None:
    absent = Database.connect("postgresql://u:p@127.0.0.1:1/none", application="test")

    with pytest.raises(DatabaseUnavailableError, match="does not answer"):
        await absent.ping()
    await absent.close()


@pytest.mark.parametrize(
    ("user", "name", "words"),
    [("nobody_here", "postgres", "refuses this role"), ("", "no_such_database", "provision it")],
)
async def test_a_wrong_url_is_told_in_words(
    admin_url: str, user: str, name: str, words: str
) -> None:
    base = admin_url.rpartition("/")[0]
    if user:
        base = f"postgresql://{user}:wrong@{base.rpartition('@')[2]}"
    wrong = Database.connect(f"{base}/{name}", application="test")

    with pytest.raises(DatabaseUnavailableError, match=words):
        await wrong.ping()
    await wrong.close()


async def test_a_cut_connection_fails_once_and_is_replaced(
    database: Database, database_url: str
) -> None:
    async with proxied(database_url) as proxy:
        through = Database.connect(proxy.url, application="test")
        await through.ping()
        proxy.cut()
        with pytest.raises(DatabaseUnavailableError, match="lost"):
            await count(through)
        assert await count(through) == 0
        await through.close()


async def test_a_connection_cut_inside_a_transaction_is_retriable(
    database: Database, database_url: str
) -> None:
    async def cut_inside() -> None:
        async with through.begin() as conn:
            await conn.execute(text("INSERT INTO people VALUES ('a')"))
            proxy.cut()
            await conn.execute(text("INSERT INTO people VALUES ('b')"))

    async with proxied(database_url) as proxy:
        through = Database.connect(proxy.url, application="test")
        with pytest.raises(DatabaseUnavailableError):
            await cut_inside()
        await through.close()
    assert await count(database) == 0


async def test_the_connections_say_whose_they_are_and_have_timeouts(database: Database) -> None:
    names = ("application_name", "statement_timeout", "lock_timeout")
    async with database.begin() as conn:
        told = [(await conn.execute(text(f"SHOW {name}"))).scalar_one() for name in names]

    assert told == ["causeway-test", "30s", "10s"]


async def test_concurrent_transactions_share_the_pool(database: Database) -> None:
    await asyncio.gather(*(add(database, str(n)) for n in range(20)))

    assert await count(database) == 20
