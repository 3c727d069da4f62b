"""The unit of work of quota on Postgres."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.quota.domain.budget import Budget, Lease
from services.quota.store.rows import budget_of, lease_of, lease_row, row_of
from services.quota.store.tables import PURGES, budgets, leases
from shared.db.database import Database
from shared.kernel.records import Side
from shared.outbox.mail import Outgoing
from shared.outbox.outbox import Outbox

DB_NOW = func.clock_timestamp().label("db_now")


class PostgresStore:
    """Opens units of work on the service's own database."""

    def __init__(self, database: Database, *, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    @asynccontextmanager
    async def begin(self) -> AsyncIterator["PostgresWork"]:
        """One transaction, committed when the block ends without an error."""
        async with self._database.begin() as conn:
            yield self.on(conn)

    def on(self, conn: AsyncConnection) -> "PostgresWork":
        """The unit of work over somebody else's transaction (the inbox's)."""
        return PostgresWork(conn, self._outbox)


class PostgresWork:
    """See services.quota.ports.Work."""

    def __init__(self, conn: AsyncConnection, outbox: Outbox) -> None:
        self._conn = conn
        self._outbox = outbox
        self._now: datetime | None = None

    async def now(self) -> datetime:
        """The database's clock at the latest lock, which saves a round trip, or at this call.

        Whoever waited for a lock may get a time from before it had it. That errs to the safe
        side: fewer calls have left the window by then.
        """
        if self._now is None:
            self._now = (await self._conn.execute(select(DB_NOW))).scalar_one()
        return self._now

    async def lock(self, connection_id: UUID, side: Side) -> Budget:
        """One statement when the budget exists, four when it has to be made.

        A tenant that was purged gets no row again: its budget is removed, and stored by nobody.
        """
        statement = select(budgets, DB_NOW).where(_is(connection_id, side)).with_for_update()
        row = (await self._conn.execute(statement)).mappings().one_or_none()
        if row is None:
            made = upsert(budgets).values(connection_id=connection_id, side=side)
            await self._conn.execute(made.on_conflict_do_nothing())
            if await PURGES.among(self._conn, {connection_id}):
                await self._conn.execute(delete(budgets).where(_is(connection_id, side)))
                return Budget(connection_id, side, removed=True)
            row = (await self._conn.execute(statement)).mappings().one()
        self._now = row["db_now"]
        return budget_of(row)

    async def budgets(self, connection_id: UUID) -> list[Budget]:
        """HubSpot's first."""
        statement = (
            select(budgets).where(budgets.c.connection_id == connection_id).order_by(budgets.c.side)
        )
        return [budget_of(row) for row in (await self._conn.execute(statement)).mappings()]

    async def save(self, budget: Budget, lease: Lease | None = None) -> None:
        """One statement, the lease included."""
        written = (
            update(budgets).where(_is(budget.connection_id, budget.side)).values(row_of(budget))
        )
        if lease is not None:
            written = written.add_cte(insert(leases).values(lease_row(lease)).cte("lease"))
        await self._conn.execute(written)

    async def take_back(self, lease_id: UUID) -> Lease | None:
        """The row stays, so that a repeated return is known as one."""
        statement = (
            update(leases)
            .where(leases.c.id == lease_id, leases.c.returned_at.is_(None))
            .values(returned_at=func.clock_timestamp())
            .returning(leases)
        )
        row = (await self._conn.execute(statement)).mappings().one_or_none()
        return lease_of(row) if row else None

    async def knows(self, lease_id: UUID) -> bool:
        """By the primary key."""
        found = await self._conn.execute(select(leases.c.id).where(leases.c.id == lease_id))
        return found.first() is not None

    async def overdue(self, limit: int) -> list[tuple[UUID, Side]]:
        """The longest overdue first."""
        statement = (
            select(budgets.c.connection_id, budgets.c.side)
            .where(budgets.c.exhausted_until <= func.clock_timestamp())
            .order_by(budgets.c.exhausted_until)
            .limit(limit)
        )
        rows = await self._conn.execute(statement)
        return [(connection_id, Side(side)) for connection_id, side in rows]

    async def emit(self, events: Sequence[Outgoing]) -> None:
        """On this transaction (I1)."""
        await self._outbox.add(self._conn, events, now=await self.now())


def _is(connection_id: UUID, side: Side) -> ColumnElement[Any]:
    return and_(budgets.c.connection_id == connection_id, budgets.c.side == side)
