"""What the refreshes found, and the properties that were made, on Postgres."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

import msgspec
from sqlalchemy import delete, insert, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.domain.hits import Report
from services.mapping.domain.kept import KeptReport, MadeProperty
from services.mapping.store.field_tables import drift_reports, made_properties
from shared.kernel.records import ObjectType

MAX_REPORTS = 50
"""Reports that are kept of a connection. Only refreshes that found something make one: a year of
an ordinary org, and at a thousand findings each still less than 20 MB."""


class PostgresReports:
    """The `Reports` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def add(self, connection_id: UUID, version: int, report: Report) -> None:
        """Keeps one, and only the newest of them all."""
        table = drift_reports
        row = {
            "connection_id": connection_id,
            "version": version,
            "report": msgspec.to_builtins(report),
        }
        await self._conn.execute(insert(table).values(row))
        newest = (
            select(table.c.position)
            .where(table.c.connection_id == connection_id)
            .order_by(table.c.position.desc())
            .limit(MAX_REPORTS)
        )
        await self._conn.execute(
            delete(table).where(
                table.c.connection_id == connection_id, table.c.position.not_in(newest)
            )
        )

    async def page(
        self, connection_id: UUID, *, before: int | None, limit: int
    ) -> list[KeptReport]:
        """The newest first."""
        table = drift_reports
        query = (
            select(table)
            .where(table.c.connection_id == connection_id)
            .order_by(table.c.position.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(table.c.position < before)
        return [
            KeptReport(
                row["position"],
                row["found_at"],
                row["version"],
                msgspec.convert(row["report"], Report),
            )
            for row in (await self._conn.execute(query)).mappings()
        ]


class PostgresMadeProperties:
    """The `MadeProperties` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def add(self, connection_id: UUID, properties: Sequence[MadeProperty]) -> None:
        """Keeps them, in one order so that two transactions wait for each other."""
        for item in sorted(properties, key=lambda one: (one.object_type, one.name)):
            row = {
                **asdict(item),
                "connection_id": connection_id,
                "object_type": item.object_type.value,
                "salesforce_objects": list(item.salesforce_objects),
            }
            statement = upsert(made_properties).values(row)
            key = ["connection_id", "object_type", "name"]
            await self._conn.execute(
                statement.on_conflict_do_update(index_elements=key, set_=row),
            )

    async def page(
        self, connection_id: UUID, *, after: tuple[str, str] | None, limit: int
    ) -> list[MadeProperty]:
        """By object type and name."""
        table = made_properties
        place = (table.c.object_type, table.c.name)
        query = (
            select(table)
            .where(table.c.connection_id == connection_id)
            .order_by(*place)
            .limit(limit)
        )
        if after is not None:
            query = query.where(tuple_(*place) > after)
        rows = (await self._conn.execute(query)).mappings()
        return [
            MadeProperty(
                object_type=ObjectType(row["object_type"]),
                name=row["name"],
                label=row["label"],
                type=row["type"],
                field_type=row["field_type"],
                salesforce_field=row["salesforce_field"],
                salesforce_objects=tuple(row["salesforce_objects"]),
                restored=row["restored"],
                author=row["author"],
                made_at=row["made_at"],
            )
            for row in rows
        ]
