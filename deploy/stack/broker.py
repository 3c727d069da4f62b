"""Leaves a shared broker as it was: a deployment's queues go with the deployment."""

import asyncio

import aio_pika

from deploy.docs.catalogue import subscriptions
from shared.messaging.topology import EXCHANGE, UNROUTED

PATIENCE_SECONDS = 30.0


def remove_topology(amqp_url: str, namespace: str) -> None:
    """Deletes every queue and exchange of a namespace, and what is in them."""
    asyncio.run(_remove(amqp_url, namespace))


async def _remove(amqp_url: str, namespace: str) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        connection = await aio_pika.connect(amqp_url)
        async with connection:
            channel = await connection.channel()
            for subscription in await subscriptions():
                queues = (subscription.queue, subscription.suspect_queue, subscription.dead_queue)
                for queue in queues:
                    await channel.queue_delete(namespace + queue)
            await channel.queue_delete(namespace + UNROUTED)
            for exchange in (EXCHANGE, UNROUTED):
                await channel.exchange_delete(namespace + exchange)
