"""Everything of a tenant goes, in small bites, and what went is counted.

A purge is ordered in the transaction that hears of it, and carried out afterwards. The tables are
not listed by hand: every table of the schema with a `connection_id` has rows of tenants, so one
that a later migration adds is purged as well. What is left at the end is a receipt under a key
that is made from the connection's id and tells it nobody: with it whoever knows the id reads what
was deleted, and a message that comes late is known to be of nobody.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol, TypeVar
from uuid import UUID, uuid5

from sqlalchemy import (
    ARRAY,
    Column,
    DateTime,
    MetaData,
    RowMapping,
    Table,
    Uuid,
    delete,
    func,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.connection import ConnectionRemoved
from shared.db.retention import Retention

AT_ONCE = 2_000
"""Rows of one transaction: about 50 ms, so that no neighbour waits for it."""

SWEEP = timedelta(seconds=30)
"""Between two looks for rows that work under way has stored after its tenant was gone."""

WATCH = timedelta(minutes=10)
"""As long as that goes on: the longest call with its retries is over far earlier."""

KEEP = timedelta(days=90)
"""Of a receipt: longer than a dead letter waits to be replayed."""

RECEIPTS = UUID("6c1e8f0a-2f0b-4c53-9a67-0d4f5a4b8b1e")
"""The namespace of the receipts' keys."""

REMOVED = ConnectionRemoved.type_name()


class About(Protocol):
    """What is read of an event on its way."""

    @property
    def type(self) -> str:
        """The name of its contract."""
        ...

    @property
    def connection_id(self) -> UUID:
        """Whom it is about."""
        ...

    @property
    def data(self) -> dict[str, Any]:
        """The contract's JSON."""
        ...


E = TypeVar("E", bound=About)

Others = Callable[[AsyncConnection, UUID], Awaitable[Sequence[UUID]]]
"""The ids beside its own under which rows of a connection wait."""


def purges_table(metadata: MetaData) -> Table:
    """The purges that are ordered, and the receipts of those that are over."""
    return Table(
        "purges",
        metadata,
        Column("receipt", Uuid, primary_key=True),
        Column("owners", ARRAY(Uuid), nullable=False),
        Column("deleted", JSONB, nullable=False, server_default=text("'{}'")),
        Column("ordered_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("done_at", DateTime(timezone=True)),
        Column("due_at", DateTime(timezone=True)),
    )


@dataclass(frozen=True, slots=True)
class Purge:
    """How far a purge is: `deleted` counts by table; `done_at` is None while rows are left."""

    ordered_at: datetime
    done_at: datetime | None
    deleted: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Bite:
    """What one transaction deleted; `rows` is 0 when nothing of the tenant was found."""

    connection_id: UUID
    rows: int
    news: bool
    """Whether the purge was not known to be over before."""


async def no_others(_conn: AsyncConnection, _connection_id: UUID) -> Sequence[UUID]:
    """For a service whose rows all have the connection's own id."""
    return ()


class Purges:
    """The purges of one service. `own` is the key of its table of connections, if it has one.

    `kept` are tables whose rows stay: they go by themselves.
    """

    def __init__(
        self,
        table: Table,
        *,
        own: Column[Any] | None = None,
        others: Others = no_others,
        kept: Collection[Table] = (),
    ) -> None:
        self.table = table
        self._own = own
        self._others = others
        self._kept = frozenset(kept)
        done = table.c.done_at
        self.retention = Retention(
            table, KEEP, lambda moment: (done < moment) & table.c.due_at.is_(None)
        )

    @cached_property
    def owned(self) -> tuple[Column[Any], ...]:
        """The column of each table that names the tenant; who refers to others comes first."""
        tables = reversed(self.table.metadata.sorted_tables)
        named = [one.c.connection_id for one in tables if "connection_id" in one.c]
        found = [column for column in named if column.table not in self._kept]
        return tuple(found if self._own is None else [*found, self._own])

    async def order(self, conn: AsyncConnection, connection_id: UUID) -> None:
        """Has everything of a connection deleted; a second order changes nothing."""
        row = {
            "receipt": receipt_of(connection_id),
            "owners": [connection_id],
            "due_at": func.now(),
        }
        await conn.execute(insert(self.table).values(row).on_conflict_do_nothing())

    async def among(self, conn: AsyncConnection, connection_ids: Collection[UUID]) -> set[UUID]:
        """Which of these connections are purged, or are to be."""
        by_receipt = {receipt_of(one): one for one in connection_ids}
        query = select(self.table.c.receipt).where(self.table.c.receipt.in_(by_receipt))
        return {by_receipt[receipt] for receipt in (await conn.execute(query)).scalars()}

    async def screened(self, conn: AsyncConnection, events: Sequence[E]) -> list[E]:
        """The events that are for somebody; a purge that one of them asks for is ordered.

        Who handles them hears of that removal, too: it stops the work at once.
        """
        gone = await self.among(conn, {one.connection_id for one in events})
        kept = [one for one in events if one.connection_id not in gone]
        for one in kept:
            if one.type == REMOVED and ConnectionRemoved.model_validate(one.data).purge:
                await self.order(conn, one.connection_id)
        return kept

    async def report(self, conn: AsyncConnection, connection_id: UUID) -> Purge | None:
        """How far the purge of a connection is; None when none was ordered."""
        mine = self.table.c.receipt == receipt_of(connection_id)
        row = (await conn.execute(select(self.table).where(mine))).mappings().one_or_none()
        if row is None:
            return None
        return Purge(row["ordered_at"], row["done_at"], row["deleted"])

    async def held(self, conn: AsyncConnection, connection_id: UUID) -> dict[str, int]:
        """How many rows each table has of a connection; tables without any are left out."""
        mine = self.table.c.receipt == receipt_of(connection_id)
        known = (await conn.execute(select(self.table.c.owners).where(mine))).scalar_one_or_none()
        owners = await self._owners(conn, connection_id, known or ())
        found = {}
        for column in self.owned:
            query = select(func.count()).select_from(column.table).where(column.in_(owners))
            found[column.table.name] = (await conn.execute(query)).scalar_one()
        return {name: rows for name, rows in found.items() if rows}

    async def bite(self, conn: AsyncConnection) -> Bite | None:
        """Deletes a bounded number of rows of one purge that is due; None when none is."""
        row = await self._due(conn)
        if row is None:
            return None
        return await self._bite(conn, row)

    async def at_once(self, conn: AsyncConnection, connection_id: UUID) -> None:
        """Orders a purge and carries it out in this transaction.

        For the few rows of a service that must not answer for the connection any more.
        """
        await self.order(conn, connection_id)
        rows = 1
        while rows:
            mine = self.table.c.receipt == receipt_of(connection_id)
            query = select(self.table).where(mine).with_for_update()
            row = (await conn.execute(query)).mappings().one()
            rows = (await self._bite(conn, row)).rows if row["owners"] else 0

    async def _bite(self, conn: AsyncConnection, row: RowMapping) -> Bite:
        connection_id = row["owners"][0]
        if self._own is not None:  # who stores something of it is waited for, and finds it gone
            mine = select(self._own).where(self._own == connection_id).with_for_update()
            await conn.execute(mine)
        owners = await self._owners(conn, connection_id, row["owners"])
        for column in self.owned:
            gone = await _delete(conn, column, owners)
            if gone:
                counted = {column.table.name: row["deleted"].get(column.table.name, 0) + gone}
                await self._save(conn, row, owners=owners, deleted={**row["deleted"], **counted})
                return Bite(connection_id, gone, news=False)
        return Bite(connection_id, 0, news=row["done_at"] is None)

    async def finish(
        self, conn: AsyncConnection, connection_id: UUID, *, besides: Mapping[str, int]
    ) -> None:
        """Nothing was found any more: the purge is done, and looked after for a while.

        `besides` counts what was deleted outside of the tables. Afterwards only the receipt is
        left, without the connection's id.
        """
        mine = self.table.c.receipt == receipt_of(connection_id)
        query = select(self.table, func.now().label("now")).where(mine).with_for_update()
        row = (await conn.execute(query)).mappings().one()
        since = row["done_at"] or row["now"]
        over = row["done_at"] is not None and row["now"] >= since + WATCH
        counted = {name: row["deleted"].get(name, 0) + n for name, n in besides.items() if n}
        await self._save(
            conn,
            row,
            deleted={**row["deleted"], **counted},
            done_at=since,
            owners=[] if over else row["owners"],
            due_at=None if over else row["now"] + SWEEP,
        )

    async def _due(self, conn: AsyncConnection) -> RowMapping | None:
        """Locked; one that another process is at is passed by."""
        query = (
            select(self.table)
            .where(self.table.c.due_at <= func.now())
            .order_by(self.table.c.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        return (await conn.execute(query)).mappings().one_or_none()

    async def _owners(
        self, conn: AsyncConnection, connection_id: UUID, known: Sequence[UUID]
    ) -> list[UUID]:
        """The connection's id comes first."""
        others = await self._others(conn, connection_id)
        return list(dict.fromkeys([connection_id, *known, *others]))

    async def _save(self, conn: AsyncConnection, row: RowMapping, **values: Any) -> None:
        mine = self.table.c.receipt == row["receipt"]
        await conn.execute(update(self.table).where(mine).values(values))


def receipt_of(connection_id: UUID) -> UUID:
    """Under what the receipt of a connection's purge is kept; it tells the id to nobody."""
    return uuid5(RECEIPTS, str(connection_id))


async def _delete(conn: AsyncConnection, column: Column[Any], owners: Sequence[UUID]) -> int:
    table: Any = column.table
    key = list(table.primary_key.columns)
    some = select(*key).where(column.in_(owners)).limit(AT_ONCE).cte("some")
    gone = await conn.execute(delete(table).where(tuple_(*key).in_(select(some))))
    return gone.rowcount
