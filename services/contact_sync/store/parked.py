"""Parked records on Postgres."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.contact_sync.domain.world import Claim
from services.contact_sync.ports import Parked
from services.contact_sync.store.tables import parked
from shared.kernel.ids import new_id
from shared.kernel.records import ObjectType, Side


class PostgresParked:
    """The `ParkedRecords` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def add(self, connection_id: UUID, records: Sequence[Parked]) -> None:
        """Parks records; the same reason for the same record stays one row."""
        if not records:
            return
        unique = {(r.claim, r.code, r.field or ""): r for r in records}
        statement = insert(parked).values(
            [
                {
                    "id": new_id(),
                    "connection_id": connection_id,
                    "object_type": record.claim.object_type.value,
                    "side": record.claim.side.value,
                    "record_id": record.claim.record_id,
                    "code": record.code,
                    "field": record.field or "",
                    "message": record.message,
                }
                for record in unique.values()
            ],
        )
        await self._conn.execute(
            statement.on_conflict_do_update(
                index_elements=[
                    "connection_id",
                    "object_type",
                    "side",
                    "record_id",
                    "code",
                    "field",
                ],
                set_={"message": statement.excluded.message, "at": func.now()},
            ),
        )

    async def clear(self, connection_id: UUID, claims: Collection[Claim]) -> None:
        """Takes records off the list: they were looked at again."""
        if claims:
            rows = [(c.object_type.value, c.side.value, c.record_id) for c in claims]
            await self._conn.execute(
                delete(parked).where(
                    parked.c.connection_id == connection_id,
                    tuple_(parked.c.object_type, parked.c.side, parked.c.record_id).in_(rows),
                ),
            )

    async def claim_of(self, connection_id: UUID, parked_id: UUID) -> Claim | None:
        """The record that a row of the list is about."""
        query = select(parked.c.side, parked.c.record_id, parked.c.object_type).where(
            parked.c.connection_id == connection_id,
            parked.c.id == parked_id,
        )
        row = (await self._conn.execute(query)).one_or_none()
        if row is None:
            return None
        return Claim(Side(row.side), row.record_id, ObjectType(row.object_type))
