"""The journal of activities on Postgres."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, Uuid, and_, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.activity_sync.domain.merge import FieldWrite
from services.activity_sync.ports import Entry, Record, Settled, Status
from services.activity_sync.store.tables import journal
from shared.kernel.records import Side


class PostgresJournal:
    """The `Journal` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def open_entries(self, connection_id: UUID, records: Collection[Record]) -> list[Entry]:
        """Entries of these tasks that were never settled."""
        hubspot = [record.id for record in records if record.side is Side.HUBSPOT]
        salesforce = [record.id for record in records if record.side is Side.SALESFORCE]
        query = select(journal).where(
            and_(
                journal.c.connection_id == connection_id,
                journal.c.status == Status.INTENDED.value,
            ),
            or_(journal.c.hubspot_id.in_(hubspot), journal.c.salesforce_id.in_(salesforce)),
        )
        return [_entry(row) for row in (await self._conn.execute(query)).all()]

    async def add(self, connection_id: UUID, entries: Sequence[Entry]) -> None:
        """Stores what is going to be written, in one statement."""
        if entries:
            values = [_row(connection_id, entry) for entry in entries]
            await self._conn.execute(insert(journal).values(values))

    async def settle(self, connection_id: UUID, settled: Sequence[Settled]) -> None:
        """Stores what became of the writes."""
        if not settled:
            return
        mine = journal.c.connection_id == connection_id
        statement = (
            update(journal)
            .where(mine, journal.c.id == bindparam("entry_id", type_=Uuid()))
            .values(
                {
                    name: func.coalesce(bindparam(f"new_{name}", type_=Text()), journal.c[name])
                    for name in ("status", "error", "hubspot_id", "salesforce_id")
                }
                | {"settled_at": func.now()},
            )
        )
        await self._conn.execute(statement, [_outcome(item) for item in settled])


def _outcome(settled: Settled) -> dict[str, object]:
    return {
        "entry_id": settled.id,
        "new_status": settled.status.value,
        "new_error": settled.error,
        "new_hubspot_id": settled.hubspot_id,
        "new_salesforce_id": settled.salesforce_id,
    }


def _row(connection_id: UUID, entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "connection_id": connection_id,
        "side": entry.side.value,
        "operation": entry.operation,
        "kind": entry.kind,
        "hubspot_id": entry.hubspot_id,
        "salesforce_id": entry.salesforce_id,
        "fields": [asdict(write) | {"side": write.side.value} for write in entry.fields],
        "cause": dict(entry.cause),
        "traceparent": entry.traceparent,
        "status": entry.status.value,
        "error": entry.error,
    }


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        side=Side(row.side),
        operation=row.operation,
        kind=row.kind,
        hubspot_id=row.hubspot_id,
        salesforce_id=row.salesforce_id,
        fields=tuple(FieldWrite(**write | {"side": Side(write["side"])}) for write in row.fields),
        cause=row.cause,
        traceparent=row.traceparent,
        status=Status(row.status),
        error=row.error,
    )
