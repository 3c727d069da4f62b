"""A mailbox with a way to let time pass: in memory, and on Postgres."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.database import Database
from shared.db.schema import metadata_for
from shared.outbox.bound import BoundMailbox
from shared.outbox.mail import Depth, Mail
from shared.outbox.mailbox import Mailbox
from shared.outbox.mailbox_operations import (
    AT_ONCE,
    Key,
    MailboxOperations,
    Step,
    Waiting,
    Which,
)
from shared.outbox.mailbox_tables import mailbox_tables
from tests.fakes.clock import FixedClock
from tests.fakes.mailbox import FakeMailbox
from tests.fakes.mailbox_operations import FakeOperations

METADATA = metadata_for("office")
TABLES = mailbox_tables(METADATA)


class Operations(Protocol):
    """What operators do, within one transaction."""

    async def page(
        self, which: Which, *, limit: int = AT_ONCE, after: Key | None = None
    ) -> list[Waiting]: ...

    async def requeue(
        self, which: Which, *, by: str, after: Key | None = None, limit: int = AT_ONCE
    ) -> Step: ...

    async def park(
        self, which: Which, *, by: str, why: str, after: Key | None = None, limit: int = AT_ONCE
    ) -> Step: ...


@dataclass(frozen=True)
class BoundOperations:
    """The real ones over a transaction."""

    operations: MailboxOperations
    conn: AsyncConnection

    async def page(
        self, which: Which, *, limit: int = AT_ONCE, after: Key | None = None
    ) -> list[Waiting]:
        return await self.operations.page(self.conn, which, limit=limit, after=after)

    async def requeue(
        self, which: Which, *, by: str, after: Key | None = None, limit: int = AT_ONCE
    ) -> Step:
        return await self.operations.requeue(self.conn, which, by=by, after=after, limit=limit)

    async def park(
        self, which: Which, *, by: str, why: str, after: Key | None = None, limit: int = AT_ONCE
    ) -> Step:
        return await self.operations.park(
            self.conn, which, by=by, why=why, after=after, limit=limit
        )


class Offices(Protocol):
    """What the contract suite needs of a mailbox."""

    def begin(self) -> AbstractAsyncContextManager[Mail]: ...

    async def advance(self, by: timedelta) -> None: ...

    async def now(self) -> datetime: ...

    async def depth(self) -> list[Depth]: ...

    def desk(self) -> AbstractAsyncContextManager[Operations]: ...


@dataclass
class InMemory:
    """The fake."""

    mailbox: FakeMailbox
    clock: FixedClock

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Mail]:
        yield self.mailbox

    async def advance(self, by: timedelta) -> None:
        self.clock.advance(by)

    async def now(self) -> datetime:
        return self.clock.now()

    async def depth(self) -> list[Depth]:
        return self.mailbox.depth()

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[Operations]:
        yield FakeOperations(self.mailbox)


@dataclass
class OnPostgres:
    """The real one. Time passes by moving everything that is stored into the past."""

    database: Database
    mailbox: Mailbox

    async def clear(self) -> None:
        async with self.database.begin() as conn:
            await conn.execute(text("CREATE SCHEMA IF NOT EXISTS office"))
            await conn.run_sync(METADATA.drop_all)
            await conn.run_sync(METADATA.create_all)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Mail]:
        async with self.database.begin() as conn:
            yield BoundMailbox(self.mailbox, conn)

    async def advance(self, by: timedelta) -> None:
        moved = {
            TABLES.mailbox: ("due_at", "held_until", "first_seen_at"),
            TABLES.lanes: ("held_until", "served_at"),
            TABLES.pauses: ("until",),
        }
        async with self.database.begin() as conn:
            for table, columns in moved.items():
                await conn.execute(update(table).values({n: table.c[n] - by for n in columns}))

    async def now(self) -> datetime:
        return datetime.now(UTC)

    async def depth(self) -> list[Depth]:
        async with self.database.begin() as conn:
            return await self.mailbox.depth(conn)

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[Operations]:
        async with self.database.begin() as conn:
            yield BoundOperations(MailboxOperations(self.mailbox), conn)
