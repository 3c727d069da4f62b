"""The latest pre-flight of each connection."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.connection.domain.checklist import Item, Mark
from services.connection.domain.features import Feature
from services.connection.domain.preflight import Preflight, Users
from services.connection.store.tables import preflights
from shared.kernel.records import Side


async def save_preflight(conn: AsyncConnection, run: Preflight) -> None:
    """Replaces the one before."""
    row = {
        "connection_id": run.connection_id,
        "checked_at": run.checked_at,
        "features": list(run.features),
        "items": [_item_json(item) for item in run.items],
        "users": {
            "hubspot": run.users.hubspot,
            "salesforce": run.users.salesforce,
            "org_id": run.users.org_id,
        },
        "lost": list(run.lost),
    }
    written = upsert(preflights).values(row)
    key = [preflights.c.connection_id]
    await conn.execute(written.on_conflict_do_update(index_elements=key, set_=row))


async def read_preflights(
    conn: AsyncConnection, connection_ids: Collection[UUID]
) -> dict[UUID, Preflight]:
    """One statement for any number of connections."""
    statement = select(preflights).where(preflights.c.connection_id.in_(connection_ids))
    rows = (await conn.execute(statement)).mappings()
    return {row["connection_id"]: _preflight_of(row) for row in rows}


def _preflight_of(row: RowMapping) -> Preflight:
    return Preflight(
        connection_id=row["connection_id"],
        checked_at=row["checked_at"],
        features=tuple(Feature(name) for name in row["features"]),
        items=tuple(_item_of(item) for item in row["items"]),
        users=Users(**row["users"]),
        lost=tuple(row["lost"]),
    )


def _item_json(item: Item) -> dict[str, Any]:
    return {
        "key": item.key,
        "side": item.side,
        "right": item.right,
        "mark": item.mark,
        "features": list(item.features),
        "found": item.found,
        "todo": item.todo,
    }


def _item_of(found: dict[str, Any]) -> Item:
    return Item(
        key=found["key"],
        side=Side(found["side"]),
        right=found["right"],
        mark=Mark(found["mark"]),
        features=tuple(Feature(name) for name in found["features"]),
        found=found["found"],
        todo=found["todo"],
    )
