"""The setups on Postgres."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.domain.setup import Setup
from services.mapping.store.rows import setup_of, setup_row
from services.mapping.store.tables import setups


class PostgresSetups:
    """The `Setups` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def get(self, connection_id: UUID) -> Setup | None:
        """As it is now, not held."""
        return await self._one(connection_id, held=False)

    async def held(self, connection_id: UUID) -> Setup | None:
        """Held by this transaction until it ends."""
        return await self._one(connection_id, held=True)

    async def opened(self, connection_id: UUID) -> Setup:
        """Held by this transaction; two that open the same one at once wait for each other."""
        fresh = setup_row(Setup(connection_id))
        await self._conn.execute(insert(setups).values(fresh).on_conflict_do_nothing())
        return await self._one(connection_id, held=True) or Setup(connection_id)

    async def page(self, *, after: UUID | None, limit: int) -> list[Setup]:
        """In the order of the connection ids."""
        query = select(setups).order_by(setups.c.connection_id).limit(limit)
        if after is not None:
            query = query.where(setups.c.connection_id > after)
        return [setup_of(row) for row in (await self._conn.execute(query)).mappings()]

    async def sharing(self, org_id: str, *, besides: UUID) -> int:
        """How many other connections sync with an org."""
        query = (
            select(func.count())
            .select_from(setups)
            .where(
                setups.c.org_id == org_id,
                setups.c.connected,
                setups.c.connection_id != besides,
            )
        )
        return int((await self._conn.execute(query)).scalar_one())

    async def save(self, setup: Setup) -> None:
        """Inserts or replaces the row."""
        row = setup_row(setup)
        statement = insert(setups).values(row)
        await self._conn.execute(
            statement.on_conflict_do_update(index_elements=["connection_id"], set_=row),
        )

    async def _one(self, connection_id: UUID, *, held: bool) -> Setup | None:
        query = select(setups).where(setups.c.connection_id == connection_id)
        if held:
            query = query.with_for_update()
        row = (await self._conn.execute(query)).mappings().one_or_none()
        return None if row is None else setup_of(row)
