"""The service's own copy of each connection, on Postgres."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.contact_sync.ports import Connection
from services.contact_sync.store.rows import connection_of, connection_row
from services.contact_sync.store.tables import (
    TABLES,
    connections,
    imports,
    journal,
    links,
    parked,
)


class PostgresConnections:
    """The `Connections` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def get(self, connection_id: UUID) -> Connection | None:
        """What is kept of a connection."""
        query = select(connections).where(connections.c.id == connection_id)
        row = (await self._conn.execute(query)).mappings().one_or_none()
        return None if row is None else connection_of(row)

    async def locked(self, connection_id: UUID) -> Connection:
        """The row, made when it is missing, locked until the transaction ends."""
        first = insert(connections).values(connection_row(Connection(id=connection_id)))
        await self._conn.execute(first.on_conflict_do_nothing())
        query = select(connections).where(connections.c.id == connection_id)
        return connection_of((await self._conn.execute(query.with_for_update())).mappings().one())

    async def save(self, connection: Connection) -> None:
        """Inserts or replaces what is kept of a connection."""
        row = connection_row(connection)
        statement = insert(connections).values(row)
        await self._conn.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=row),
        )

    async def forget(self, connection_id: UUID) -> None:
        """Deletes everything of a tenant."""
        mailbox = TABLES.mailbox
        for table in (
            links,
            journal,
            parked,
            imports,
            mailbox.mailbox,
            mailbox.lanes,
            mailbox.pauses,
        ):
            await self._conn.execute(delete(table).where(table.c.connection_id == connection_id))
        await self._conn.execute(delete(connections).where(connections.c.id == connection_id))
