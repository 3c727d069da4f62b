"""Links on Postgres."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.contact_sync.domain.model import Link
from services.contact_sync.domain.world import Claim
from services.contact_sync.store.rows import link_of, link_row
from services.contact_sync.store.tables import links
from shared.kernel.records import ObjectType, Side


class PostgresLinks:
    """The `Links` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def of(
        self,
        connection_id: UUID,
        hubspot_ids: Collection[str],
        salesforce_ids: Collection[str],
        object_type: ObjectType = ObjectType.CONTACT,
    ) -> list[Link]:
        """The links in which any of these records of that type is one half."""
        if not hubspot_ids and not salesforce_ids:
            return []
        query = select(links).where(
            links.c.connection_id == connection_id,
            links.c.object_type == object_type.value,
            or_(links.c.hubspot_id.in_(hubspot_ids), links.c.salesforce_id.in_(salesforce_ids)),
        )
        return [link_of(row) for row in (await self._conn.execute(query)).mappings()]

    async def save(self, connection_id: UUID, changed: Sequence[Link]) -> None:
        """Inserts or replaces links by their HubSpot half."""
        if not changed:
            return
        statement = insert(links).values(
            [{"connection_id": connection_id, **link_row(link)} for link in changed],
        )
        replaced = link_row(changed[0]).keys() - {"id", "object_type", "hubspot_id"}
        await self._conn.execute(
            statement.on_conflict_do_update(
                index_elements=["connection_id", "object_type", "hubspot_id"],
                set_={name: statement.excluded[name] for name in replaced},
            ),
        )

    async def move(self, connection_id: UUID, link_id: UUID, *, hubspot_id: str) -> None:
        """Follows a HubSpot merge to the surviving record."""
        await self._conn.execute(
            update(links)
            .where(links.c.connection_id == connection_id, links.c.id == link_id)
            .values(hubspot_id=hubspot_id),
        )

    async def forget_near_misses(self, connection_id: UUID, claim: Claim) -> None:
        """Lets a record that was held as fought over be written again."""
        half = links.c.hubspot_id if claim.side is Side.HUBSPOT else links.c.salesforce_id
        await self._conn.execute(
            update(links)
            .where(
                links.c.connection_id == connection_id,
                links.c.object_type == claim.object_type.value,
                half == claim.record_id,
            )
            .values(near_misses={}),
        )

    async def remove(self, connection_id: UUID, link_ids: Collection[UUID]) -> None:
        """Deletes links; the records stay."""
        if link_ids:
            mine = links.c.connection_id == connection_id
            await self._conn.execute(delete(links).where(mine, links.c.id.in_(link_ids)))
