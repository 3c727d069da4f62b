"""The service's own copies: connections, and contact_sync's linked people."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.activity_sync.ports import Connection, PersonLink, Status
from services.activity_sync.store.tables import (
    TABLES,
    connections,
    journal,
    parked,
    people,
    task_links,
)
from shared.contracts.settings import Settings
from shared.contracts.standing import Standing
from shared.db.aside import Shelf, aside_id, set_aside, take_back
from shared.kernel.records import Side


class PostgresConnections:
    """The `Connections` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def get(self, connection_id: UUID) -> Connection | None:
        """What is kept of a connection."""
        query = select(connections).where(connections.c.id == connection_id)
        row = (await self._conn.execute(query)).mappings().one_or_none()
        return None if row is None else _connection(row)

    async def locked(self, connection_id: UUID) -> Connection:
        """The row, made when it is missing, locked until the transaction ends."""
        first = insert(connections).values(_row(Connection(id=connection_id)))
        await self._conn.execute(first.on_conflict_do_nothing())
        query = select(connections).where(connections.c.id == connection_id)
        return _connection((await self._conn.execute(query.with_for_update())).mappings().one())

    async def save(self, connection: Connection) -> None:
        """Inserts or replaces what is kept of a connection."""
        row = _row(connection)
        statement = insert(connections).values(row)
        await self._conn.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=row),
        )

    async def org_of(self, connection_id: UUID) -> str | None:
        """A shared lock: settling batches do not wait for each other."""
        query = select(connections.c.org_id).where(connections.c.id == connection_id)
        found = await self._conn.execute(query.with_for_update(read=True))
        return found.scalar_one_or_none()

    async def change_org(self, connection_id: UUID, left: str, entered: str) -> None:
        """People, pairs of tasks, intents and what is parked; the rows stay in their tables."""
        there = Side.SALESFORCE.value
        mailbox = TABLES.mailbox.mailbox
        mine = mailbox.c.connection_id == connection_id
        await self._conn.execute(delete(mailbox).where(mine, mailbox.c.side == there))
        shelves = (
            Shelf(people),
            Shelf(task_links),
            Shelf(journal, journal.c.status == Status.INTENDED.value),
            Shelf(parked, parked.c.side == there),
        )
        await set_aside(self._conn, shelves, connection_id, left)
        await take_back(self._conn, shelves, connection_id, entered)


class PostgresPeople:
    """The `People` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def save(self, connection_id: UUID, link: PersonLink, *, org_id: str = "") -> None:
        """Remembers a linked person; a HubSpot contact has one counterpart in an org."""
        statement = insert(people).values(
            connection_id=_shelf_of(connection_id, org_id),
            hubspot_id=link.hubspot_id,
            salesforce_id=link.salesforce_id,
        )
        await self._conn.execute(
            statement.on_conflict_do_update(
                index_elements=["connection_id", "hubspot_id"],
                set_={"salesforce_id": link.salesforce_id},
            ),
        )

    async def remove(self, connection_id: UUID, link: PersonLink, *, org_id: str = "") -> None:
        """Forgets a person whose link was taken apart."""
        await self._conn.execute(
            delete(people).where(
                people.c.connection_id == _shelf_of(connection_id, org_id),
                people.c.hubspot_id == link.hubspot_id,
                people.c.salesforce_id == link.salesforce_id,
            ),
        )

    async def of(self, connection_id: UUID, side: Side, ids: Collection[str]) -> dict[str, str]:
        """The other side's id of each linked person."""
        if not ids:
            return {}
        here, there = people.c.hubspot_id, people.c.salesforce_id
        if side is Side.SALESFORCE:
            here, there = there, here
        query = select(here, there).where(people.c.connection_id == connection_id, here.in_(ids))
        return {row[0]: row[1] for row in (await self._conn.execute(query)).all()}


def _shelf_of(connection_id: UUID, org_id: str) -> UUID:
    return aside_id(connection_id, org_id) if org_id else connection_id


def _connection(row: RowMapping) -> Connection:
    settings = row["settings"]
    return Connection(
        id=row["id"],
        portal_id=row["portal_id"],
        org_id=row["org_id"],
        settings=None if settings is None else Settings.model_validate(settings),
        standing=Standing.model_validate(row["standing"]),
        left_orgs=tuple(row["left_orgs"]),
    )


def _row(connection: Connection) -> dict[str, Any]:
    settings = connection.settings
    return {
        "id": connection.id,
        "portal_id": connection.portal_id,
        "org_id": connection.org_id,
        "settings": None if settings is None else settings.model_dump(mode="json"),
        "standing": connection.standing.model_dump(mode="json"),
        "running": connection.standing.started,
        "waiting_for": connection.standing.waits_for,
        "left_orgs": list(connection.left_orgs),
    }
