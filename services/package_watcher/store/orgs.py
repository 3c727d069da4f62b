"""Orgs of the connections, on Postgres."""

from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.package_watcher.domain.model import Org
from services.package_watcher.store.rows import org_of
from services.package_watcher.store.tables import installations, orgs, presences
from services.package_watcher.store.window_tables import windows

MAX_SHARING = 100
"""Portals on one org are counted on one hand; a deployment that has more meets the daily check."""


class PostgresOrgs:
    """The `Orgs` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def get(self, connection_id: UUID) -> Org | None:
        """The org that is connected now."""
        kept = await self.kept(connection_id)
        return kept if kept is not None and kept.connected else None

    async def kept(self, connection_id: UUID) -> Org | None:
        """Also one that is disconnected."""
        query = select(orgs).where(orgs.c.connection_id == connection_id)
        row = (await self._conn.execute(query)).mappings().one_or_none()
        return None if row is None else org_of(row)

    async def save(self, org: Org) -> None:
        """Inserts or replaces the row; the decision about the window stays."""
        row = {
            "connection_id": org.connection_id,
            "org_id": org.org_id,
            "environment": org.environment,
            "user_id": org.user_id,
            "instance_url": org.instance_url,
            "connected": org.connected,
            "heard": org.heard,
        }
        statement = insert(orgs).values(row)
        await self._conn.execute(
            statement.on_conflict_do_update(index_elements=["connection_id"], set_=row),
        )

    async def window(self, connection_id: UUID) -> str:
        """The decision about the in-record window."""
        query = select(orgs.c.window).where(orgs.c.connection_id == connection_id)
        return (await self._conn.execute(query)).scalar_one_or_none() or ""

    async def decide_window(self, connection_id: UUID, decision: str) -> bool:
        """Keeps a decision; False when it was the same before."""
        statement = (
            update(orgs)
            .where(orgs.c.connection_id == connection_id, orgs.c.window != decision)
            .values(window=decision)
        )
        return (await self._conn.execute(statement)).rowcount == 1

    async def sharing(self, org: Org) -> list[UUID]:
        """Other connections of the same org, in the order of their ids."""
        query = (
            select(orgs.c.connection_id)
            .where(
                orgs.c.org_id == org.org_id,
                orgs.c.connection_id != org.connection_id,
                orgs.c.connected,
            )
            .order_by(orgs.c.connection_id)
            .limit(MAX_SHARING)
        )
        return list((await self._conn.execute(query)).scalars())

    async def forget(self, connection_id: UUID) -> None:
        """Deletes everything about an org that was left."""
        for table in (installations, presences, windows, orgs):
            await self._conn.execute(delete(table).where(table.c.connection_id == connection_id))
