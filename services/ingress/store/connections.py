"""The service's own copy of each connection, on Postgres."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingress.ports import Connection
from services.ingress.store.tables import connections
from shared.contracts.settings import Settings
from shared.contracts.standing import Standing


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

    async def of_portals(self, portal_ids: Sequence[str]) -> dict[str, Connection]:
        """The connections of these portals, by portal; a portal has at most one at a time."""
        query = select(connections).where(connections.c.portal_id.in_(portal_ids))
        found = (_connection(row) for row in (await self._conn.execute(query)).mappings())
        return {one.portal_id: one for one in found if not one.standing.removed}

    async def save(self, connection: Connection) -> None:
        """Inserts or replaces what is kept of a connection."""
        row = _row(connection)
        statement = insert(connections).values(row)
        await self._conn.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=row),
        )


def _connection(row: RowMapping) -> Connection:
    settings = row["settings"]
    return Connection(
        id=row["id"],
        portal_id=row["portal_id"],
        app_id=row["app_id"],
        salesforce_user_id=row["salesforce_user_id"],
        settings=None if settings is None else Settings.model_validate(settings),
        standing=Standing.model_validate(row["standing"]),
    )


def _row(connection: Connection) -> dict[str, Any]:
    settings = connection.settings
    return {
        "id": connection.id,
        "portal_id": connection.portal_id,
        "app_id": connection.app_id,
        "salesforce_user_id": connection.salesforce_user_id,
        "settings": None if settings is None else settings.model_dump(mode="json"),
        "standing": connection.standing.model_dump(mode="json"),
        "running": connection.standing.started,
        "broken": connection.broken,
    }
