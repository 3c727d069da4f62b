"""The keys of the stored secrets change while people and processes are at work."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.connection.domain.attempt import Attempt, Departure, digest
from services.connection.domain.connection import Connection, Environment
from services.connection.store import OUTBOX, SEALED, PostgresStore
from services.connection.store.rows import context_of
from services.connection.store.tables import attempts, connections, grants
from shared.db import rotation
from shared.db.database import Database
from shared.db.rotation import Secrets, Use
from shared.kernel.ids import new_id
from shared.kernel.records import Side
from shared.outbox.outbox import Outbox
from shared.runtime.operations.keys_desk import KeyDesk, advice, by_key
from shared.security.keyring import KeyRing, generate_key
from tests.unit.connection.store_contract import grant_for

ROOT = Path(__file__).resolve().parents[3]
OLD, NEW = generate_key(), generate_key()
BEFORE = KeyRing.parse(f"k1:{OLD}")
BOTH = KeyRing.parse(f"k2:{NEW},k1:{OLD}")
ONLY_NEW = KeyRing.parse(f"k2:{NEW}")


@pytest.fixture(autouse=True)
async def nothing_stored(database: Database) -> AsyncIterator[None]:
    yield
    async with database.begin() as conn:
        await conn.execute(delete(connections))


def store_of(database: Database, ring: KeyRing) -> PostgresStore:
    return PostgresStore(database, outbox=Outbox(OUTBOX, source="connection"), ring=ring)


def desk_of(database: Database, ring: KeyRing = BOTH) -> KeyDesk:
    return KeyDesk("connection", database, Secrets(ring, SEALED))


async def connected(store: PostgresStore) -> Connection:
    """With both grants, and one link that was opened."""
    async with store.begin() as work:
        now = await work.now()
        made = Connection(new_id(), Environment.PRODUCTION, now)
        connection = await work.add_connection(made, None)
        await work.save(connection, [grant_for(connection.id, side, now) for side in Side])
        ticket, opened = digest(str(new_id())), Departure(str(new_id()), "binding", "verifier")
        end = now + timedelta(minutes=10)
        await work.add_attempt(Attempt(ticket, connection.id, Side.HUBSPOT, end))
        assert await work.depart(ticket, opened, timedelta(minutes=10)) is not None
    return connection


async def many(database: Database, rows: int) -> None:
    """Sealed grants by the hundred: connections with one side each."""
    async with database.begin() as conn:
        for _ in range(rows):
            await _one(conn)


async def _one(conn: AsyncConnection) -> None:
    connection_id, now = new_id(), func.now()
    await conn.execute(
        insert(connections).values(
            id=connection_id, environment="production", state="active", created_at=now
        )
    )
    sealed = {
        name: BEFORE.encrypt(b"secret", context=context_of(connection_id, Side.HUBSPOT, name))
        for name in ("access_token", "refresh_token")
    }
    await conn.execute(
        insert(grants).values(
            connection_id=connection_id,
            side="hubspot",
            expires_at=now,
            refreshed_at=now,
            base_url="https://api.hubapi.com",
            scopes=[],
            granted_at=now,
            generation=1,
            **sealed,
        )
    )


async def counts(database: Database) -> dict[str, int]:
    found = await desk_of(database).uses()
    return {use.key_id: use.rows for use in by_key([desk_of(database)], found)}


async def test_every_secret_is_sealed_anew_and_opens_without_the_old_key(
    database: Database,
) -> None:
    connection = await connected(store_of(database, BEFORE))
    assert await counts(database) == {"k2": 0, "k1": 5}

    done = await desk_of(database).rotate(by="ada")

    assert (done.rotated, done.changed, done.unreadable, done.left) == (5, 0, 0, ())
    assert await counts(database) == {"k2": 5, "k1": 0}
    async with store_of(database, ONLY_NEW).begin() as work:
        kept = (await work.grants([connection.id]))[connection.id]
    assert {grant.access_token for grant in kept.values()} == {"access"}
    assert {grant.broken_reason for grant in kept.values()} == {None}
    async with database.begin() as conn:
        verifier = (await conn.execute(select(attempts.c.verifier))).scalar_one()
    context = context_of(connection.id, Side.HUBSPOT, "verifier")
    assert ONLY_NEW.decrypt(verifier, context=context) == b"verifier"


async def test_a_second_run_writes_nothing(database: Database) -> None:
    await connected(store_of(database, BEFORE))
    await desk_of(database).rotate(by="ada")
    async with database.begin() as conn:
        before = (await conn.execute(select(grants.c.access_token))).scalars().all()

    done = await desk_of(database).rotate(by="ada")

    async with database.begin() as conn:
        after = (await conn.execute(select(grants.c.access_token))).scalars().all()
    assert (done.rotated, done.left) == (0, ())
    assert sorted(after) == sorted(before)


async def test_what_was_stored_meanwhile_stays(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = await connected(store_of(database, BEFORE))
    place = (connection.id, Side.HUBSPOT, "access_token")
    newer = BEFORE.encrypt(b"newer", context=context_of(*place))
    mine = (grants.c.connection_id == connection.id, grants.c.side == "hubspot")
    read = rotation._page

    async def page(*words: object) -> object:
        rows = await read(*words)  # type: ignore[arg-type]
        if words[2] is SEALED[0]:
            async with database.begin() as other:
                await other.execute(update(grants).where(*mine).values(access_token=newer))
        return rows

    monkeypatch.setattr(rotation, "_page", page)
    done = await desk_of(database).rotate(by="ada")
    monkeypatch.undo()

    assert (done.rotated, done.changed) == (4, 1)
    assert done.left == (Use("grants.access_token", "k1", 1),)
    async with database.begin() as conn:
        kept = (await conn.execute(select(grants.c.access_token).where(*mine))).scalar_one()
    assert kept == newer
    assert (await desk_of(database).rotate(by="ada")).left == ()
    async with store_of(database, ONLY_NEW).begin() as work:
        assert (await work.grants([connection.id]))[connection.id][
            Side.HUBSPOT
        ].access_token == "newer"


async def test_a_row_without_its_key_is_told_of_and_kept(database: Database) -> None:
    lost = KeyRing.parse(f"k0:{generate_key()}")
    await connected(store_of(database, lost))
    await connected(store_of(database, BEFORE))
    async with database.begin() as conn:
        before = set((await conn.execute(select(grants.c.refresh_token))).scalars())

    done = await desk_of(database).rotate(by="ada")

    assert (done.rotated, done.unreadable) == (5, 0)
    assert {use.key_id for use in done.left} == {"k0"}
    states = {
        use.key_id: use for use in by_key([desk_of(database)], await desk_of(database).uses())
    }
    assert (states["k0"].rows, states["k0"].known) == (5, False)
    assert "does not have this key" in advice(states["k0"])
    assert "may be taken out" in advice(states["k1"])
    async with database.begin() as conn:
        after = set((await conn.execute(select(grants.c.refresh_token))).scalars())
    kept = {one for one in before if one.startswith("v1.k0.")}
    assert len(kept) == 2
    assert kept < after


async def test_a_row_that_does_not_open_is_named_and_kept(database: Database) -> None:
    connection = await connected(store_of(database, BEFORE))
    elsewhere = BEFORE.encrypt(b"x", context="elsewhere")
    mine = (grants.c.connection_id == connection.id, grants.c.side == "hubspot")
    async with database.begin() as conn:
        await conn.execute(update(grants).where(*mine).values(access_token=elsewhere))

    done = await desk_of(database).rotate(by="ada")

    assert (done.rotated, done.unreadable) == (4, 1)
    assert f"connection/{connection.id}/hubspot/access_token does not open" in done.named[0]
    assert done.left == (Use("grants.access_token", "k1", 1),)
    states = {use.key_id: use for use in by_key([desk_of(database)], done.left)}
    assert "keep it" in advice(states["k1"])


async def test_killed_in_the_middle_it_goes_on_where_it_was(
    database: Database, schema_url: str, tmp_path: Path
) -> None:
    await many(database, 600)
    script = tmp_path / "rotate.py"
    script.write_text(ROTATE)
    words = [sys.executable, str(script), schema_url, f"k2:{NEW},k1:{OLD}"]
    process = await asyncio.create_subprocess_exec(
        *words,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"some\n"
    process.send_signal(signal.SIGKILL)
    await process.communicate()

    half = await counts(database)
    assert 0 < half["k2"] < 1200
    assert half["k1"] == 1200 - half["k2"]
    done = await desk_of(database).rotate(by="ada")

    assert done.rotated == half["k1"]
    assert await counts(database) == {"k2": 1200, "k1": 0}
    async with database.begin() as conn:
        for row in (await conn.execute(select(grants))).mappings():
            context = context_of(row["connection_id"], Side.HUBSPOT, "access_token")
            assert ONLY_NEW.decrypt(row["access_token"], context=context) == b"secret"


ROTATE = """
import asyncio, sys
from services.connection.store import SEALED
from shared.db.database import Database
from shared.db.rotation import Secrets
from shared.runtime.operations.keys_desk import KeyDesk
from shared.security.keyring import KeyRing

async def main():
    database = Database.connect(sys.argv[1], application="rotate")
    desk = KeyDesk("connection", database, Secrets(KeyRing.parse(sys.argv[2]), SEALED))
    told = 0
    def progress(rows):
        nonlocal told
        told += rows
        if told == 300:
            print("some", flush=True)
    await desk.rotate(by="ada", progress=progress)

asyncio.run(main())
"""
