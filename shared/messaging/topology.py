"""Exchange and queues: declared in a step of its own, found dead and declared again.

Everything is durable and a quorum queue with a delivery limit, a bounded length and
at-least-once dead-lettering (design: section 5). An event that nobody listens to (yet) goes
to a short-lived queue of its own, so that its publish is confirmed and a lost topology is not.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange
from aio_pika.exceptions import AMQPError, ChannelPreconditionFailed

from shared.contracts.base import Event
from shared.kernel.errors import FatalError
from shared.messaging.envelope import Envelope

EXCHANGE = "causeway.events"
UNROUTED = "causeway.unrouted"
DELIVERY_LIMIT = 10
MAX_LENGTH = 1_000_000
"""Messages of one queue; a full queue refuses, the outbox keeps."""

UNROUTED_LIFETIME_MS = 60_000
UNROUTED_MAX_LENGTH = 10_000
SETTLE_SECONDS = 2.0
"""A broker killed within a second of a declaration leaves a dead queue (facts: engineering 0)."""

STEP_SECONDS = 30.0
BatchHandler = Callable[[Sequence[Envelope]], Awaitable[None]]


class TopologyConflictError(FatalError):
    """A queue of that name exists with other arguments."""

    def __init__(self, queue: str) -> None:
        super().__init__(
            f"The queue {queue} exists with other arguments than this version declares. Let its "
            "consumers empty it, delete it, and run the topology step again.",
            code="topology_conflict",
        )


@dataclass(frozen=True, slots=True)
class Subscription:
    """One queue: what goes into it, and what is done with what comes out."""

    queue: str
    events: tuple[type[Event], ...]
    handler: BatchHandler

    @property
    def suspect_queue(self) -> str:
        """Where a message is tried alone from its third attempt on."""
        return f"{self.queue}.suspect"

    @property
    def dead_queue(self) -> str:
        """Where a message ends that cannot be handled."""
        return f"{self.queue}.dead"


async def declare(amqp_url: str, subscriptions: Sequence[Subscription]) -> None:
    """Declares everything, waits until it will survive a crash, and repairs dead queues."""
    async with asyncio.timeout(STEP_SECONDS):
        connection = await aio_pika.connect(amqp_url)
        async with connection:
            channel = await connection.channel()
            exchange = await _exchange(channel)
            for subscription in subscriptions:
                await _queues(connection, exchange, subscription)
    await asyncio.sleep(SETTLE_SECONDS)


async def _exchange(channel: AbstractChannel) -> AbstractExchange:
    unrouted = await channel.declare_exchange(UNROUTED, aio_pika.ExchangeType.FANOUT, durable=True)
    sink = await channel.declare_queue(
        UNROUTED,
        durable=True,
        arguments={
            "x-message-ttl": UNROUTED_LIFETIME_MS,
            "x-max-length": UNROUTED_MAX_LENGTH,
        },
    )
    await sink.bind(unrouted)
    return await channel.declare_exchange(
        EXCHANGE,
        aio_pika.ExchangeType.TOPIC,
        durable=True,
        arguments={"alternate-exchange": UNROUTED},
    )


async def _queues(
    connection: AbstractConnection, exchange: AbstractExchange, subscription: Subscription
) -> None:
    dead = {"x-queue-type": "quorum", "x-max-length": MAX_LENGTH, "x-overflow": "reject-publish"}
    guarded = {
        **dead,
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": subscription.dead_queue,
        "x-dead-letter-strategy": "at-least-once",
    }
    await _declare(connection, subscription.dead_queue, dead)
    await _declare(connection, subscription.suspect_queue, guarded)
    await _declare(connection, subscription.queue, guarded)
    channel = await connection.channel()
    queue = await channel.get_queue(subscription.queue, ensure=False)
    for event in subscription.events:
        await queue.bind(exchange.name, routing_key=event.type_name())
    await channel.close()


async def _declare(connection: AbstractConnection, name: str, arguments: dict[str, Any]) -> None:
    """Declares a queue. One that is dead is deleted and made anew: the outbox refills it.

    A queue that lives with other arguments is never touched: it may hold messages.
    """
    try:
        await _declare_once(connection, name, arguments)
    except ChannelPreconditionFailed as error:
        raise TopologyConflictError(name) from error
    except (AMQPError, TimeoutError):
        channel = await connection.channel()
        await channel.queue_delete(name)
        await channel.close()
        await _declare_once(connection, name, arguments)


async def _declare_once(
    connection: AbstractConnection, name: str, arguments: dict[str, Any]
) -> None:
    channel = await connection.channel()
    try:
        async with asyncio.timeout(STEP_SECONDS / 3):
            await channel.declare_queue(name, durable=True, arguments=arguments)
    finally:
        if not channel.is_closed:
            await channel.close()
