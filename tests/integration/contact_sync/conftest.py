"""contact_sync's own schema on a real Postgres, under a worker that can be made to die."""

from collections.abc import AsyncIterator

import pytest

from services.contact_sync.store import TABLES, PostgresStore
from services.contact_sync.store.views import PostgresViews
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.db.provision import provision
from shared.kernel.clock import SystemClock
from shared.outbox.mailbox import Mailbox
from shared.outbox.outbox import Outbox
from tests.contracts.contact_sync.stores import OnPostgres
from tests.integration.contact_sync.workshop import MortalStore, Workshop


@pytest.fixture(scope="module")
def schema_url(admin_url: str, database_name: str) -> str:
    urls = provision(admin_url, database=database_name, passwords={"contact_sync": "p"})
    upgrade("contact_sync", urls["contact_sync"])
    return urls["contact_sync"]


@pytest.fixture
async def database(schema_url: str) -> AsyncIterator[Database]:
    opened = Database.connect(schema_url, application="test")
    yield opened
    await opened.close()


@pytest.fixture
async def store(database: Database) -> PostgresStore:
    found = PostgresStore(
        database,
        outbox=Outbox(TABLES.outbox, source="contact_sync"),
        mailbox=Mailbox(TABLES.mailbox),
        clock=SystemClock(),
    )
    await OnPostgres(found, database).clear()
    return found


@pytest.fixture
def views(database: Database) -> PostgresViews:
    return PostgresViews(database)


@pytest.fixture
async def workshop(store: PostgresStore, database: Database) -> Workshop:
    built = Workshop(MortalStore(store), OnPostgres(store, database))
    await built.connect()
    return built
