"""What is old goes, in bites and by an index, on the tables that the services really have."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import MetaData, Select, Uuid, func, insert, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.activity_sync.store.retention import journal_kept as activity_journal_kept
from services.activity_sync.store.tables import metadata as activity_sync
from services.contact_sync.store.retention import journal_kept
from services.contact_sync.store.tables import TABLES
from services.contact_sync.store.tables import metadata as contact_sync
from services.ingress.store.retention import DELIVERIES
from services.ingress.store.tables import metadata as ingress
from services.quota.store.retention import LEASES
from services.quota.store.tables import metadata as quota
from shared.db.database import Database
from shared.db.retention import AT_ONCE, Retention, made_before, prune
from shared.kernel.ids import new_id
from shared.outbox.inbox import Inbox
from shared.runtime.upkeep import Upkeep
from shared.telemetry.metrics import Metrics

DAYS = 30
JOURNAL = journal_kept(DAYS)
ACTIVITY_JOURNAL = activity_journal_kept(DAYS)
INBOX = Inbox(TABLES.inbox).retention
SCHEMAS: tuple[MetaData, ...] = (activity_sync, contact_sync, ingress, quota)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database.connect(database_url, application="upkeep")
    async with opened.begin() as conn:
        for schema in SCHEMAS:
            await conn.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema.schema}"))
            await conn.run_sync(schema.drop_all)
            await conn.run_sync(schema.create_all)
    yield opened
    await opened.close()


def id_of_age(age: timedelta) -> UUID:
    """A UUIDv7 as it was made then (RFC 9562, section 5.7)."""
    milliseconds = int((datetime.now(UTC) - age).timestamp() * 1000)
    chance = random.getrandbits(74)
    return UUID(int=milliseconds << 80 | 7 << 76 | (chance >> 62) << 64 | 2 << 62 | chance % 2**62)


def delivery(age: timedelta, *, split: bool = True) -> dict[str, Any]:
    at = datetime.now(UTC) - age
    return {"id": uuid4(), "body": b"[]", "received_at": at, "split_at": at if split else None}


def lease(age: timedelta) -> dict[str, Any]:
    at = datetime.now(UTC) - age
    words = {"side": "salesforce", "kind": "daily", "purpose": "live", "calls": 1}
    return {"id": uuid4(), "connection_id": uuid4(), "hour": at, "expires_at": at, **words}


def handled(age: timedelta) -> dict[str, Any]:
    return {"consumer": "q", "event_id": uuid4(), "at": datetime.now(UTC) - age}


def written(age: timedelta, **more: Any) -> dict[str, Any]:
    words = {"side": "hubspot", "operation": "update", "status": "confirmed"}
    return {
        "id": id_of_age(age),
        "connection_id": uuid4(),
        "fields": [],
        "cause": {},
        **words,
        **more,
    }


@dataclass(frozen=True)
class Case:
    """Rows that stay, and rows that go."""

    retention: Retention
    stay: tuple[Mapping[str, Any], ...]
    go: tuple[Mapping[str, Any], ...]


OF_CONTACTS: dict[str, Any] = {"object_name": "contact", "settings_version": 1}
KEPT = timedelta(days=DAYS)
# Made for each test: rows that were made at import are older by the time of a long run.
CASES: dict[str, Callable[[], Case]] = {
    "deliveries": lambda: Case(
        DELIVERIES,
        (
            delivery(timedelta(days=7) - MINUTE),
            delivery(timedelta(days=70), split=False),
        ),
        (delivery(timedelta(days=7) + MINUTE),),
    ),
    "leases": lambda: Case(LEASES, (lease(HOUR - MINUTE),), (lease(HOUR + MINUTE),)),
    "inbox": lambda: Case(
        INBOX,
        (handled(timedelta(days=7)), handled(timedelta(days=8) - MINUTE)),
        (handled(timedelta(days=8) + MINUTE),),
    ),
    "journal": lambda: Case(
        JOURNAL,
        (
            written(KEPT - MINUTE, **OF_CONTACTS),
            written(KEPT * 9, status="intended", **OF_CONTACTS),
        ),
        (
            written(KEPT + MINUTE, **OF_CONTACTS),
            written(KEPT * 9, status="failed", **OF_CONTACTS),
        ),
    ),
    "journal of activities": lambda: Case(
        ACTIVITY_JOURNAL,
        (
            written(KEPT - MINUTE, kind="task"),
            written(KEPT * 9, status="intended", kind="task"),
        ),
        (written(KEPT + MINUTE, kind="task"),),
    ),
}


@pytest.mark.parametrize("name", CASES)
async def test_what_is_older_than_it_is_kept_goes(database: Database, name: str) -> None:
    case = CASES[name]()
    table = case.retention.table
    key = next(reversed(table.primary_key.columns))
    async with database.begin() as conn:
        for row in (*case.stay, *case.go):
            await conn.execute(insert(table).values(row))
        assert await prune(conn, case.retention) == len(case.go)
        left = set((await conn.execute(select(key))).scalars())
    assert left == {row[key.name] for row in case.stay}


async def test_a_journal_is_pruned_in_bites(database: Database) -> None:
    rows = [written(KEPT + HOUR, **OF_CONTACTS) for _ in range(AT_ONCE + 100)]
    async with database.begin() as conn:
        await conn.execute(insert(JOURNAL.table), rows)
        await conn.execute(insert(JOURNAL.table).values(written(HOUR, **OF_CONTACTS)))
    metrics = Metrics()
    upkeep = Upkeep(database, [JOURNAL], metrics, schema="contact_sync")

    assert [await upkeep.prune_some() for _ in range(3)] == [True, False, False]
    pruned = metrics.registry.get_sample_value("causeway_rows_pruned_total", {"table": "journal"})
    assert pruned == AT_ONCE + 100


async def test_two_processes_prune_side_by_side_and_never_wait(database: Database) -> None:
    async with database.begin() as conn:
        await conn.execute(insert(LEASES.table), [lease(HOUR * 2) for _ in range(AT_ONCE + 1)])
    async with asyncio.timeout(20), database.begin() as one, database.begin() as another:
        assert await prune(one, LEASES) == AT_ONCE
        assert await prune(another, LEASES) == 1


@pytest.mark.parametrize("retention", [DELIVERIES, LEASES, INBOX, JOURNAL, ACTIVITY_JOURNAL])
async def test_an_index_finds_what_is_old(database: Database, retention: Retention) -> None:
    query = select(retention.table).where(retention.old(func.now() - retention.keep))
    async with database.begin() as conn:
        await conn.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join((await conn.execute(text(f"EXPLAIN {spelt_out(conn, query)}"))).scalars())
    assert "Index Cond" in plan


def spelt_out(conn: AsyncConnection, query: Select[Any]) -> str:
    """As text with its values, as EXPLAIN wants it."""
    return str(query.compile(dialect=conn.dialect, compile_kwargs={"literal_binds": True}))


async def test_an_id_is_as_old_as_its_first_48_bits(database: Database) -> None:
    moment = func.now() - timedelta(days=3)
    ages = [timedelta(days=3, milliseconds=5), timedelta(days=3) - HOUR]
    ids = [*map(id_of_age, ages), new_id()]
    async with database.begin() as conn:
        old = [made_before(literal(one, Uuid), moment) for one in ids]
        row = (await conn.execute(select(*old))).one()
    assert tuple(row) == (True, False, False)


async def test_the_sizes_of_all_tables_are_told(database: Database) -> None:
    async with database.begin() as conn:
        await conn.execute(insert(LEASES.table), [lease(HOUR) for _ in range(500)])
        await conn.execute(text("ANALYZE quota.leases"))
    metrics = Metrics()
    await Upkeep(database, [], metrics, schema="quota").tell_sizes()

    def told(name: str, table: str) -> float | None:
        return metrics.registry.get_sample_value(name, {"table": table})

    assert told("causeway_table_rows", "leases") == 500
    assert (told("causeway_table_bytes", "leases") or 0) >= 500 * 16
    assert told("causeway_table_rows", "outbox") == 0
