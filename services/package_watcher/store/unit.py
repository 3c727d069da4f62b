"""The unit of work on Postgres: one transaction, and the ports over it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.package_watcher.ports import Work
from services.package_watcher.store.installations import PostgresInstallations
from services.package_watcher.store.orgs import PostgresOrgs
from services.package_watcher.store.presences import PostgresPresences
from services.package_watcher.store.windows import PostgresWindows
from shared.db.database import Database
from shared.outbox.mail import Outgoing
from shared.outbox.outbox import Outbox


class PostgresWork:
    """One transaction of the package watcher."""

    def __init__(self, conn: AsyncConnection, *, outbox: Outbox) -> None:
        self.orgs = PostgresOrgs(conn)
        self.installations = PostgresInstallations(conn)
        self.presences = PostgresPresences(conn)
        self.windows = PostgresWindows(conn)
        self._conn = conn
        self._outbox = outbox

    async def now(self) -> datetime:
        """The database's clock."""
        return (await self._conn.execute(select(func.now()))).scalar_one()

    async def emit(self, events: Sequence[Outgoing]) -> None:
        """Puts events into the outbox of this transaction (I1).

        Their time is that of the telling, after the locks: the transaction's own is its start, by
        which the later of two that waited for each other might look like the earlier.
        """
        if events:
            told = (await self._conn.execute(select(func.clock_timestamp()))).scalar_one()
            await self._outbox.add(self._conn, events, now=told)


class PostgresStore:
    """The service's schema behind the `Store` port."""

    def __init__(self, database: Database, *, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Work]:
        """A transaction, committed when the context ends without an error."""
        async with self._database.begin() as conn:
            yield self.on(conn)

    def on(self, conn: AsyncConnection) -> PostgresWork:
        """The unit of work over a transaction that somebody else began (the inbox)."""
        return PostgresWork(conn, outbox=self._outbox)
