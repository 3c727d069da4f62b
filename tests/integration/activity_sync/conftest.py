import asyncio
from collections.abc import AsyncIterator

import pytest

from services.activity_sync.store import TABLES, PostgresStore
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.db.provision import provision_async
from shared.kernel.clock import SystemClock
from shared.outbox.mailbox import Mailbox
from shared.outbox.outbox import Outbox


@pytest.fixture
async def database(admin_url: str, database_name: str) -> AsyncIterator[Database]:
    passwords = {"activity_sync": "p"}
    urls = await provision_async(admin_url, database=database_name, passwords=passwords)
    await asyncio.to_thread(upgrade, "activity_sync", urls["activity_sync"])
    database = Database.connect(urls["activity_sync"], application="test")
    yield database
    await database.close()


@pytest.fixture
def store(database: Database) -> PostgresStore:
    return PostgresStore(
        database,
        outbox=Outbox(TABLES.outbox, source="activity_sync"),
        mailbox=Mailbox(TABLES.mailbox),
        clock=SystemClock(),
    )
