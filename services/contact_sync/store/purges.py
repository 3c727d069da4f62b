"""How everything of a tenant is deleted, what belongs to orgs that it has left included."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.contact_sync.store.tables import TABLES, connections
from shared.db.aside import aside_id
from shared.db.purge import Purges


async def _aside(conn: AsyncConnection, connection_id: UUID) -> Sequence[UUID]:
    query = select(connections.c.left_orgs).where(connections.c.id == connection_id)
    left = (await conn.execute(query)).scalar_one_or_none() or ()
    return [aside_id(connection_id, org_id) for org_id in left]


PURGES = Purges(TABLES.purges, own=connections.c.id, others=_aside)
