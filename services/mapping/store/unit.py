"""The unit of work on Postgres: one transaction, and the ports over it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.ports import FieldWork
from services.mapping.store.catalogues import PostgresCatalogues
from services.mapping.store.drafts import PostgresDrafts
from services.mapping.store.refreshes import PostgresRefreshes
from services.mapping.store.reports import PostgresMadeProperties, PostgresReports
from services.mapping.store.setups import PostgresSetups
from services.mapping.store.versions import PostgresVersions
from shared.db.database import Database
from shared.kernel.clock import Clock
from shared.outbox.mail import Outgoing
from shared.outbox.outbox import Outbox


class PostgresWork:
    """One transaction of the mapping service."""

    def __init__(self, conn: AsyncConnection, *, outbox: Outbox, clock: Clock) -> None:
        self.setups = PostgresSetups(conn)
        self.versions = PostgresVersions(conn)
        self.drafts = PostgresDrafts(conn)
        self.catalogues = PostgresCatalogues(conn)
        self.refreshes = PostgresRefreshes(conn)
        self.reports = PostgresReports(conn)
        self.made = PostgresMadeProperties(conn)
        self._conn = conn
        self._outbox = outbox
        self._clock = clock

    async def emit(self, events: Sequence[Outgoing]) -> None:
        """Puts events into the outbox of this transaction (I1)."""
        await self._outbox.add(self._conn, events, now=self._clock.now())


class PostgresStore:
    """The service's schema behind the `Store` port."""

    def __init__(self, database: Database, *, outbox: Outbox, clock: Clock) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[FieldWork]:
        """A transaction, committed when the context ends without an error."""
        async with self._database.begin() as conn:
            yield self.on(conn)

    def on(self, conn: AsyncConnection) -> PostgresWork:
        """The unit of work over a transaction that somebody else began (the inbox)."""
        return PostgresWork(conn, outbox=self._outbox, clock=self._clock)
