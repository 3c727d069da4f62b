"""The package watcher's own schema on a real Postgres, made by its migrations."""

from collections.abc import AsyncIterator

import pytest

from services.package_watcher.store import TABLES, PostgresStore
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.db.provision import provision
from shared.outbox.outbox import Outbox


@pytest.fixture(scope="module")
def schema_url(admin_url: str, database_name: str) -> str:
    urls = provision(admin_url, database=database_name, passwords={"package_watcher": "p"})
    upgrade("package_watcher", urls["package_watcher"])
    return urls["package_watcher"]


@pytest.fixture
async def database(schema_url: str) -> AsyncIterator[Database]:
    opened = Database.connect(schema_url, application="test", pool_size=8)
    yield opened
    await opened.close()


@pytest.fixture
def real_store(database: Database) -> PostgresStore:
    return PostgresStore(database, outbox=Outbox(TABLES.outbox, source="package_watcher"))
