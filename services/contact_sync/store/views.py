"""Read-only queries for people, past the domain: plain SQL with the tenant in each."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Select, Table, func, or_, select, tuple_

from services.contact_sync.handlers.views import Row
from services.contact_sync.store.tables import TABLES, imports, journal, links, parked
from shared.db.database import Database

LATEST_IMPORTS = 20
"""A page of imports; older ones are history that the journal tells."""

LINK_COLUMNS = (
    "id",
    "object_type",
    "hubspot_id",
    "salesforce_id",
    "salesforce_object",
    "ambiguous",
    "synced_at",
)
JOURNAL_COLUMNS = (
    "id",
    "side",
    "operation",
    "object_name",
    "hubspot_id",
    "salesforce_id",
    "fields",
    "cause",
    "settings_version",
    "traceparent",
    "status",
    "error",
    "at",
    "settled_at",
)
PARKED_COLUMNS = ("id", "object_type", "side", "record_id", "code", "field", "message", "at")


class PostgresViews:
    """The `Views` port; every method is one short read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def links(
        self,
        connection_id: UUID,
        *,
        record_id: str | None = None,
        limit: int,
        after: tuple[datetime, UUID] | None,
    ) -> list[Row]:
        """Linked pairs, the latest synced first."""
        query = _mine(links, LINK_COLUMNS, connection_id)
        if record_id is not None:
            query = query.where(
                or_(links.c.hubspot_id == record_id, links.c.salesforce_id == record_id),
            )
        if after is not None:
            query = query.where(tuple_(links.c.synced_at, links.c.id) < after)
        query = query.order_by(links.c.synced_at.desc(), links.c.id.desc()).limit(limit)
        found = await self._fetch(query)
        return [Row((row["synced_at"].isoformat(), str(row["id"])), row) for row in found]

    async def link(self, connection_id: UUID, link_id: UUID) -> dict[str, Any] | None:
        """One pair with its base."""
        columns = (*LINK_COLUMNS, "base")
        query = _mine(links, columns, connection_id).where(links.c.id == link_id)
        return next(iter(await self._fetch(query)), None)

    async def journal(
        self,
        connection_id: UUID,
        *,
        record_id: str | None,
        limit: int,
        before: UUID | None,
    ) -> list[Row]:
        """Writes, the latest first."""
        query = _mine(journal, JOURNAL_COLUMNS, connection_id)
        if record_id is not None:
            query = query.where(
                or_(journal.c.hubspot_id == record_id, journal.c.salesforce_id == record_id),
            )
        return await self._newest(query, journal, limit, before)

    async def parked(self, connection_id: UUID, *, limit: int, before: UUID | None) -> list[Row]:
        """Records that wait for a person, the latest first."""
        query = _mine(parked, PARKED_COLUMNS, connection_id)
        return await self._newest(query, parked, limit, before)

    async def imports(self, connection_id: UUID) -> list[dict[str, Any]]:
        """The latest imports, each with how many of its records still wait."""
        mailbox = TABLES.mailbox.mailbox
        waiting = (
            select(func.count())
            .where(
                mailbox.c.connection_id == connection_id,
                mailbox.c.cause["import_id"].astext == func.cast(imports.c.id, mailbox.c.lane.type),
            )
            .scalar_subquery()
        )
        query = (
            select(imports, waiting.label("waiting"))
            .where(imports.c.connection_id == connection_id)
            .order_by(imports.c.id.desc())
            .limit(LATEST_IMPORTS)
        )
        return await self._fetch(query)

    async def waiting(self, connection_id: UUID) -> dict[str, Any]:
        """How much waits in the mailbox, and since when."""
        mailbox = TABLES.mailbox.mailbox
        query = select(
            func.count().label("records"),
            func.min(mailbox.c.first_seen_at).label("oldest"),
        ).where(mailbox.c.connection_id == connection_id)
        return (await self._fetch(query))[0]

    async def _newest(
        self,
        query: Select[Any],
        table: Table,
        limit: int,
        before: UUID | None,
    ) -> list[Row]:
        if before is not None:
            query = query.where(table.c.id < before)
        found = await self._fetch(query.order_by(table.c.id.desc()).limit(limit))
        return [Row((str(row["id"]),), row) for row in found]

    async def _fetch(self, query: Executable) -> list[dict[str, Any]]:
        async with self._database.begin() as conn:
            return [dict(row) for row in (await conn.execute(query)).mappings()]


def _mine(table: Table, columns: tuple[str, ...], connection_id: UUID) -> Select[Any]:
    chosen = (table.c[name] for name in columns)
    return select(*chosen).where(table.c.connection_id == connection_id)
