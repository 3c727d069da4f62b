"""quota's own schema on a real Postgres, made by its migrations."""

from collections.abc import AsyncIterator

import pytest

from services.quota.store import INBOX, OUTBOX, PostgresStore
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.db.provision import provision
from shared.outbox.inbox import Inbox
from shared.outbox.outbox import Outbox


@pytest.fixture(scope="module")
def schema_url(admin_url: str, database_name: str) -> str:
    urls = provision(admin_url, database=database_name, passwords={"quota": "p"})
    upgrade("quota", urls["quota"])
    return urls["quota"]


@pytest.fixture
async def database(schema_url: str) -> AsyncIterator[Database]:
    opened = Database.connect(schema_url, application="test", pool_size=8)
    yield opened
    await opened.close()


@pytest.fixture
def store(database: Database) -> PostgresStore:
    return PostgresStore(database, outbox=Outbox(OUTBOX, source="quota"))


@pytest.fixture
def inbox() -> Inbox:
    return Inbox(INBOX)
