"""A service called `plumbing` with the mechanisms' tables, one table of effects, and a handler."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.db.database import Database
from shared.db.notify import Wakeups
from shared.db.provision import provision_async
from shared.messaging.publisher import AmqpPublisher
from tests.fakes.broker import topology
from tests.integration.plumbing.service import METADATA, QUEUE, Plumbing


@pytest.fixture
async def plumbing(admin_url: str, database_name: str) -> AsyncIterator[Plumbing]:
    passwords = {"plumbing": "p1", "other": "p2"}
    urls = await provision_async(admin_url, database=database_name, passwords=passwords)
    database = Database.connect(urls["plumbing"], application="test")
    async with database.begin() as conn:
        await conn.run_sync(METADATA.drop_all)
        await conn.run_sync(METADATA.create_all)
    yield Plumbing(database, urls)
    await database.close()


@pytest.fixture
async def wakeups(plumbing: Plumbing) -> AsyncIterator[Wakeups]:
    listener, stop = Wakeups(plumbing.urls["plumbing"]), asyncio.Event()
    task = asyncio.create_task(listener.run(stop))
    yield listener
    stop.set()
    await task


@pytest.fixture
async def declared(plumbing: Plumbing, amqp_url: str, namespace: str) -> AsyncIterator[None]:
    async with topology(amqp_url, [plumbing.subscription(QUEUE)], namespace=namespace):
        yield


@pytest.fixture
async def publisher(declared: None, amqp_url: str, namespace: str) -> AsyncIterator[AmqpPublisher]:
    opened = AmqpPublisher(amqp_url, namespace=namespace)
    await opened.connect()
    yield opened
    await opened.close()
