"""The service's own copies: connections, and contact_sync's linked people."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.activity_sync.ports import Connection, PersonLink
from services.activity_sync.store.tables import (
    TABLES,
    connections,
    journal,
    parked,
    people,
    task_links,
    timeline,
)
from shared.contracts.settings import Settings
from shared.contracts.standing import Standing
from shared.kernel.records import Side


class PostgresConnections:
    """The `Connections` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def get(self, connection_id: UUID) -> Connection | None:
        """What is kept of a connection."""
        query = select(connections).where(connections.c.id == connection_id)
        row = (await self._conn.execute(query)).mappings().one_or_none()
        return None if row is None else _connection(row)

    async def locked(self, connection_id: UUID) -> Connection:
        """The row, made when it is missing, locked until the transaction ends."""
        first = insert(connections).values(_row(Connection(id=connection_id)))
        await self._conn.execute(first.on_conflict_do_nothing())
        query = select(connections).where(connections.c.id == connection_id)
        return _connection((await self._conn.execute(query.with_for_update())).mappings().one())

    async def save(self, connection: Connection) -> None:
        """Inserts or replaces what is kept of a connection."""
        row = _row(connection)
        statement = insert(connections).values(row)
        await self._conn.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=row),
        )

    async def forget(self, connection_id: UUID) -> None:
        """Deletes everything of a tenant."""
        mail = TABLES.mailbox
        own = (people, task_links, timeline, journal, parked)
        for table in (*own, mail.mailbox, mail.lanes, mail.pauses):
            await self._conn.execute(delete(table).where(table.c.connection_id == connection_id))
        await self._conn.execute(delete(connections).where(connections.c.id == connection_id))


class PostgresPeople:
    """The `People` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def save(self, connection_id: UUID, link: PersonLink) -> None:
        """Remembers a linked person; a HubSpot contact has one counterpart."""
        statement = insert(people).values(
            connection_id=connection_id,
            hubspot_id=link.hubspot_id,
            salesforce_id=link.salesforce_id,
        )
        await self._conn.execute(
            statement.on_conflict_do_update(
                index_elements=["connection_id", "hubspot_id"],
                set_={"salesforce_id": link.salesforce_id},
            ),
        )

    async def remove(self, connection_id: UUID, link: PersonLink) -> None:
        """Forgets a person whose link was taken apart."""
        await self._conn.execute(
            delete(people).where(
                people.c.connection_id == connection_id,
                people.c.hubspot_id == link.hubspot_id,
                people.c.salesforce_id == link.salesforce_id,
            ),
        )

    async def of(self, connection_id: UUID, side: Side, ids: Collection[str]) -> dict[str, str]:
        """The other side's id of each linked person."""
        if not ids:
            return {}
        here, there = people.c.hubspot_id, people.c.salesforce_id
        if side is Side.SALESFORCE:
            here, there = there, here
        query = select(here, there).where(people.c.connection_id == connection_id, here.in_(ids))
        return {row[0]: row[1] for row in (await self._conn.execute(query)).all()}


def _connection(row: RowMapping) -> Connection:
    settings = row["settings"]
    return Connection(
        id=row["id"],
        portal_id=row["portal_id"],
        org_id=row["org_id"],
        settings=None if settings is None else Settings.model_validate(settings),
        standing=Standing.model_validate(row["standing"]),
    )


def _row(connection: Connection) -> dict[str, Any]:
    settings = connection.settings
    return {
        "id": connection.id,
        "portal_id": connection.portal_id,
        "org_id": connection.org_id,
        "settings": None if settings is None else settings.model_dump(mode="json"),
        "standing": connection.standing.model_dump(mode="json"),
        "running": connection.standing.running,
        "waiting_for": connection.standing.waits_for,
    }
