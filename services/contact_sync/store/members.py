"""Contacts that wait for the link of their company, on Postgres."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Text, cast, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.contact_sync.domain.world import Claim, Waiting
from services.contact_sync.store.tables import members


class PostgresMembers:
    """The `Members` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def lock(self, connection_id: UUID) -> None:
        """One transaction at a time that joins contacts and companies, until it ends."""
        key = func.hashtextextended(cast(f"members:{connection_id}", Text), 0)
        await self._conn.execute(select(func.pg_advisory_xact_lock(key)))

    async def add(self, connection_id: UUID, waiting: Sequence[Waiting]) -> None:
        """Keeps who waits for which company; once more changes nothing."""
        rows = [
            {
                "connection_id": connection_id,
                "side": one.company.side.value,
                "company_id": one.company.record_id,
                "contact_id": one.contact_id,
            }
            for one in dict.fromkeys(waiting)
        ]
        await self._conn.execute(insert(members).values(rows).on_conflict_do_nothing())

    async def take(self, connection_id: UUID, companies: Collection[Claim]) -> set[str]:
        """The contacts that wait for one of these companies; they wait no longer."""
        if not companies:
            return set()
        keys = [(one.side.value, one.record_id) for one in companies]
        statement = (
            delete(members)
            .where(
                members.c.connection_id == connection_id,
                tuple_(members.c.side, members.c.company_id).in_(keys),
            )
            .returning(members.c.contact_id)
        )
        return set((await self._conn.execute(statement)).scalars())
