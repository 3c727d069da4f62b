"""One operator at one queue of dead letters: a connection that takes messages and gives them back.

Messages are taken one by one and not acknowledged; what is not settled goes back, in its order.
So a look, a crash and a lost connection leave the queue as it was. Every step has a timeout: a
queue without a process answers nothing (facts: engineering 0).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TypeVar

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aiormq.exceptions import (
    ChannelLockedResource,
    ChannelNotFoundEntity,
    ConnectionInternalError,
)

from shared.kernel.errors import RetriableError
from shared.messaging.check import BrokerUnavailableError, close_quietly
from shared.messaging.publisher import confirmed

STEP_SECONDS = 10.0
"""A living queue answers in milliseconds."""

GIVE_BACK_LOOKS = 100
GIVE_BACK_PAUSE_SECONDS = 0.02
"""A look waits two seconds at most until what it gave back is there for the next one; RabbitMQ
3.10 needs 0.1 s for 10,000 messages."""

T = TypeVar("T")


class LookedAtError(RetriableError):
    """Another operator, or another call, holds the letters of this queue."""

    def __init__(self, queue: str) -> None:
        super().__init__(
            f"Somebody else is looking at the queue {queue}. Wait until they are finished and try "
            "again; what a lost machine held is free within two minutes.",
            code="dead_letters_busy",
        )


class DeadQueueError(RetriableError):
    """The queue of dead letters is missing, or exists and does not answer."""

    def __init__(self, queue: str, what: str, code: str) -> None:
        super().__init__(
            f"The queue {queue} {what}. Run the topology step (python -m services topology), "
            "which declares what is missing or does not answer; then try again.",
            code=code,
        )


class Desk:
    """Holds messages of one queue until they are settled here or given back."""

    def __init__(self, channel: AbstractChannel, queue: str) -> None:
        self._channel = channel
        self._queue = queue
        self._held = 0
        self._last_held = 0

    async def ready(self) -> int:
        """How many messages wait; those that this desk holds are not among them."""
        asked = self._channel.declare_queue(self._queue, passive=True)
        found = await answered(asked, self._queue)
        return found.declaration_result.message_count or 0

    async def take(self) -> AbstractIncomingMessage | None:
        """The next message; None when there is no other."""
        queue = await self._channel.get_queue(self._queue, ensure=False)
        return await answered(queue.get(fail=False, timeout=None), self._queue)

    def hold(self, message: AbstractIncomingMessage) -> None:
        """Keeps a message back until the end."""
        self._held += 1
        self._last_held = message.delivery_tag or 0

    async def settle(self, message: AbstractIncomingMessage) -> None:
        """Takes a message out of the queue for good."""
        await answered(message.ack(), self._queue)

    async def send(self, message: aio_pika.Message, queue: str) -> None:
        """Puts a message into another queue; PublishFailedError."""
        await confirmed(self._channel.default_exchange, message, queue)

    async def give_back(self) -> None:
        """Everything that is held goes back, and is there when this returns, if the broker tells.

        RabbitMQ 4.3 counts this as no failed delivery; earlier ones count it (ADR 0018).
        """
        if not self._held:
            return
        underlay = await self._channel.get_underlay_channel()
        back = underlay.basic_nack(self._last_held, multiple=True, requeue=True)
        await answered(back, self._queue)
        for _ in range(GIVE_BACK_LOOKS):
            if await self.ready() >= self._held:
                return
            await asyncio.sleep(GIVE_BACK_PAUSE_SECONDS)


@asynccontextmanager
async def opened(url: str, queue: str) -> AsyncIterator[Desk]:
    """A desk that is the only one at its queue.

    After an error the connection is closed, and the broker gives back what was held. A quorum
    queue lets a second exclusive consumer in (tried on 3.10.8), so an exclusive queue beside it is
    the lock: it goes with its connection. BrokerUnavailableError, DeadQueueError, LookedAtError.
    """
    connection = None
    try:
        connection = await answered(aio_pika.connect(url), queue)
        channel = await answered(
            connection.channel(publisher_confirms=True, on_return_raises=True), queue
        )
        lock = await answered(
            channel.declare_queue(f"{queue}.looking", exclusive=True, durable=False), queue
        )
        desk = Desk(channel, queue)
        yield desk
        await desk.give_back()
        await answered(lock.delete(if_unused=False, if_empty=False), queue)
    finally:
        await close_quietly(connection)


async def answered(what: Awaitable[T], queue: str) -> T:
    """The broker's answer to one step, in time; its errors in words for an operator."""
    try:
        async with asyncio.timeout(STEP_SECONDS):
            return await what
    except ChannelLockedResource:
        raise LookedAtError(queue) from None
    except ChannelNotFoundEntity:
        raise DeadQueueError(queue, "is missing at RabbitMQ", "queue_missing") from None
    except (TimeoutError, ConnectionInternalError):
        raise DeadQueueError(queue, "does not answer", "queue_hangs") from None
    except Exception as error:
        why = type(error).__name__
        raise BrokerUnavailableError(
            f"{why}; start it or correct CAUSEWAY_AMQP_URL, then try again: no letter is lost"
        ) from error
