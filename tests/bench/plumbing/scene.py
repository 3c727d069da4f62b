"""A database and queues for one benchmark run, with what both sides of a comparison start from."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID

import aio_pika
import asyncpg
from sqlalchemy import Column, Table, Text, TextClause, func, select, text

from shared.contracts.contact_sync import RecordSynced
from shared.db.database import Database
from shared.db.provision import provision_async
from shared.db.schema import metadata_for
from shared.kernel.records import ObjectType
from shared.messaging.envelope import Envelope, envelope_for
from shared.messaging.topology import EXCHANGE, Subscription
from shared.outbox.inbox import Inbox
from shared.outbox.mail import Note, Outgoing
from shared.outbox.mailbox import Mailbox
from shared.outbox.mailbox_tables import mailbox_tables
from shared.outbox.outbox import Outbox
from shared.outbox.tables import inbox_table, outbox_table
from tests.fakes.broker import topology

SCHEMA = "bench"
QUEUE = "bench.heard"
METADATA = metadata_for(SCHEMA)
OUTBOX = outbox_table(METADATA)
INBOX = inbox_table(METADATA)
MAILBOX = mailbox_tables(METADATA)
EFFECTS = Table("effects", METADATA, Column("subject", Text, nullable=False))

CONNECTIONS = tuple(UUID(int=number) for number in range(1, 9))
LANE = "contact"
NOTED_AT_ONCE = 10_000
COUNTED_SECONDS = 10.0
"""How long a queue may take to tell that a confirmed message is in it."""

CLEARED = ("outbox", "inbox", "effects", "mailbox", "lanes", "pauses")


@dataclass(frozen=True, slots=True)
class Scene:
    """Both servers, an own database on one and an own namespace on the other."""

    database: Database
    database_url: str
    admin_url: str
    amqp_url: str
    namespace: str

    @property
    def outbox(self) -> Outbox:
        """The outbox of the service that is measured."""
        return Outbox(OUTBOX, source=SCHEMA)

    @property
    def inbox(self) -> Inbox:
        """Its inbox."""
        return Inbox(INBOX)

    @property
    def mailbox(self) -> Mailbox:
        """Its mailbox."""
        return Mailbox(MAILBOX)

    @property
    def exchange(self) -> str:
        """Where events are published."""
        return self.namespace + EXCHANGE

    @property
    def queue(self) -> str:
        """The quorum queue that they go to."""
        return self.namespace + QUEUE

    async def clear(self) -> None:
        """Empties tables and queue, and gives the tables to the planner as they are then."""
        async with await aio_pika.connect(self.amqp_url) as connection:
            queue = await (await connection.channel()).get_queue(self.queue, ensure=False)
            await queue.purge()
        async with self.database.begin() as conn:
            names = ", ".join(f"{SCHEMA}.{name}" for name in CLEARED)
            await conn.exec_driver_sql(f"TRUNCATE {names}")

    async def settle(self) -> None:
        """What autovacuum and the checkpointer would do in the middle of a run is done before."""
        admin = await asyncpg.connect(self.admin_url)
        try:
            for name in CLEARED:
                await admin.execute(f"VACUUM ANALYZE {SCHEMA}.{name}")
            await admin.execute("CHECKPOINT")
        finally:
            await admin.close()

    async def rows(self, table: Table) -> int:
        """How many rows a table has."""
        async with self.database.begin() as conn:
            return (await conn.execute(select(func.count()).select_from(table))).scalar_one()

    async def queued(self, expected: int) -> int:
        """How many messages the queue holds; it counts a little later than it confirms."""
        async with await aio_pika.connect(self.amqp_url) as connection:
            channel = await connection.channel()
            until = asyncio.get_running_loop().time() + COUNTED_SECONDS
            while True:
                told = (await channel.declare_queue(self.queue, passive=True)).declaration_result
                found = told.message_count or 0
                if found >= expected or asyncio.get_running_loop().time() > until:
                    return found
                await asyncio.sleep(0.05)


@asynccontextmanager
async def opened(admin_url: str, amqp_url: str) -> AsyncIterator[Scene]:
    """A scene of its own; database, role and queues are gone at the end."""
    name = f"bench_{uuid.uuid4().hex[:12]}"
    urls = await provision_async(admin_url, database=name, passwords={SCHEMA: "p"})
    database = Database.connect(urls[SCHEMA], application=SCHEMA)
    namespace = f"{name}."
    own_admin_url = urlsplit(admin_url)._replace(path=f"/{name}").geturl()
    try:
        async with database.begin() as conn:
            await conn.run_sync(METADATA.create_all)
        listening = Subscription(QUEUE, (RecordSynced,), _nothing)
        async with topology(amqp_url, [listening], namespace=namespace):
            yield Scene(database, urls[SCHEMA], own_admin_url, amqp_url, namespace)
    finally:
        await database.close()
        admin = await asyncpg.connect(admin_url)
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await admin.execute(f'DROP ROLE "{name}_{SCHEMA}"')
        await admin.close()


def outgoing(count: int, *, alternating: bool) -> list[Outgoing]:
    """Events of one connection, or of two in turns, so that no two fit into one message."""
    return [
        Outgoing(CONNECTIONS[number % 2 if alternating else 0], str(number), _event(number))
        for number in range(count)
    ]


def envelopes(events: Sequence[Outgoing]) -> list[Envelope]:
    """The same events as the broker gets to see them."""
    now = datetime.now(UTC)
    return [
        envelope_for(
            each.event,
            source=SCHEMA,
            subject=each.subject,
            connection_id=each.connection_id,
            now=now,
            traceparent=None,
        )
        for each in events
    ]


def effects() -> TextClause:
    """One row for each of `subjects`, in one statement of the same text whatever their number."""
    return text(f"INSERT INTO {SCHEMA}.effects (subject) SELECT unnest(CAST(:subjects AS text[]))")


async def noted(scene: Scene, items: int) -> None:
    """A mailbox with so many records that wait, shared evenly by all connections."""
    await scene.clear()
    for first in range(0, items, NOTED_AT_ONCE):
        notes = [
            Note(CONNECTIONS[number % len(CONNECTIONS)], LANE, "hubspot", str(number))
            for number in range(first, min(first + NOTED_AT_ONCE, items))
        ]
        async with scene.database.begin() as conn:
            await scene.mailbox.note(conn, notes)


def _event(number: int) -> RecordSynced:
    return RecordSynced(
        object_type=ObjectType.CONTACT, hubspot_id=str(number), salesforce_id=f"003A{number:011}"
    )


async def _nothing(_batch: Sequence[Envelope]) -> None:
    """Whoever measures a consumer brings a handler of its own."""
