"""connection's own schema on a real Postgres, made by its migrations."""

from collections.abc import AsyncIterator

import pytest

from services.connection.store import OUTBOX, PostgresStore
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.db.provision import provision
from shared.outbox.outbox import Outbox
from shared.security.keyring import KeyRing, generate_key


@pytest.fixture(scope="module")
def schema_url(admin_url: str, database_name: str) -> str:
    urls = provision(admin_url, database=database_name, passwords={"connection": "p"})
    upgrade("connection", urls["connection"])
    return urls["connection"]


@pytest.fixture(scope="module")
def key() -> str:
    return generate_key()


@pytest.fixture
async def database(schema_url: str) -> AsyncIterator[Database]:
    opened = Database.connect(schema_url, application="test", pool_size=8)
    yield opened
    await opened.close()


@pytest.fixture
def store(database: Database, key: str) -> PostgresStore:
    ring = KeyRing.parse(f"k1:{key}")
    return PostgresStore(database, outbox=Outbox(OUTBOX, source="connection"), ring=ring)
