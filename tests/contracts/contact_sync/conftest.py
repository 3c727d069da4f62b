"""The fake store and the real one behind the same few words."""

from collections.abc import AsyncIterator

import pytest

from services.contact_sync.store import TABLES, PostgresStore
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.db.provision import provision
from shared.outbox.mailbox import Mailbox
from shared.outbox.outbox import Outbox
from tests.contracts.contact_sync.stores import InMemory, OnPostgres, Stores
from tests.fakes.clock import FixedClock
from tests.fakes.contact_sync.store import FakeStore


@pytest.fixture(scope="module")
def schema_url(admin_url: str, database_name: str) -> str:
    """contact_sync's own schema, made by its migrations."""
    urls = provision(admin_url, database=database_name, passwords={"contact_sync": "p"})
    upgrade("contact_sync", urls["contact_sync"])
    return urls["contact_sync"]


@pytest.fixture
async def postgres(schema_url: str, clock: FixedClock) -> AsyncIterator[OnPostgres]:
    database = Database.connect(schema_url, application="test")
    outbox = Outbox(TABLES.outbox, source="contact_sync")
    store = PostgresStore(database, outbox=outbox, mailbox=Mailbox(TABLES.mailbox), clock=clock)
    found = OnPostgres(store, database)
    await found.clear()
    yield found
    await database.close()


@pytest.fixture(params=["memory", "postgres"])
def store(request: pytest.FixtureRequest, clock: FixedClock) -> Stores:
    if request.param == "memory":
        return InMemory(FakeStore(clock), clock)
    found: OnPostgres = request.getfixturevalue("postgres")
    return found
