"""Connections that end, are kept, and are taken up again."""

from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.connection.domain.connection import Connection
from services.connection.store.purges import PURGES
from services.connection.store.rows import connection_row
from services.connection.store.tables import (
    attempts,
    connections,
    former_ids,
    grants,
    preflights,
)


async def remove(conn: AsyncConnection, connection_id: UUID) -> None:
    """A handful of rows, and a receipt of them."""
    await PURGES.at_once(conn, connection_id)


async def disconnect(conn: AsyncConnection, connection: Connection) -> None:
    """The connection's row and its former ids stay."""
    mine = connections.c.id == connection.id
    await conn.execute(update(connections).where(mine).values(connection_row(connection)))
    for table in (grants, attempts, preflights):
        await conn.execute(delete(table).where(table.c.connection_id == connection.id))


async def take_up(conn: AsyncConnection, new: UUID, kept: UUID) -> None:
    """Ids that led to `new` before lead to `kept` as well."""
    key = (
        await conn.execute(select(connections.c.request_key).where(connections.c.id == new))
    ).scalar_one()
    led = former_ids.c.connection_id == new
    await conn.execute(update(former_ids).where(led).values(connection_id=kept))
    await conn.execute(insert(former_ids).values(former_id=new, connection_id=kept))
    await conn.execute(delete(connections).where(connections.c.id == new))
    if key is not None:
        mine = connections.c.id == kept
        await conn.execute(update(connections).where(mine).values(request_key=key))


async def led_to(conn: AsyncConnection, connection_id: UUID) -> UUID | None:
    """The connection that a former id leads to."""
    query = select(former_ids.c.connection_id).where(former_ids.c.former_id == connection_id)
    return (await conn.execute(query)).scalar_one_or_none()
