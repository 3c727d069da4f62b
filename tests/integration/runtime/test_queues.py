"""What waits at the broker is told by queue, and a queue that is gone is named."""

import asyncio
from collections.abc import Sequence

import aio_pika
import pytest

from shared.contracts.quota import QuotaRestored
from shared.messaging.check import BrokerUnavailableError
from shared.messaging.envelope import Envelope
from shared.messaging.topology import Subscription
from shared.runtime.queues import QueueMissingError, Queues
from shared.telemetry.metrics import Metrics
from tests.fakes.broker import topology

PATIENCE_SECONDS = 30.0


async def never(_envelopes: Sequence[Envelope]) -> None:
    raise AssertionError("nobody consumes here")


SUBSCRIPTION = Subscription("quota.settings", (QuotaRestored,), never)


async def put(amqp_url: str, queue: str, messages: int) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        for _ in range(messages):
            await channel.default_exchange.publish(aio_pika.Message(b"[]"), queue)


async def test_each_queue_is_told_with_what_waits_in_it(amqp_url: str, namespace: str) -> None:
    metrics = Metrics()

    def told(queue: str) -> float | None:
        return metrics.registry.get_sample_value("causeway_queue_messages", {"queue": queue})

    async with topology(amqp_url, [SUBSCRIPTION], namespace=namespace):
        await put(amqp_url, namespace + SUBSCRIPTION.queue, 3)
        await put(amqp_url, namespace + SUBSCRIPTION.dead_queue, 1)
        stop = asyncio.Event()
        queues = Queues(amqp_url, [SUBSCRIPTION], metrics, namespace=namespace)
        running = asyncio.create_task(queues.run(stop))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while told(SUBSCRIPTION.dead_queue) is None:
                await asyncio.sleep(0.02)
            stop.set()
            await running

    lengths = [told(SUBSCRIPTION.queue), told(SUBSCRIPTION.suspect_queue)]
    assert [*lengths, told(SUBSCRIPTION.dead_queue)] == [3, 0, 1]


async def test_p13_a_queue_that_is_gone_is_named(amqp_url: str, namespace: str) -> None:
    queues = Queues(amqp_url, [SUBSCRIPTION], Metrics(), namespace=namespace)
    with pytest.raises(QueueMissingError, match=r"quota\.settings is missing.*topology"):
        await queues.run(asyncio.Event())


async def test_a_broker_that_is_away_is_said() -> None:
    queues = Queues("amqp://127.0.0.1:1/", [SUBSCRIPTION], Metrics())
    with pytest.raises(BrokerUnavailableError):
        await queues.run(asyncio.Event())
