"""A topology on the real broker for as long as a test needs it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aio_pika

from shared.messaging.topology import EXCHANGE, UNROUTED, Subscription, declare


@asynccontextmanager
async def topology(
    amqp_url: str, subscriptions: Sequence[Subscription], *, namespace: str
) -> AsyncIterator[None]:
    """Declares it fresh, and deletes it at the end: a test broker keeps its data for long."""
    await remove(amqp_url, subscriptions, namespace=namespace)
    await declare(amqp_url, subscriptions, namespace=namespace, settle=0)
    try:
        yield
    finally:
        await remove(amqp_url, subscriptions, namespace=namespace)


async def remove(amqp_url: str, subscriptions: Sequence[Subscription], *, namespace: str) -> None:
    """Deletes what `declare` makes."""
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        for subscription in subscriptions:
            for name in (subscription.queue, subscription.suspect_queue, subscription.dead_queue):
                await channel.queue_delete(namespace + name)
        await channel.queue_delete(namespace + UNROUTED)
        await channel.exchange_delete(namespace + EXCHANGE)
        await channel.exchange_delete(namespace + UNROUTED)
