"""The journal on Postgres."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.contact_sync.domain.journal import Entry, Status
from services.contact_sync.domain.objects import ALL_OBJECTS
from services.contact_sync.ports import Settled
from services.contact_sync.store.rows import entry_of, entry_row
from services.contact_sync.store.tables import journal
from shared.kernel.records import ObjectType


class PostgresJournal:
    """The `Journal` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def open_entries(
        self,
        connection_id: UUID,
        hubspot_ids: Collection[str],
        salesforce_ids: Collection[str],
        object_type: ObjectType = ObjectType.CONTACT,
    ) -> list[Entry]:
        """Entries of these records of that type that were never settled."""
        query = select(journal).where(
            journal.c.connection_id == connection_id,
            journal.c.status == Status.INTENDED.value,
            journal.c.object_name.in_(ALL_OBJECTS[object_type].names),
            or_(
                journal.c.hubspot_id.in_(hubspot_ids),
                journal.c.salesforce_id.in_(salesforce_ids),
            ),
        )
        return [entry_of(row) for row in (await self._conn.execute(query)).mappings()]

    async def add(self, connection_id: UUID, entries: Sequence[Entry]) -> None:
        """Stores what is going to be written, in one statement."""
        if entries:
            values = [{"connection_id": connection_id, **entry_row(entry)} for entry in entries]
            await self._conn.execute(insert(journal).values(values))

    async def settle(self, connection_id: UUID, settled: Sequence[Settled]) -> None:
        """Stores what became of the writes."""
        if not settled:
            return
        statement = (
            update(journal)
            .where(
                journal.c.connection_id == connection_id,
                journal.c.id == bindparam("entry_id", type_=Uuid()),
            )
            .values(
                status=bindparam("new_status", type_=Text()),
                error=bindparam("new_error", type_=Text()),
                hubspot_id=func.coalesce(
                    bindparam("new_hubspot_id", type_=Text()), journal.c.hubspot_id
                ),
                salesforce_id=func.coalesce(
                    bindparam("new_salesforce_id", type_=Text()), journal.c.salesforce_id
                ),
                settled_at=func.now(),
            )
        )
        await self._conn.execute(statement, [_parameters(item) for item in settled])


def _parameters(settled: Settled) -> dict[str, object]:
    return {
        "entry_id": settled.id,
        "new_status": settled.status.value,
        "new_error": settled.error,
        "new_hubspot_id": settled.hubspot_id,
        "new_salesforce_id": settled.salesforce_id,
    }
