"""A bus with subscriptions that run: in memory, and on RabbitMQ."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from shared.messaging.consumer import Consumer
from shared.messaging.envelope import Envelope, decode
from shared.messaging.publisher import AmqpPublisher, Publisher
from shared.messaging.topology import Subscription
from tests.fakes.broker import topology
from tests.fakes.bus import DeadLetter, FakeBus

PATIENCE = 20.0
"""Seconds; a poison message needs seven deliveries on the real broker."""


class Lines(Protocol):
    """A bus while its subscriptions run."""

    @property
    def publisher(self) -> Publisher: ...

    async def dead(self, subscription: Subscription, count: int) -> list[DeadLetter]:
        """Waits for that many dead letters."""
        ...

    async def nudge(self) -> None:
        """Lets what waits be tried again, where nothing does so by itself."""
        ...


@dataclass
class InMemoryLines:
    """The fake."""

    bus: FakeBus

    @property
    def publisher(self) -> Publisher:
        return self.bus

    async def dead(self, subscription: Subscription, count: int) -> list[DeadLetter]:
        found = [letter for letter in self.bus.dead if letter.queue == subscription.queue]
        assert len(found) == count
        return found

    async def nudge(self) -> None:
        await self.bus.deliver()


@dataclass
class AmqpLines:
    """The real one."""

    amqp_url: str
    namespace: str
    publisher: Publisher

    async def dead(self, subscription: Subscription, count: int) -> list[DeadLetter]:
        return [
            _letter(message, envelope)
            for message in await dead_letters(
                self.amqp_url, self.namespace + subscription.dead_queue, count
            )
            for envelope in decode(message.body)
        ]

    async def nudge(self) -> None:
        """The consumer tries again by itself."""


@asynccontextmanager
async def in_memory(subscriptions: Sequence[Subscription]) -> AsyncIterator[Lines]:
    yield InMemoryLines(FakeBus(list(subscriptions)))


@asynccontextmanager
async def on_rabbitmq(
    amqp_url: str, namespace: str, subscriptions: Sequence[Subscription]
) -> AsyncIterator[Lines]:
    publisher = AmqpPublisher(amqp_url, namespace=namespace)
    async with topology(amqp_url, subscriptions, namespace=namespace):
        await publisher.connect()
        async with consuming(amqp_url, namespace, subscriptions):
            yield AmqpLines(amqp_url, namespace, publisher)
        await publisher.close()


@asynccontextmanager
async def consuming(
    amqp_url: str, namespace: str, subscriptions: Sequence[Subscription]
) -> AsyncIterator[None]:
    """Consumers of these subscriptions, stopped in order at the end."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for subscription in subscriptions:
            group.create_task(Consumer(amqp_url, subscription, namespace=namespace).run(stop))
        try:
            yield
        finally:
            stop.set()


async def dead_letters(amqp_url: str, queue: str, count: int) -> list[AbstractIncomingMessage]:
    """Takes that many messages off a queue of dead letters."""
    found: list[AbstractIncomingMessage] = []
    async with asyncio.timeout(PATIENCE), await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        await (await channel.get_queue(queue)).consume(arrived.put, no_ack=True)
        while len(found) < count:
            found.append(await arrived.get())
    return found


def _letter(message: AbstractIncomingMessage, envelope: Envelope) -> DeadLetter:
    headers = message.headers
    return DeadLetter(
        queue=str(headers["x-causeway-queue"]),
        envelope=envelope,
        code=str(headers["x-causeway-code"]),
        error=str(headers["x-causeway-error"]),
    )
