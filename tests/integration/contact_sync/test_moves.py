"""A move and batches on their way meet at the row of the connection."""

import asyncio

import pytest
from sqlalchemy import delete

from services.contact_sync.domain.model import Link
from services.contact_sync.handlers.lifecycle import note_lifecycle
from services.contact_sync.handlers.settle import OrgLeftError, check_org
from services.contact_sync.ports import Connection
from services.contact_sync.store import PostgresStore
from services.contact_sync.store.tables import connections
from shared.contracts.connection import ConnectionEstablished
from shared.db.database import Database
from shared.kernel.ids import new_id
from tests.factories.standings import stamps
from tests.fakes.contact_sync.stage import CONNECTION, ORG, PORTAL

STAMPS = stamps()
KNOWN = Connection(CONNECTION, PORTAL, ORG)
THERE = ConnectionEstablished(
    portal_id=PORTAL,
    org_id="00D000000000002",
    environment="production",
    instance_url="https://x.test",
    hubspot_app_id="3",
    salesforce_user_id="4",
    moved=True,
)
LINK = Link(new_id(), "1", "003A", "Contact")


async def move(store: PostgresStore) -> None:
    async with store.begin() as work:
        await note_lifecycle(work, CONNECTION, THERE, next(STAMPS))


@pytest.fixture(autouse=True)
async def known(store: PostgresStore) -> None:
    async with store.begin() as work:
        await work.connections.save(KNOWN)


async def test_a_move_waits_for_batches_that_settle_and_takes_their_links_along(
    store: PostgresStore,
) -> None:
    async with store.begin() as one, store.begin() as other:
        await check_org(one, KNOWN)
        await check_org(other, KNOWN)  # two batches of a lane do not wait for each other
        moving = asyncio.create_task(move(store))
        done, _ = await asyncio.wait([moving], timeout=0.3)
        assert not done
        await one.links.save(CONNECTION, [LINK])
    await moving
    async with store.begin() as work:
        assert await work.links.of(CONNECTION, ["1"], []) == []
        await work.connections.change_org(CONNECTION, "00D000000000002", ORG)
        (found,) = await work.links.of(CONNECTION, ["1"], [])
        assert found.salesforce_id == "003A"


async def test_a_batch_that_comes_later_stores_nothing(store: PostgresStore) -> None:
    await move(store)
    async with store.begin() as work:
        with pytest.raises(OrgLeftError):
            await check_org(work, KNOWN)


async def test_a_batch_of_a_connection_that_was_purged_stores_nothing(
    store: PostgresStore, database: Database
) -> None:
    async with database.begin() as conn:
        await conn.execute(delete(connections).where(connections.c.id == CONNECTION))
    async with store.begin() as work:
        with pytest.raises(OrgLeftError):
            await check_org(work, KNOWN)
