"""The smallest service: it emits events, and writes down each one that it hears."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID, uuid4

from sqlalchemy import Column, Table, Text, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.base import Event
from shared.contracts.contact_sync import RecordSynced
from shared.contracts.mapping import SyncPaused
from shared.db.database import Database
from shared.db.schema import metadata_for
from shared.kernel.errors import FatalError
from shared.kernel.records import ObjectType
from shared.messaging.envelope import Envelope
from shared.messaging.topology import Subscription
from shared.outbox.inbox import Inbox, transactional
from shared.outbox.mail import Outgoing
from shared.outbox.mailbox import Mailbox
from shared.outbox.mailbox_tables import mailbox_tables
from shared.outbox.outbox import Outbox
from shared.outbox.tables import inbox_table, outbox_table

METADATA = metadata_for("plumbing")
OUTBOX = outbox_table(METADATA)
INBOX = inbox_table(METADATA)
MAILBOX = mailbox_tables(METADATA)
EFFECTS = Table("effects", METADATA, Column("subject", Text, nullable=False))

QUEUE = "plumbing.heard"
EVENTS: tuple[type[Event], ...] = (RecordSynced, SyncPaused)
PATIENCE = 60.0
"""Seconds; the machine may be busy."""


@dataclass(frozen=True)
class Plumbing:
    """The service over its database."""

    database: Database
    urls: dict[str, str]

    @property
    def outbox(self) -> Outbox:
        return Outbox(OUTBOX, source="plumbing")

    @property
    def inbox(self) -> Inbox:
        return Inbox(INBOX)

    @property
    def mailbox(self) -> Mailbox:
        return Mailbox(MAILBOX)

    def subscription(self, queue: str, *, poison: str = "") -> Subscription:
        """Writes one effect an event; `poison` is a bug, the subject "unreadable" is fatal."""

        async def handle(conn: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
            await conn.execute(insert(EFFECTS).values([{"subject": e.subject} for e in envelopes]))
            for envelope in envelopes:
                if poison and envelope.subject == poison:
                    raise ValueError("a bug in a handler")
                if envelope.subject == "unreadable":
                    raise FatalError("Nobody can read this.", code="unreadable")

        return Subscription(queue, EVENTS, transactional(self.database, self.inbox, queue, handle))

    async def emit(self, *subjects: str, connection: UUID | None = None) -> None:
        """Puts one event a subject into the outbox, in one transaction."""
        connection = connection or uuid4()
        async with self.database.begin() as conn:
            await self.outbox.add(conn, outgoing(connection, *subjects), now=datetime.now(UTC))

    async def effects(self) -> Counter[str]:
        """How often each subject had its effect."""
        async with self.database.begin() as conn:
            return Counter((await conn.execute(select(EFFECTS.c.subject))).scalars())

    async def rows(self, table: Table) -> int:
        """How many rows a table has."""
        async with self.database.begin() as conn:
            return (await conn.execute(select(func.count()).select_from(table))).scalar_one()


def outgoing(connection: UUID, *subjects: str) -> list[Outgoing]:
    """One event a subject."""
    synced = RecordSynced(object_type=ObjectType.CONTACT, hubspot_id="1", salesforce_id="003A")
    return [Outgoing(connection, subject, synced) for subject in subjects]


class Runs(Protocol):
    """A loop of the runtime."""

    async def run(self, stop: asyncio.Event) -> None: ...


@asynccontextmanager
async def running(*loops: Runs) -> AsyncIterator[None]:
    """Loops that are stopped in order at the end, and whose failures fail the test."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for loop in loops:
            group.create_task(loop.run(stop))
        try:
            yield
        finally:
            stop.set()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Polls a condition with a bound, where nothing can be waited for."""
    async with asyncio.timeout(PATIENCE):
        while not await condition():
            await asyncio.sleep(0.05)
