"""Rows of a tenant that are set aside, and taken back, by a change of their tenant's id.

No table and no column of its own: what a later migration adds to a table comes along. The unique
keys hold, because they begin with the tenant; every query that names the tenant leaves out what
is aside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, Table, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

MOVE_SECONDS = 600
"""A million rows take about a minute; nobody else waits, as the tenant's work is held meanwhile."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A table with a `connection_id`, and which of its rows are set aside (all of them if None)."""

    table: Table
    only: ColumnElement[bool] | None = None


def aside_id(connection_id: UUID, name: str) -> UUID:
    """The id under which rows of a connection wait that belong to `name`; always the same."""
    return uuid5(connection_id, name)


async def set_aside(
    conn: AsyncConnection, shelves: Sequence[Shelf], connection_id: UUID, name: str
) -> None:
    """Takes rows out of sight, under `name`."""
    await _renamed(conn, shelves, connection_id, aside_id(connection_id, name))


async def take_back(
    conn: AsyncConnection, shelves: Sequence[Shelf], connection_id: UUID, name: str
) -> None:
    """Brings back what was set aside under `name`; nothing, if nothing was."""
    everything = [Shelf(shelf.table) for shelf in shelves]
    await _renamed(conn, everything, aside_id(connection_id, name), connection_id)


async def _renamed(
    conn: AsyncConnection, shelves: Sequence[Shelf], before: UUID, after: UUID
) -> None:
    await conn.execute(text(f"SET LOCAL statement_timeout = '{MOVE_SECONDS}s'"))
    for shelf in shelves:
        owner = shelf.table.c.connection_id
        statement = update(shelf.table).where(owner == before).values(connection_id=after)
        if shelf.only is not None:
            statement = statement.where(shelf.only)
        await conn.execute(statement)
