"""Consumes one subscription: batches what is at hand, acks after the handler has committed.

A batch that fails is tried again message by message, so that one bad message cannot take its
neighbours along. What fails for a reason that time will mend (the database is away) is held
and tried again; what nobody will ever be able to read goes to the dead letters at once, with
the reason; anything else gets two more deliveries, then a queue of its own with prefetch 1,
then the dead letters.
"""

import asyncio
import random
from collections.abc import Sequence

import aio_pika
from aio_pika.abc import (
    AbstractChannel,
    AbstractConnection,
    AbstractIncomingMessage,
    HeadersType,
)
from aio_pika.exceptions import AMQPError

from shared.kernel.errors import FatalError, RetriableError
from shared.messaging.envelope import Envelope, decode
from shared.messaging.topology import Subscription
from shared.telemetry.logs import get_logger

PREFETCH = 100
"""Beyond this nothing is gained, and a crash raises the count of every message held."""

SUSPECT_FROM = 2
"""Deliveries before a message is tried alone: its third attempt."""

GIVE_UP_FROM = 5
"""Deliveries in the suspect queue before a message is dead; a crash counts too."""

FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 5.0
CONNECT_SECONDS = 10.0
_LOG = get_logger(__name__)


class Consumer:
    """Runs one subscription until told to stop; reconnects with a growing, jittered wait."""

    def __init__(self, url: str, subscription: Subscription, *, prefetch: int = PREFETCH) -> None:
        self._url = url
        self._subscription = subscription
        self._prefetch = prefetch

    async def run(self, stop: asyncio.Event) -> None:
        """Consumes until `stop`; what is not acked by then goes back to the queue (I8)."""
        wait = FIRST_WAIT_SECONDS
        while not stop.is_set():
            try:
                await self._consume(stop)
                wait = FIRST_WAIT_SECONDS
            except (AMQPError, OSError, TimeoutError, RuntimeError) as error:
                _LOG.warning(
                    "consumer reconnects",
                    queue=self._subscription.queue,
                    error=type(error).__name__,
                )
                await _pause(stop, wait * random.uniform(0.5, 1.5))  # noqa: S311 -- jitter
                wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    async def _consume(self, stop: asyncio.Event) -> None:
        async with asyncio.timeout(CONNECT_SECONDS):
            connection = await aio_pika.connect(self._url)
        async with connection:
            session = _Session(connection, self._subscription, stop)
            async with asyncio.TaskGroup() as group:
                group.create_task(session.drain(self._subscription.queue, self._prefetch))
                group.create_task(session.drain(self._subscription.suspect_queue, 1))


class _Session:
    """One connection's worth of consuming."""

    def __init__(
        self, connection: AbstractConnection, subscription: Subscription, stop: asyncio.Event
    ) -> None:
        self._connection = connection
        self._subscription = subscription
        self._stop = stop
        self._lost = asyncio.Event()
        connection.close_callbacks.add(lambda *_: self._lost.set())

    async def drain(self, queue_name: str, prefetch: int) -> None:
        channel = await self._connection.channel(publisher_confirms=True, on_return_raises=True)
        await channel.set_qos(prefetch_count=prefetch)
        queue = await channel.get_queue(queue_name, ensure=False)
        arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        tag = await queue.consume(arrived.put)
        try:
            while not self._stop.is_set():
                messages = await self._at_hand(arrived, prefetch)
                if messages:
                    await self._handle(channel, messages)
        finally:
            if not channel.is_closed:
                await queue.cancel(tag)

    async def _at_hand(
        self, arrived: asyncio.Queue[AbstractIncomingMessage], limit: int
    ) -> list[AbstractIncomingMessage]:
        """Waits for one message and takes what else has arrived; empty at a stop."""
        get = asyncio.ensure_future(arrived.get())
        ends = [asyncio.ensure_future(event.wait()) for event in (self._stop, self._lost)]
        try:
            await asyncio.wait([get, *ends], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiting in (get, *ends):
                waiting.cancel()
        if self._lost.is_set():
            raise ConnectionError("the connection was lost")
        messages = [get.result()] if get.done() and not get.cancelled() else []
        while len(messages) < limit and not arrived.empty():
            messages.append(arrived.get_nowait())
        return messages

    async def _handle(
        self, channel: AbstractChannel, messages: Sequence[AbstractIncomingMessage]
    ) -> None:
        readable: list[tuple[AbstractIncomingMessage, list[Envelope]]] = []
        for message in messages:
            if self._is_suspect(message):
                await _move(channel, message, self._subscription.suspect_queue, {})
                continue
            try:
                readable.append((message, decode(message.body)))
            except FatalError as error:
                await self._bury(channel, message, error)
        if len(readable) > 1 and await self._together(readable):
            return
        for message, envelopes in readable:
            await self._alone(channel, message, envelopes)

    async def _together(
        self, readable: Sequence[tuple[AbstractIncomingMessage, list[Envelope]]]
    ) -> bool:
        """All at once; False when that failed and each has to be tried alone."""
        envelopes = [envelope for _, found in readable for envelope in found]
        try:
            await self._until_possible(envelopes)
        except Exception as error:  # noqa: BLE001 - whatever it is, each gets its own try
            _LOG.warning("batch failed", error=type(error).__name__, events=len(envelopes))
            return False
        for message, _ in readable:
            await message.ack()
        return True

    async def _alone(
        self,
        channel: AbstractChannel,
        message: AbstractIncomingMessage,
        envelopes: Sequence[Envelope],
    ) -> None:
        try:
            await self._until_possible(envelopes)
        except FatalError as error:
            await self._bury(channel, message, error)
        except Exception as error:  # noqa: BLE001 - a bug in a handler costs only this message
            _LOG.exception("message failed", queue=self._subscription.queue, id=message.message_id)
            await self._fail(channel, message, error)
        else:
            await message.ack()

    async def _until_possible(self, envelopes: Sequence[Envelope]) -> None:
        """Tries until time has mended what it can mend; the messages stay held meanwhile."""
        wait = FIRST_WAIT_SECONDS
        while True:
            try:
                await self._subscription.handler(envelopes)
            except RetriableError as error:
                if self._stop.is_set() or self._lost.is_set():
                    raise ConnectionError("stopped while waiting") from error
                await _pause(self._stop, wait * random.uniform(0.5, 1.5))  # noqa: S311 -- jitter
                wait = min(wait * 2, LONGEST_WAIT_SECONDS)
            else:
                return

    async def _fail(
        self, channel: AbstractChannel, message: AbstractIncomingMessage, error: Exception
    ) -> None:
        alone = message.routing_key == self._subscription.suspect_queue
        if alone and _deliveries(message) >= GIVE_UP_FROM:
            await self._bury(channel, message, error)
        else:
            await message.reject(requeue=True)

    def _is_suspect(self, message: AbstractIncomingMessage) -> bool:
        """Whether it failed twice among others: it may be what killed the process."""
        among_others = message.routing_key != self._subscription.suspect_queue
        return among_others and _deliveries(message) >= SUSPECT_FROM

    async def _bury(
        self, channel: AbstractChannel, message: AbstractIncomingMessage, error: Exception
    ) -> None:
        """To the dead letters, with why; the text of an unexpected error stays in the log."""
        known = isinstance(error, FatalError)
        reason: HeadersType = {
            "x-causeway-queue": self._subscription.queue,
            "x-causeway-code": error.code if isinstance(error, FatalError) else "unexpected",
            "x-causeway-error": str(error) if known else type(error).__name__,
        }
        _LOG.error("message is dead", id=message.message_id, **reason)
        await _move(channel, message, self._subscription.dead_queue, reason)


async def _move(
    channel: AbstractChannel,
    message: AbstractIncomingMessage,
    queue: str,
    headers: HeadersType,
) -> None:
    """Publishes a copy, and acks the message when the broker has taken the copy."""
    copy = aio_pika.Message(
        message.body,
        headers=headers,
        content_type=message.content_type,
        message_id=message.message_id,
        type=message.type,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
    async with asyncio.timeout(CONNECT_SECONDS):
        await channel.default_exchange.publish(copy, routing_key=queue, mandatory=True)
    await message.ack()


def _deliveries(message: AbstractIncomingMessage) -> int:
    """How often it was delivered before; absent on the first delivery of RabbitMQ 4."""
    count = message.headers.get("x-delivery-count", 0)
    return count if isinstance(count, int) else 0


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
