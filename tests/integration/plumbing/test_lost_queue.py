"""A consumer whose queue is gone, or that RabbitMQ has forgotten, comes back by itself."""

import aio_pika

from shared.db.notify import Wakeups
from shared.messaging.consumer import Consumer
from shared.messaging.publisher import AmqpPublisher
from shared.messaging.topology import declare
from shared.outbox.relay import Relay
from tests.integration.plumbing.service import QUEUE, Plumbing, running, until

ROUNDS = 4
"""The broker forgets its consumer in nearly each of them."""

IDLE_SECONDS = 0.5


async def test_p13_a_queue_that_is_deleted_and_declared_at_once_under_load_is_served_again(
    plumbing: Plumbing, publisher: AmqpPublisher, wakeups: Wakeups, amqp_url: str, namespace: str
) -> None:
    """RabbitMQ 3.10 tells such a consumer nothing and counts it as one of the new queue."""
    subscription = plumbing.subscription(QUEUE)
    consumer = Consumer(amqp_url, subscription, namespace=namespace, idle=IDLE_SECONDS)
    relay = Relay(plumbing.database, plumbing.outbox, publisher, wakeups)

    async with running(consumer), await aio_pika.connect(amqp_url) as connection:
        for number in range(ROUNDS):
            await plumbing.emit(*(f"load-{number}-{n}" for n in range(500)))
            await relay.relay_some()
            channel = await connection.channel()
            await channel.queue_delete(namespace + QUEUE)
            await declare(amqp_url, [subscription], namespace=namespace, settle=0)
            await plumbing.emit(f"after-{number}")
            await relay.relay_some()

            async def heard(number: int = number) -> bool:
                return (await plumbing.effects())[f"after-{number}"] == 1

            await until(heard)


async def test_a_consumer_that_was_idle_many_times_still_serves(
    plumbing: Plumbing, publisher: AmqpPublisher, wakeups: Wakeups, amqp_url: str, namespace: str
) -> None:
    idle = Consumer(amqp_url, plumbing.subscription(QUEUE), namespace=namespace, idle=0.01)
    relay = Relay(plumbing.database, plumbing.outbox, publisher, wakeups)

    async with running(idle):
        for number in range(30):
            await plumbing.emit(*(f"{number}-{n}" for n in range(10)))
            await relay.relay_some()

        async def all_there() -> bool:
            return len(await plumbing.effects()) == 300

        await until(all_there)

    assert set((await plumbing.effects()).values()) == {1}
    assert idle.tally["dead"] == 0
