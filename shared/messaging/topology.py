"""Exchange and queues: declared in a step of its own, found dead and declared again.

Everything is durable and a quorum queue with a delivery limit, a bounded length and
at-least-once dead-lettering (design: section 5). An event that nobody listens to (yet) goes
to a short-lived queue of its own, so that its publish is confirmed; a publish into a topology
that is not complete is refused, and the outbox keeps the event.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aio_pika
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import ChannelNotFoundEntity, ChannelPreconditionFailed
from aiormq.exceptions import ConnectionInternalError

from shared.contracts.base import Event
from shared.kernel.errors import FatalError
from shared.messaging.check import BrokerUnavailableError
from shared.messaging.envelope import Envelope
from shared.telemetry.logs import get_logger

EXCHANGE = "causeway.events"
UNROUTED = "causeway.unrouted"
GATE = "causeway.gate"
"""A queue that takes nothing: while it is bound, no publish is confirmed and the outboxes keep."""

DELIVERY_LIMIT = 10
DEAD_DELIVERY_LIMIT = 2**31 - 1
"""In effect none, as each look counts. Without it RabbitMQ 4 drops at the 21st; -1 means none to
RabbitMQ 4, but 3.10 drops at the first (ADR 0018)."""

MAX_LENGTH = 1_000_000
"""Messages of one queue; a full queue refuses, the outbox keeps."""

UNROUTED_LIFETIME_MS = 60_000
UNROUTED_MAX_LENGTH = 10_000
SETTLE_SECONDS = 2.0
"""A broker killed within a second of a declaration leaves a dead queue (facts: engineering 0)."""

STEP_SECONDS = 60.0
PROBE_SECONDS = 5.0
"""A living queue answers in milliseconds."""

_LOG = get_logger(__name__)
BatchHandler = Callable[[Sequence[Envelope]], Awaitable[None]]


class TopologyConflictError(FatalError):
    """A queue of that name exists with other arguments."""

    def __init__(self, queue: str) -> None:
        super().__init__(
            f"The queue {queue} exists with other arguments than this version declares. Let its "
            "consumers empty it, stop the workers, delete it, and run the topology step again.",
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

    @property
    def patterns(self) -> frozenset[str]:
        """Binding keys: every major version, so that one too new is dead-lettered, not missed."""
        return frozenset(e.type_name().rpartition(".")[0] + ".*" for e in self.events)


async def declare(
    amqp_url: str,
    subscriptions: Sequence[Subscription],
    *,
    namespace: str = "",
    settle: float = SETTLE_SECONDS,
) -> None:
    """Declares everything, repairs dead queues, and waits until it will survive a crash.

    `namespace` is put before every name, so that tests can share a broker. Declare the
    subscriptions of all services before any service starts: an event without a queue is only
    kept for a minute. BrokerUnavailableError when RabbitMQ is away; TopologyConflictError.
    """
    try:
        async with asyncio.timeout(STEP_SECONDS):
            async with await aio_pika.connect(amqp_url) as connection:
                for subscription in subscriptions:
                    await _queues(connection, amqp_url, subscription, namespace)
                await _routes(connection, subscriptions, namespace)
                await (await connection.channel()).queue_delete(namespace + GATE)
            await asyncio.sleep(settle)
    except TopologyConflictError:
        raise
    except Exception as error:
        raise BrokerUnavailableError(type(error).__name__) from error


async def _queues(
    connection: AbstractConnection, amqp_url: str, subscription: Subscription, namespace: str
) -> None:
    bounded = {"x-queue-type": "quorum", "x-max-length": MAX_LENGTH, "x-overflow": "reject-publish"}
    dead = {**bounded, "x-delivery-limit": DEAD_DELIVERY_LIMIT}
    guarded = {
        **bounded,
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": namespace + subscription.dead_queue,
        "x-dead-letter-strategy": "at-least-once",
    }
    for name, arguments in (
        (subscription.dead_queue, dead),
        (subscription.suspect_queue, guarded),
        (subscription.queue, guarded),
    ):
        if not await _declare(connection, amqp_url, namespace + name, arguments):
            await _close_gate(connection, namespace)
            await _renew(connection, namespace + name, arguments)


async def _routes(
    connection: AbstractConnection, subscriptions: Sequence[Subscription], namespace: str
) -> None:
    """The catch for what nobody wants comes last: until then such a publish is refused."""
    channel = await connection.channel()
    exchange = await channel.declare_exchange(
        namespace + EXCHANGE,
        aio_pika.ExchangeType.TOPIC,
        durable=True,
        arguments={"alternate-exchange": namespace + UNROUTED},
    )
    for subscription in subscriptions:
        queue = await channel.get_queue(namespace + subscription.queue, ensure=False)
        for pattern in sorted(subscription.patterns):
            await queue.bind(exchange, routing_key=pattern)
    catch = await channel.declare_exchange(
        namespace + UNROUTED, aio_pika.ExchangeType.FANOUT, durable=True
    )
    bounds = {"x-message-ttl": UNROUTED_LIFETIME_MS, "x-max-length": UNROUTED_MAX_LENGTH}
    unrouted = await channel.declare_queue(namespace + UNROUTED, durable=True, arguments={**bounds})
    await unrouted.bind(catch)


async def _declare(
    connection: AbstractConnection, amqp_url: str, name: str, arguments: dict[str, Any]
) -> bool:
    """Declares a queue; False when it is there, but dead.

    A queue that lives with other arguments is never touched: it may hold messages.
    """
    channel = await connection.channel()
    try:
        queue = await channel.declare_queue(name, durable=True, arguments=arguments)
    except ChannelPreconditionFailed as error:
        raise TopologyConflictError(name) from error
    await channel.close()
    known = queue.declaration_result
    return bool(known.message_count or known.consumer_count) or await _lives(amqp_url, name)


async def _close_gate(connection: AbstractConnection, namespace: str) -> None:
    """Until the routes are whole again: a neighbour's confirm would be taken for everybody's."""
    channel = await connection.channel()
    gate = await channel.declare_queue(
        namespace + GATE,
        durable=True,
        arguments={"x-max-length": 0, "x-overflow": "reject-publish"},
    )
    with suppress(ChannelNotFoundEntity):  # without an exchange nothing is published
        await gate.bind(namespace + EXCHANGE, routing_key="#")


async def _renew(connection: AbstractConnection, name: str, arguments: dict[str, Any]) -> None:
    """Makes a dead queue anew. Nothing in it was ever confirmed: the outbox refills it."""
    _LOG.warning("a dead queue is declared again", queue=name)
    channel = await connection.channel()
    await channel.queue_delete(name)
    await channel.declare_queue(name, durable=True, arguments=arguments)
    await channel.close()


async def _lives(amqp_url: str, name: str) -> bool:
    """Whether an idle queue that seems empty answers.

    A dead one can be declared and even inspected; what needs its process (a get, a consume, a
    confirm) hangs, or ends the connection with 541. In a cluster a queue without a majority looks
    the same: partitions have to be handled by pause_minority, so that this never gets to see one.
    """
    async with await aio_pika.connect(amqp_url) as connection:
        queue = await (await connection.channel()).get_queue(name, ensure=False)
        try:
            message = await queue.get(fail=False, timeout=PROBE_SECONDS)
        except (TimeoutError, ConnectionInternalError):
            return False
        if message is not None:  # it came in just now
            await message.nack(requeue=True)
    return True
