"""A service called `plumbing` with the mechanisms' tables and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import MetaData, Table
from sqlalchemy.ext.asyncio import create_async_engine

from shared.db.database import Database
from shared.db.notify import Wakeups
from shared.db.provision import provision_async
from shared.db.schema import metadata_for
from shared.outbox.inbox import Inbox
from shared.outbox.mailbox import Mailbox
from shared.outbox.outbox import Outbox
from shared.outbox.tables import MailboxTables, inbox_table, mailbox_tables, outbox_table


@dataclass(frozen=True)
class Plumbing:
    """One service's database with the mechanisms over it."""

    metadata: MetaData
    outbox_table: Table
    inbox_table: Table
    mailbox_tables: MailboxTables
    database: Database
    urls: dict[str, str]

    @property
    def outbox(self) -> Outbox:
        return Outbox(self.outbox_table, source="plumbing")

    @property
    def inbox(self) -> Inbox:
        return Inbox(self.inbox_table)

    @property
    def mailbox(self) -> Mailbox:
        return Mailbox(self.mailbox_tables)


@pytest.fixture
async def plumbing(admin_url: str, database_name: str) -> AsyncIterator[Plumbing]:
    urls = await provision_async(
        admin_url, database=database_name, passwords={"plumbing": "p1", "other": "p2"}
    )
    metadata = metadata_for("plumbing")
    tables = outbox_table(metadata), inbox_table(metadata), mailbox_tables(metadata)
    engine = create_async_engine(urls["plumbing"].replace("postgresql:", "postgresql+asyncpg:"))
    async with engine.begin() as conn:
        await conn.run_sync(metadata.drop_all)
        await conn.run_sync(metadata.create_all)
    await engine.dispose()
    database = Database.connect(urls["plumbing"], application="test")
    yield Plumbing(metadata, *tables, database, urls)
    await database.close()


@pytest.fixture
async def wakeups(plumbing: Plumbing) -> AsyncIterator[Wakeups]:
    listener, stop = Wakeups(plumbing.urls["plumbing"]), asyncio.Event()
    task = asyncio.create_task(listener.run(stop))
    yield listener
    stop.set()
    await task
