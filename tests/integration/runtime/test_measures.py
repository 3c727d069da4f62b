"""Depths, waits and lost lanes, as they are told of a real database."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text, update

from shared.contracts.contact_sync import RecordSynced
from shared.db.database import Database
from shared.db.schema import metadata_for
from shared.kernel.records import ObjectType
from shared.outbox.inbox import Inbox
from shared.outbox.mail import Lane, LaneLostError, Note, Outgoing, Priority
from shared.outbox.mailbox_operations import MailboxOperations, Which
from shared.outbox.mailbox_tables import mailbox_tables
from shared.outbox.outbox import Outbox
from shared.outbox.tables import inbox_table, outbox_table
from shared.runtime.depths import Depths
from shared.runtime.mailroom import MeasuredMailbox
from shared.telemetry.metrics import Metrics

METADATA = metadata_for("measured")
TABLES = mailbox_tables(METADATA)
INBOX = inbox_table(METADATA)
OUTBOX = Outbox(outbox_table(METADATA), source="contact_sync")
ONE = UUID(int=1)
LEASE = timedelta(seconds=60)
WAITED = {"connection": str(ONE), "lane": "contact"}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database.connect(database_url, application="measures")
    async with opened.begin() as conn:
        await conn.execute(text("CREATE SCHEMA IF NOT EXISTS measured"))
        await conn.run_sync(METADATA.drop_all)
        await conn.run_sync(METADATA.create_all)
    yield opened
    await opened.close()


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def note(record: str, priority: int = Priority.LIVE) -> Note:
    return Note(ONE, "contact", "hubspot", record, priority)


def event(age: timedelta) -> tuple[Outgoing, datetime]:
    made = RecordSynced(object_type=ObjectType.CONTACT, hubspot_id="1", salesforce_id="003A")
    return Outgoing(ONE, "contact/1", made), datetime.now(UTC) - age


async def lane_of(mailbox: MeasuredMailbox, database: Database) -> Lane:
    async with database.begin() as conn:
        lane = await mailbox.claim_lane(conn, holder=uuid4(), lease=LEASE)
    assert lane is not None
    return lane


async def test_depths_tell_how_much_waits_and_since_when(database: Database) -> None:
    metrics = Metrics()
    mailbox = MeasuredMailbox(TABLES, metrics)
    depths = Depths(database, OUTBOX, mailbox, metrics)
    async with database.begin() as conn:
        for age in (timedelta(minutes=5), timedelta(0)):
            outgoing, now = event(age)
            await OUTBOX.add(conn, [outgoing], now=now)
        await mailbox.note(conn, [note("1"), note("2")])
        old = TABLES.mailbox.c.first_seen_at - timedelta(minutes=7)
        await conn.execute(update(TABLES.mailbox).values(first_seen_at=old))
        await depths.read(conn)

    assert value(metrics, "causeway_outbox_rows") == 2
    assert 300 <= (value(metrics, "causeway_outbox_oldest_seconds") or 0) < 400
    assert value(metrics, "causeway_mailbox_records", **WAITED) == 2
    assert 420 <= (value(metrics, "causeway_mailbox_oldest_seconds", **WAITED) or 0) < 520


async def test_parked_records_are_told_apart_from_those_that_wait(database: Database) -> None:
    metrics = Metrics()
    mailbox = MeasuredMailbox(TABLES, metrics)
    depths = Depths(database, None, mailbox, metrics)
    async with database.begin() as conn:
        await mailbox.note(conn, [note("1"), note("2"), note("3")])
        await MailboxOperations(mailbox).park(conn, Which(record_id="1"), by="ada", why="x")
        await depths.read(conn)

    assert value(metrics, "causeway_mailbox_records", **WAITED) == 2
    assert value(metrics, "causeway_mailbox_parked", **WAITED) == 1


async def test_what_became_empty_is_told_as_empty(database: Database) -> None:
    metrics = Metrics()
    mailbox = MeasuredMailbox(TABLES, metrics)
    depths = Depths(database, OUTBOX, mailbox, metrics)
    async with database.begin() as conn:
        await mailbox.note(conn, [note("1")])
        await depths.read(conn)
    lane = await lane_of(mailbox, database)
    async with database.begin() as conn:
        await mailbox.settle(conn, await mailbox.claim(conn, lane, limit=10, lease=LEASE))
        await depths.read(conn)

    assert value(metrics, "causeway_outbox_rows") == 0
    assert value(metrics, "causeway_outbox_oldest_seconds") == 0
    assert value(metrics, "causeway_mailbox_records", **WAITED) == 0
    assert value(metrics, "causeway_mailbox_oldest_seconds", **WAITED) == 0


async def test_a_settle_tells_how_long_each_change_has_waited(database: Database) -> None:
    metrics = Metrics()
    mailbox = MeasuredMailbox(TABLES, metrics)
    async with database.begin() as conn:
        await mailbox.note(conn, [note("1"), note("2", Priority.INTERACTIVE)])
        old = TABLES.mailbox.c.first_seen_at - timedelta(minutes=2)
        await conn.execute(update(TABLES.mailbox).values(first_seen_at=old))
    lane = await lane_of(mailbox, database)
    async with database.begin() as conn:
        rows = await mailbox.claim(conn, lane, limit=10, lease=LEASE)
    async with database.begin() as conn:
        await mailbox.note(conn, [note("1")])
    async with database.begin() as conn:
        assert await mailbox.settle(conn, rows) == {"2"}

    name = "causeway_change_to_settle_seconds"
    labels = {"lane": "contact", "priority": "interactive"}
    assert value(metrics, f"{name}_count", **labels) == 1
    assert 120 <= (value(metrics, f"{name}_sum", **labels) or 0) < 220
    assert value(metrics, f"{name}_count", lane="contact", priority="live") is None


async def test_a_lane_in_other_hands_is_a_conflict(database: Database) -> None:
    metrics = Metrics()
    mailbox = MeasuredMailbox(TABLES, metrics)
    async with database.begin() as conn:
        await mailbox.note(conn, [note("1")])
    lane = await lane_of(mailbox, database)
    stale = Lane(lane.connection_id, lane.lane, lane.fence - 1, lane.holder)
    with pytest.raises(LaneLostError):
        async with database.begin() as conn:
            await mailbox.claim(conn, stale, limit=1, lease=LEASE)

    assert value(metrics, "causeway_lane_conflicts_total", lane="contact") == 1


async def test_what_comes_again_is_a_duplicate_of_its_queue(database: Database) -> None:
    inbox, first, second = Inbox(INBOX), uuid4(), uuid4()
    async with database.begin() as conn:
        await inbox.first_time(conn, "one", [first])
        await inbox.first_time(conn, "one", [first, second, second])
        await inbox.first_time(conn, "two", [first])

    assert inbox.duplicates == {"one": 2, "two": 0}
