"""A mailbox with a way to let time pass: in memory, and on Postgres."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy import text, update

from shared.db.database import Database
from shared.db.schema import metadata_for
from shared.outbox.bound import BoundMailbox
from shared.outbox.mail import Depth, Mail
from shared.outbox.mailbox import Mailbox
from shared.outbox.mailbox_tables import mailbox_tables
from tests.fakes.clock import FixedClock
from tests.fakes.mailbox import FakeMailbox

METADATA = metadata_for("office")
TABLES = mailbox_tables(METADATA)


class Offices(Protocol):
    """What the contract suite needs of a mailbox."""

    def begin(self) -> AbstractAsyncContextManager[Mail]: ...

    async def advance(self, by: timedelta) -> None: ...

    async def now(self) -> datetime: ...

    async def depth(self) -> list[Depth]: ...


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
