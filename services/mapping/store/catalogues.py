"""The catalogues on Postgres: one packed row for each object of each side."""

import asyncio
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.domain.model import Catalogue
from services.mapping.store.packing import Packed, catalogue_of, packed_of
from services.mapping.store.tables import catalogue_objects

_KEY = ("connection_id", "side", "object_name")


class PostgresCatalogues:
    """The `Catalogues` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def get(self, connection_id: UUID) -> Catalogue | None:
        """The fields as they were read last."""
        table = catalogue_objects
        query = select(table.c.side, table.c.object_name, table.c.content).where(
            table.c.connection_id == connection_id
        )
        found = [Packed(*row) for row in await self._conn.execute(query)]
        # Ten thousands of options take a second to unpack: not on the loop.
        return await asyncio.to_thread(catalogue_of, found) if found else None

    async def save(self, connection_id: UUID, catalogue: Catalogue) -> None:
        """Replaces what was read before; an object that is not in it is forgotten."""
        packed = await asyncio.to_thread(packed_of, catalogue)
        await self._drop_others(connection_id, packed)
        for item in packed:
            row = {
                "connection_id": connection_id,
                "side": item.side,
                "object_name": item.object_name,
                "content": item.content,
                "read_at": func.now(),
            }
            statement = insert(catalogue_objects).values(row)
            await self._conn.execute(
                statement.on_conflict_do_update(index_elements=_KEY, set_=row),
            )

    async def _drop_others(self, connection_id: UUID, kept: Iterable[Packed]) -> None:
        table = catalogue_objects
        query = select(table.c.side, table.c.object_name).where(
            table.c.connection_id == connection_id
        )
        known = {(row.side, row.object_name) for row in await self._conn.execute(query)}
        for side, object_name in known - {(item.side, item.object_name) for item in kept}:
            await self._conn.execute(
                delete(table).where(
                    table.c.connection_id == connection_id,
                    table.c.side == side,
                    table.c.object_name == object_name,
                )
            )
