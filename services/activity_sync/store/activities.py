"""Pairs of tasks, reported timeline events and parked activities on Postgres."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.activity_sync.domain.timeline import TimelineEvent
from services.activity_sync.ports import Parked, Record, TaskLink
from services.activity_sync.store.tables import parked, task_links, timeline
from shared.kernel.ids import new_id
from shared.kernel.records import Side


class PostgresTaskLinks:
    """The `TaskLinks` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def of(self, connection_id: UUID, records: Collection[Record]) -> list[TaskLink]:
        """The links in which any of these tasks is one half."""
        if not records:
            return []
        hubspot = [record.id for record in records if record.side is Side.HUBSPOT]
        salesforce = [record.id for record in records if record.side is Side.SALESFORCE]
        query = select(task_links).where(
            task_links.c.connection_id == connection_id,
            or_(
                task_links.c.hubspot_id.in_(hubspot),
                task_links.c.salesforce_id.in_(salesforce),
            ),
        )
        return [
            TaskLink(row.id, row.hubspot_id, row.salesforce_id, row.base, row.hashes)
            for row in (await self._conn.execute(query)).all()
        ]

    async def save(self, connection_id: UUID, links: Sequence[TaskLink]) -> None:
        """Inserts or replaces links by their HubSpot half."""
        if not links:
            return
        statement = insert(task_links).values(
            [
                {
                    "id": link.id,
                    "connection_id": connection_id,
                    "hubspot_id": link.hubspot_id,
                    "salesforce_id": link.salesforce_id,
                    "base": dict(link.base),
                    "hashes": {side: dict(found) for side, found in link.hashes.items()},
                }
                for link in links
            ],
        )
        new = statement.excluded
        await self._conn.execute(
            statement.on_conflict_do_update(
                index_elements=["connection_id", "hubspot_id"],
                set_={
                    "salesforce_id": new.salesforce_id,
                    "base": new.base,
                    "hashes": new.hashes,
                    "synced_at": func.now(),
                },
            ),
        )

    async def remove(self, connection_id: UUID, ids: Collection[UUID]) -> None:
        """Deletes links; the tasks stay."""
        if ids:
            mine = task_links.c.connection_id == connection_id
            await self._conn.execute(delete(task_links).where(mine, task_links.c.id.in_(ids)))


class PostgresTimeline:
    """The `Timeline` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def add(self, connection_id: UUID, event: TimelineEvent) -> bool:
        """Stores an event; False when it was reported before."""
        statement = insert(timeline).values(
            connection_id=connection_id,
            key=event.key,
            kind=event.kind,
            contact_id=event.contact_id,
            occurred_at=event.occurred_at,
        )
        result = await self._conn.execute(statement.on_conflict_do_nothing())
        return result.rowcount == 1

    async def of(self, connection_id: UUID, keys: Collection[str]) -> dict[str, TimelineEvent]:
        """The events with these keys."""
        query = select(timeline).where(
            timeline.c.connection_id == connection_id, timeline.c.key.in_(keys)
        )
        return {
            row.key: TimelineEvent(row.key, row.kind, row.contact_id, row.occurred_at)
            for row in (await self._conn.execute(query)).all()
        }


class PostgresParked:
    """The `ParkedActivities` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def add(self, connection_id: UUID, activities: Sequence[Parked]) -> None:
        """Parks activities; the same reason for the same activity stays one row."""
        if not activities:
            return
        unique = {(activity.record, activity.code): activity for activity in activities}
        statement = insert(parked).values(
            [
                {
                    "id": new_id(),
                    "connection_id": connection_id,
                    "side": activity.record.side.value,
                    "record_id": activity.record.id,
                    "lane": activity.lane,
                    "code": activity.code,
                    "message": activity.message,
                    "person_id": activity.person_id,
                }
                for activity in unique.values()
            ],
        )
        await self._conn.execute(
            statement.on_conflict_do_update(
                index_elements=["connection_id", "side", "record_id", "code"],
                set_={"message": statement.excluded.message, "at": func.now()},
            ),
        )

    async def clear(self, connection_id: UUID, records: Collection[Record]) -> None:
        """Takes activities off the list: they were looked at again."""
        if records:
            pairs = [(record.side.value, record.id) for record in records]
            await self._conn.execute(
                delete(parked).where(
                    parked.c.connection_id == connection_id,
                    tuple_(parked.c.side, parked.c.record_id).in_(pairs),
                ),
            )

    async def waiting_for(self, connection_id: UUID, person_ids: Collection[str]) -> list[Parked]:
        """Activities that were parked because these people were not linked."""
        query = select(parked).where(
            parked.c.connection_id == connection_id, parked.c.person_id.in_(person_ids)
        )
        return [
            Parked(
                Record(Side(row.side), row.record_id),
                row.lane,
                row.code,
                row.message,
                row.person_id,
            )
            for row in (await self._conn.execute(query)).all()
        ]
