"""Rows for any table, made from its columns alone, and a look into every table there is."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    insert,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.database import Database

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SAMPLES: Mapping[type, Any] = {
    Boolean: lambda: True,
    DateTime: lambda: NOON,
    Float: lambda: 1.5,
    JSONB: list,
    LargeBinary: lambda: b"x",
    Text: lambda: f"t{uuid4().hex}",
    Uuid: uuid4,
    Integer: lambda: 1,
}


def row_for(table: Table, tenant: UUID) -> dict[str, Any]:
    """A row of this table that belongs to the tenant."""
    row = {one.name: _sample(one) for one in table.columns if _needed(one)}
    name = "connection_id" if "connection_id" in table.c else "id"
    return {**row, name: tenant}


def _needed(column: Column[Any]) -> bool:
    return column.identity is None and (not column.nullable or column.primary_key)


def _sample(column: Column[Any]) -> Any:
    for kind, make in SAMPLES.items():
        if isinstance(column.type, kind):
            return make()
    raise AssertionError(column)


async def put(database: Database, tables: Iterable[Table], tenant: UUID, rows: int = 1) -> None:
    """So many rows in each of the tables; one where a key allows no second."""
    async with database.begin() as conn:
        for table in tables:
            await conn.execute(insert(table), [row_for(table, tenant) for _ in range(rows)])


async def everything(
    conn: AsyncConnection, schemas: Iterable[str], needle: str
) -> dict[str, list[str]]:
    """Every row of every table of these schemas that has `needle` anywhere, as text."""
    names = text(
        "SELECT table_schema, table_name FROM information_schema.tables "
        "WHERE table_schema = ANY(:schemas) AND table_type = 'BASE TABLE' ORDER BY 1, 2"
    )
    found: dict[str, list[str]] = {}
    for schema, name in (await conn.execute(names, {"schemas": list(schemas)})).all():
        query = text(
            f'SELECT t::text FROM "{schema}"."{name}" t '  # noqa: S608 -- names of the catalogue
            "WHERE t::text LIKE '%' || :needle || '%' ORDER BY 1"
        )
        rows = (await conn.execute(query, {"needle": needle})).scalars().all()
        if rows:
            found[f"{schema}.{name}"] = list(rows)
    return found
