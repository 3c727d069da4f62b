"""The unit of work of connection on Postgres."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.connection.domain.attempt import Attempt, Departure
from services.connection.domain.connection import Connection, Grant, State
from services.connection.domain.failures import ConnectError, Failures
from services.connection.domain.preflight import Preflight
from services.connection.store import attempts as attempts_store
from services.connection.store import endings
from services.connection.store import preflights as preflights_store
from services.connection.store.rows import (
    Sealed,
    connection_of,
    connection_row,
    grant_of,
    grant_row,
)
from services.connection.store.tables import connections, grants
from shared.db.database import Database
from shared.kernel.records import Side
from shared.outbox.mail import Outgoing
from shared.outbox.outbox import Outbox
from shared.security.keyring import KeyRing


class PostgresStore:
    """Opens units of work on the service's own database."""

    def __init__(self, database: Database, *, outbox: Outbox, ring: KeyRing) -> None:
        self._database = database
        self._outbox = outbox
        self._sealed = Sealed(ring)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator["PostgresWork"]:
        """One transaction, committed when the block ends without an error."""
        async with self._database.begin() as conn:
            yield PostgresWork(conn, self._outbox, self._sealed)


class PostgresWork:
    """See services.connection.ports.Work."""

    def __init__(self, conn: AsyncConnection, outbox: Outbox, sealed: Sealed) -> None:
        self._conn = conn
        self._outbox = outbox
        self._sealed = sealed

    async def now(self) -> datetime:
        """The database's clock."""
        now: datetime = (await self._conn.execute(select(func.clock_timestamp()))).scalar_one()
        return now

    async def add_connection(self, new: Connection, request_key: str | None) -> Connection:
        """One statement for a new one; a second one finds what a repeated key made."""
        row = {**connection_row(new), "request_key": request_key}
        made = upsert(connections).values(row).on_conflict_do_nothing().returning(connections.c.id)
        if (await self._conn.execute(made)).first() is not None:
            return new
        known = select(connections).where(connections.c.request_key == request_key)
        return connection_of((await self._conn.execute(known)).mappings().one())

    async def connection(self, connection_id: UUID, *, lock: bool = False) -> Connection | None:
        """By the primary key, and by a former id only where that finds nothing."""
        found = await self._one(connection_id, lock=lock)
        if found is None:
            kept = await endings.led_to(self._conn, connection_id)
            found = None if kept is None else await self._one(kept, lock=lock)
        return found

    async def connections(self, after: UUID | None, limit: int) -> list[Connection]:
        """Ids are UUIDv7: their order is that of creation."""
        statement = select(connections).order_by(connections.c.id).limit(limit)
        if after is not None:
            statement = statement.where(connections.c.id > after)
        return [connection_of(row) for row in (await self._conn.execute(statement)).mappings()]

    async def holder_of(self, portal_id: str) -> UUID | None:
        """By the unique index."""
        statement = select(connections.c.id).where(connections.c.portal_id == portal_id)
        return (await self._conn.execute(statement)).scalar_one_or_none()

    async def sharing(self, org_ids: Collection[str]) -> dict[str, list[UUID]]:
        """By the index on the org."""
        statement = (
            select(connections.c.org_id, connections.c.id)
            .where(connections.c.org_id.in_(org_ids), connections.c.state != State.DISCONNECTED)
            .order_by(connections.c.id)
        )
        found: dict[str, list[UUID]] = {}
        for row in await self._conn.execute(statement):
            found.setdefault(row.org_id, []).append(row.id)
        return found

    async def grants(self, connection_ids: Sequence[UUID]) -> dict[UUID, dict[Side, Grant]]:
        """One statement for any number of connections."""
        statement = select(grants).where(grants.c.connection_id.in_(connection_ids))
        found: dict[UUID, dict[Side, Grant]] = {}
        for row in (await self._conn.execute(statement)).mappings():
            grant = grant_of(row, self._sealed)
            found.setdefault(grant.connection_id, {})[grant.side] = grant
        return found

    async def save(self, connection: Connection, changed: Sequence[Grant]) -> None:
        """The unique constraint decides between two connections that want one portal at once."""
        row = connection_row(connection)
        try:
            await self._conn.execute(
                update(connections).where(connections.c.id == connection.id).values(row)
            )
        except IntegrityError:
            raise ConnectError(Failures.PORTAL_TAKEN) from None
        for grant in changed:
            values = grant_row(grant, self._sealed)
            key = [grants.c.connection_id, grants.c.side]
            written = upsert(grants).values(values)
            await self._conn.execute(written.on_conflict_do_update(index_elements=key, set_=values))

    async def remove(self, connection_id: UUID) -> None:
        """See services.connection.store.endings."""
        await endings.remove(self._conn, connection_id)

    async def disconnect(self, connection: Connection) -> None:
        """See services.connection.store.endings."""
        await endings.disconnect(self._conn, connection)

    async def take_up(self, new: Connection, kept: Connection) -> None:
        """See services.connection.store.endings."""
        await endings.take_up(self._conn, new.id, kept.id)

    async def add_attempt(self, attempt: Attempt) -> None:
        """See services.connection.store.attempts."""
        await attempts_store.add_attempt(self._conn, attempt)

    async def depart(
        self, ticket_hash: str, departure: Departure, lifetime: timedelta
    ) -> Attempt | None:
        """See services.connection.store.attempts."""
        return await attempts_store.depart(
            self._conn, self._sealed, ticket_hash, departure, lifetime
        )

    async def arrive(self, state_hash: str, binding_hash: str, side: Side) -> Attempt | None:
        """See services.connection.store.attempts."""
        return await attempts_store.arrive(self._conn, self._sealed, state_hash, binding_hash, side)

    async def lease_refresh(self, grant: Grant, holder: UUID, lease: timedelta) -> bool:
        """One UPDATE by the database's clock; a generation that moved on is not leased."""
        free = or_(
            grants.c.refresh_until.is_(None), grants.c.refresh_until <= func.clock_timestamp()
        )
        taken = (
            update(grants)
            .where(
                grants.c.connection_id == grant.connection_id,
                grants.c.side == grant.side,
                grants.c.generation == grant.generation,
                free,
            )
            .values(refresh_holder=holder, refresh_until=func.clock_timestamp() + lease)
        )
        return (await self._conn.execute(taken)).rowcount == 1

    async def end_lease(self, connection_id: UUID, side: Side, holder: UUID) -> None:
        """Only the holder's own."""
        await self._conn.execute(
            update(grants)
            .where(
                grants.c.connection_id == connection_id,
                grants.c.side == side,
                grants.c.refresh_holder == holder,
            )
            .values(refresh_holder=None, refresh_until=None)
        )

    async def save_preflight(self, run: Preflight) -> None:
        """See services.connection.store.preflights."""
        await preflights_store.save_preflight(self._conn, run)

    async def preflights(self, connection_ids: Collection[UUID]) -> dict[UUID, Preflight]:
        """See services.connection.store.preflights."""
        return await preflights_store.read_preflights(self._conn, connection_ids)

    async def emit(self, events: Sequence[Outgoing]) -> None:
        """On this transaction (I1)."""
        await self._outbox.add(self._conn, events, now=await self.now())

    async def _one(self, connection_id: UUID, *, lock: bool) -> Connection | None:
        statement = select(connections).where(connections.c.id == connection_id)
        if lock:
            statement = statement.with_for_update()
        row = (await self._conn.execute(statement)).mappings().one_or_none()
        return connection_of(row) if row else None
