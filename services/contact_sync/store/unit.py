"""The unit of work on Postgres: one transaction, and the ports over it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from services.contact_sync.ports import Work
from services.contact_sync.store.connections import PostgresConnections
from services.contact_sync.store.imports import PostgresImports
from services.contact_sync.store.journal import PostgresJournal
from services.contact_sync.store.links import PostgresLinks
from services.contact_sync.store.members import PostgresMembers
from services.contact_sync.store.parked import PostgresParked
from shared.db.database import Database
from shared.kernel.clock import Clock
from shared.outbox.bound import BoundMailbox
from shared.outbox.mail import Outgoing
from shared.outbox.mailbox import Mailbox
from shared.outbox.outbox import Outbox


class PostgresWork:
    """One transaction of contact_sync."""

    def __init__(
        self,
        conn: AsyncConnection,
        *,
        outbox: Outbox,
        mailbox: Mailbox,
        clock: Clock,
    ) -> None:
        self.connections = PostgresConnections(conn)
        self.links = PostgresLinks(conn)
        self.journal = PostgresJournal(conn)
        self.parked = PostgresParked(conn)
        self.imports = PostgresImports(conn)
        self.members = PostgresMembers(conn)
        self.mail = BoundMailbox(mailbox, conn)
        self._conn = conn
        self._outbox = outbox
        self._clock = clock

    async def emit(self, events: Sequence[Outgoing]) -> None:
        """Puts events into the outbox of this transaction (I1)."""
        if events:
            await self._outbox.add(self._conn, events, now=self._clock.now())


class PostgresStore:
    """The service's schema behind the `Store` port."""

    def __init__(
        self,
        database: Database,
        *,
        outbox: Outbox,
        mailbox: Mailbox,
        clock: Clock,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._mailbox = mailbox
        self._clock = clock

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Work]:
        """A transaction, committed when the context ends without an error."""
        async with self._database.begin() as conn:
            yield self.on(conn)

    def on(self, conn: AsyncConnection) -> PostgresWork:
        """The unit of work over a transaction that somebody else began (the inbox)."""
        return PostgresWork(
            conn,
            outbox=self._outbox,
            mailbox=self._mailbox,
            clock=self._clock,
        )
