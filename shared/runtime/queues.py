"""How many messages wait at the broker: for a consumer, on their last tries, and dead."""

import asyncio
from collections.abc import Sequence

import aio_pika
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import ChannelNotFoundEntity

from shared.kernel.errors import RetriableError
from shared.kernel.waiting import pause
from shared.messaging.check import BrokerUnavailableError, close_quietly
from shared.messaging.topology import Subscription
from shared.telemetry.metrics import Metrics

READ_SECONDS = 10.0
"""Between two looks; each is one question a queue on a connection that stays open."""

ANSWER_SECONDS = 10.0
"""A queue without a process never answers (facts: engineering 0)."""


class QueueMissingError(RetriableError):
    """A queue that the topology step declares is not there."""

    def __init__(self, queue: str) -> None:
        super().__init__(
            f"The queue {queue} is missing at RabbitMQ. Run the topology step "
            "(python -m services topology); events wait in the outbox until then.",
            code="queue_missing",
        )


class Queues:
    """A gauge over the queues of one service. Every worker tells the same numbers."""

    def __init__(
        self,
        amqp_url: str,
        subscriptions: Sequence[Subscription],
        metrics: Metrics,
        *,
        namespace: str = "",
    ) -> None:
        self._amqp_url = amqp_url
        self._namespace = namespace
        self._names = [
            name for one in subscriptions for name in (one.queue, one.suspect_queue, one.dead_queue)
        ]
        self._messages = metrics.gauge(
            "causeway_queue_messages",
            "Messages that wait in a queue; those that a consumer holds are not counted",
            ("queue",),
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Looks until told to stop; BrokerUnavailableError or QueueMissingError."""
        connection: AbstractConnection | None = None
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                connection = await aio_pika.connect(self._amqp_url)
            while not stop.is_set():
                for name in self._names:
                    async with asyncio.timeout(ANSWER_SECONDS):
                        await self._look(connection, name)
                await pause(stop, READ_SECONDS)
        except QueueMissingError:
            raise
        except Exception as error:
            raise BrokerUnavailableError(type(error).__name__) from error
        finally:
            await close_quietly(connection)

    async def _look(self, connection: AbstractConnection, name: str) -> None:
        """On a channel of its own: a queue that is missing closes it."""
        channel = await connection.channel()
        try:
            queue = await channel.declare_queue(self._namespace + name, passive=True)
        except ChannelNotFoundEntity as error:
            raise QueueMissingError(name) from error
        self._messages.labels(name).set(queue.declaration_result.message_count or 0)
        await channel.close()
