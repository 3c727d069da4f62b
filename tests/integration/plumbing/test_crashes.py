"""Servers that are killed: a broker right after a declaration, a database under a consumer."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import aio_pika
import pytest

from deploy.local.backing import Backing, Controls
from shared.db.database import Database
from shared.db.notify import Wakeups
from shared.db.provision import provision_async
from shared.messaging.envelope import Envelope
from shared.messaging.publisher import AmqpPublisher
from shared.messaging.topology import declare
from shared.outbox.relay import Relay
from tests.contracts.plumbing.buses import consuming
from tests.fakes.broker import remove, topology
from tests.integration.plumbing.service import (
    METADATA,
    OUTBOX,
    QUEUE,
    Plumbing,
    until,
)

pytestmark = pytest.mark.xdist_group("crash")


@pytest.fixture
def controls(own_servers: Backing) -> Controls:
    assert own_servers.controls is not None
    return own_servers.controls


@pytest.fixture
async def fragile(own_servers: Backing) -> AsyncIterator[Plumbing]:
    """The service on servers that may be killed."""
    urls = await provision_async(
        own_servers.database_url, database="fragile", passwords={"plumbing": "p"}
    )
    database = Database.connect(urls["plumbing"], application="test")
    async with database.begin() as conn:
        await conn.run_sync(METADATA.drop_all)
        await conn.run_sync(METADATA.create_all)
    yield Plumbing(database, urls)
    await database.close()


async def test_i7_a_database_that_is_away_kills_no_message(
    fragile: Plumbing, own_servers: Backing, controls: Controls, namespace: str
) -> None:
    url = own_servers.amqp_url
    wanted, tried = fragile.subscription(QUEUE), asyncio.Event()

    async def trying(batch: Sequence[Envelope]) -> None:
        tried.set()
        await wanted.handler(batch)

    async with topology(url, [wanted], namespace=namespace):
        publisher = AmqpPublisher(url, namespace=namespace)
        await publisher.connect()
        for number in range(10):
            await fragile.emit(str(number))
        relay = Relay(fragile.database, fragile.outbox, publisher, Wakeups(fragile.database.url))
        await relay.relay_some()
        await asyncio.to_thread(controls.kill_postgres)
        async with consuming(url, namespace, [replace(wanted, handler=trying)]):
            await tried.wait()
            await asyncio.to_thread(controls.start_postgres)

            async def all_there() -> bool:
                return len(await fragile.effects()) == 10

            await until(all_there)
        await publisher.close()
        async with await aio_pika.connect(url) as connection:
            dead = await (await connection.channel()).declare_queue(
                namespace + wanted.dead_queue, passive=True
            )

    assert set((await fragile.effects()).values()) == {1}
    assert dead.declaration_result.message_count == 0


async def test_i2_a_queue_that_a_crash_left_dead_is_found_and_refilled(
    fragile: Plumbing, own_servers: Backing, controls: Controls, namespace: str
) -> None:
    """A broker killed within a second of a declaration (facts: engineering 2.3)."""
    url = own_servers.amqp_url
    wanted = fragile.subscription(QUEUE)
    await declare(url, [wanted], namespace=namespace, settle=0)
    await asyncio.to_thread(controls.kill_rabbitmq)
    await asyncio.to_thread(controls.start_rabbitmq)
    await fragile.emit("1")

    await declare(url, [wanted], namespace=namespace, settle=0)

    publisher = AmqpPublisher(url, namespace=namespace)
    await publisher.connect()
    relay = Relay(fragile.database, fragile.outbox, publisher, Wakeups(fragile.database.url))
    async with consuming(url, namespace, [wanted]):
        await relay.relay_some()

        async def heard() -> bool:
            return bool(await fragile.effects())

        await until(heard)
    await publisher.close()
    await remove(url, [wanted], namespace=namespace)
    assert await fragile.rows(OUTBOX) == 0
