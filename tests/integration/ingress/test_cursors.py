"""Polling positions and seen rows on Postgres, by the database's own clock."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, func, select, update

from services.ingress.domain.polling import PolledRow
from services.ingress.ports import Cursor
from services.ingress.store import TABLES, PostgresStore
from services.ingress.store.tables import connections, cursors, seen
from shared.db.database import Database
from shared.kernel.clock import SystemClock
from shared.kernel.records import Side
from shared.outbox.outbox import Outbox
from tests.fakes.ingress.samples import NOON, row

LEASE = timedelta(minutes=2)
NOW = timedelta(0)
PAST = timedelta(seconds=-1)
OBJECTS = ("Contact", "Lead", "Task")


@pytest.fixture
async def database(ingress_url: str) -> AsyncIterator[Database]:
    database = Database.connect(ingress_url, application="test")
    async with database.begin() as conn:
        for table in (cursors, seen, connections):
            await conn.execute(delete(table))
    yield database
    await database.close()


@pytest.fixture
def store(database: Database) -> PostgresStore:
    outbox = Outbox(TABLES.outbox, source="ingress")
    return PostgresStore(database, outbox=outbox, clock=SystemClock())


def of(connection_id: UUID, *names: str) -> list[Cursor]:
    """Salesforce cursors of one connection."""
    return [Cursor(connection_id, Side.SALESFORCE, name) for name in names]


async def ensure(store: PostgresStore, *wanted: Cursor) -> None:
    async with store.begin() as work:
        await work.cursors.ensure(wanted)


async def due(store: PostgresStore, side: Side = Side.SALESFORCE) -> list[Cursor]:
    async with store.begin() as work:
        return await work.cursors.due(side, LEASE)


async def save(store: PostgresStore, cursor: Cursor) -> Cursor:
    """Saves, and reads back."""
    async with store.begin() as work:
        await work.cursors.save(cursor)
        await work.cursors.release([cursor], PAST)
    return next(c for c in await due(store) if c.object_name == cursor.object_name)


async def unseen(store: PostgresStore, cursor: Cursor, rows: list[PolledRow]) -> list[PolledRow]:
    async with store.begin() as work:
        return await work.cursors.unseen(cursor, rows)


async def test_new_cursors_are_due_at_once_all_together(store: PostgresStore) -> None:
    one = uuid4()
    await ensure(store, *of(one, *OBJECTS), Cursor(one, Side.HUBSPOT, "tasks"))
    await ensure(store, *of(one, *OBJECTS))

    assert {cursor.object_name for cursor in await due(store)} == set(OBJECTS)
    assert [cursor.object_name for cursor in await due(store, Side.HUBSPOT)] == ["tasks"]


async def test_held_cursors_are_nobody_elses_until_they_are_released(store: PostgresStore) -> None:
    await ensure(store, *of(uuid4(), *OBJECTS))
    held = await due(store)
    assert await due(store) == []

    async with store.begin() as work:
        await work.cursors.release(held, timedelta(hours=1))
    assert await due(store) == []

    async with store.begin() as work:
        await work.cursors.release(held, PAST)
    assert len(await due(store)) == 3


async def test_cursors_that_were_woken_while_they_were_held_are_due_when_they_are_let_go(
    store: PostgresStore,
) -> None:
    """The round that an admin's reconnect met may end in a refusal that has to wait long."""
    one, other = uuid4(), uuid4()
    await ensure(store, *of(one, "Contact"))
    held = await due(store)
    await ensure(store, *of(other, "Contact"))
    other_held = await due(store)
    async with store.begin() as work:
        await work.cursors.wake(one)
    assert await due(store) == []

    async with store.begin() as work:
        await work.cursors.release([*held, *other_held], timedelta(hours=1))

    assert await due(store) == held


async def test_cursors_that_wait_are_due_once_they_are_woken(store: PostgresStore) -> None:
    one = uuid4()
    await ensure(store, *of(one, "Contact"))
    held = await due(store)
    async with store.begin() as work:
        await work.cursors.release(held, timedelta(hours=1))
    assert await due(store) == []

    async with store.begin() as work:
        await work.cursors.wake(one)

    assert await due(store) == held


async def test_a_lease_ends_by_the_databases_clock(
    store: PostgresStore, database: Database
) -> None:
    await ensure(store, *of(uuid4(), *OBJECTS))
    await due(store)
    async with database.begin() as conn:
        ended = func.now() - timedelta(seconds=1)
        await conn.execute(update(cursors).values(held_until=ended))

    assert len(await due(store)) == 3


async def test_the_connection_that_waits_longest_comes_first(store: PostgresStore) -> None:
    early, late = uuid4(), uuid4()
    await ensure(store, *of(late, *OBJECTS), *of(early, *OBJECTS))
    async with store.begin() as work:
        await work.cursors.release(of(early, *OBJECTS), timedelta(hours=-2))
        await work.cursors.release(of(late, *OBJECTS), timedelta(hours=-1))

    assert [{c.connection_id for c in await due(store)} for _ in range(2)] == [{early}, {late}]


async def test_pollers_that_come_at_once_share_and_never_wait_for_each_other(
    store: PostgresStore,
) -> None:
    wanted = {(one, name) for one in (uuid4() for _ in range(10)) for name in OBJECTS}
    for round_number in range(5):
        await ensure(store, *(Cursor(one, Side.SALESFORCE, name) for one, name in wanted))
        taken: list[Cursor] = []
        while len(taken) < len(wanted):
            found = await asyncio.gather(*(due(store) for _ in range(4)))
            taken += [cursor for part in found for cursor in part]
        assert len(taken) == len({(c.connection_id, c.object_name) for c in taken}), round_number
        async with store.begin() as work:
            await work.cursors.release(taken, PAST)


async def test_rows_that_another_poller_locks_are_left_to_it(
    store: PostgresStore, database: Database
) -> None:
    await ensure(store, *of(uuid4(), *OBJECTS))
    lead = select(cursors).where(cursors.c.object_name == "Lead").with_for_update()
    async with database.begin() as conn:
        await conn.execute(lead)
        found = await asyncio.wait_for(due(store), timeout=10)

    assert {cursor.object_name for cursor in found} == {"Contact", "Task"}


async def test_a_position_is_kept_and_never_moves_backwards(store: PostgresStore) -> None:
    (cursor,) = of(uuid4(), "Contact")
    await ensure(store, cursor)

    assert (await save(store, replace(cursor, position=NOON))).position == NOON
    earlier = replace(cursor, position=NOON - timedelta(seconds=30))
    assert (await save(store, earlier)).position == NOON
    assert (await save(store, replace(cursor, position=None))).position is None


async def test_a_state_of_a_row_is_unseen_once(store: PostgresStore) -> None:
    (cursor,) = of(uuid4(), "Contact")
    first, changed, deleted = row(), row(seconds=1), row(seconds=1, deleted=True)

    assert await unseen(store, cursor, [first, first]) == [first]
    assert await unseen(store, cursor, [first]) == []
    assert await unseen(store, cursor, [first, changed]) == [changed]
    assert await unseen(store, cursor, [deleted]) == [deleted]


async def test_seen_rows_belong_to_one_object_of_one_connection(store: PostgresStore) -> None:
    contact, lead = of(uuid4(), "Contact", "Lead")
    (other,) = of(uuid4(), "Contact")
    await unseen(store, contact, [row()])

    assert await unseen(store, lead, [row()]) == [row()]
    assert await unseen(store, other, [row()]) == [row()]


async def test_what_a_transaction_that_broke_had_seen_is_unseen(store: PostgresStore) -> None:
    (cursor,) = of(uuid4(), "Contact")

    async def breaks() -> None:
        async with store.begin() as work:
            await work.cursors.unseen(cursor, [row()])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await breaks()
    assert await unseen(store, cursor, [row()]) == [row()]


async def test_ten_thousand_rows_and_then_the_same_again(store: PostgresStore) -> None:
    (cursor,) = of(uuid4(), "Contact")
    rows = [row(f"003{number}", seconds=number / 1000) for number in range(10_000)]

    assert await unseen(store, cursor, rows) == rows
    assert await unseen(store, cursor, [*rows, row("003new")]) == [row("003new")]


async def test_old_rows_are_forgotten_and_those_of_the_overlap_are_not(
    store: PostgresStore, database: Database
) -> None:
    (cursor,) = of(uuid4(), "Contact")
    await unseen(store, cursor, [row("old", seconds=-3600), row("new", seconds=-59)])
    await unseen(store, replace(cursor, position=NOON), [])

    async with database.begin() as conn:
        kept = (await conn.execute(select(seen.c.record_id))).scalars().all()
    assert kept == ["new"]
