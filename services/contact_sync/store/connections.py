"""The service's own copy of each connection, on Postgres."""

from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.contact_sync.domain.journal import Status
from services.contact_sync.ports import ORG_LEFT, WALKING, Connection
from services.contact_sync.store.rows import connection_of, connection_row
from services.contact_sync.store.tables import (
    TABLES,
    connections,
    imports,
    journal,
    links,
    members,
    parked,
)
from shared.db.aside import Shelf, set_aside, take_back
from shared.kernel.records import Side


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

    async def org_of(self, connection_id: UUID) -> str | None:
        """A shared lock: settling batches do not wait for each other."""
        query = select(connections.c.org_id).where(connections.c.id == connection_id)
        found = await self._conn.execute(query.with_for_update(read=True))
        return found.scalar_one_or_none()

    async def change_org(self, connection_id: UUID, left: str, entered: str) -> None:
        """Links, intents and what is parked; the rows stay in their tables."""
        there = Side.SALESFORCE.value
        mailbox = TABLES.mailbox.mailbox
        mine = mailbox.c.connection_id == connection_id
        await self._conn.execute(delete(mailbox).where(mine, mailbox.c.side == there))
        walking = (imports.c.connection_id == connection_id) & (imports.c.state == WALKING)
        await self._conn.execute(
            update(imports)
            .where(walking, imports.c.side == there)
            .values(state="failed", problem=ORG_LEFT)
        )
        shelves = (
            Shelf(links),
            Shelf(members, members.c.side == there),
            Shelf(journal, journal.c.status == Status.INTENDED.value),
            Shelf(parked, parked.c.side == there),
        )
        await set_aside(self._conn, shelves, connection_id, left)
        await take_back(self._conn, shelves, connection_id, entered)
