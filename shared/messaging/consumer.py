"""Consumes one subscription: what is at hand is one batch, acked after the handler has committed.

What becomes of messages that cannot be handled is told in delivery.py.
"""

import asyncio
import random
from collections import Counter

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from shared.kernel.waiting import pause
from shared.messaging.delivery import FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, Delivering
from shared.messaging.topology import Subscription
from shared.telemetry.logs import get_logger

PREFETCH = 100
"""Beyond this nothing is gained, and a crash raises the count of every message held."""

CONNECT_SECONDS = 10.0
"""Also for the answer to a consume: a queue without a process (facts: engineering 0) has none."""

IDLE_SECONDS = 30.0
"""Then a consumer that got nothing asks for its queue anew. RabbitMQ 3.10 serves nothing, and tells
nothing, to one whose queue was deleted and declared again at once (found by tests/chaos)."""

_LOG = get_logger(__name__)


class Consumer:
    """Runs one subscription until told to stop; reconnects with a growing, jittered wait."""

    def __init__(
        self,
        url: str,
        subscription: Subscription,
        *,
        prefetch: int = PREFETCH,
        namespace: str = "",
        idle: float = IDLE_SECONDS,
    ) -> None:
        self._url = url
        self._subscription = subscription
        self._prefetch = prefetch
        self._idle = idle
        self._namespace = namespace
        self._wait = FIRST_WAIT_SECONDS
        self.tally: Counter[str] = Counter(redelivered=0, dead=0)

    async def run(self, stop: asyncio.Event) -> None:
        """Consumes until `stop`; then finishes what has arrived, and takes nothing more (I8)."""
        while not stop.is_set():
            failed = ""
            try:
                await self._consume(stop)
            except* Exception as group:  # noqa: BLE001 -- no handler's error gets here, only the client's
                failed = ", ".join(type(error).__name__ for error in group.exceptions)
            if failed and not stop.is_set():
                _LOG.warning("consumer reconnects", queue=self._subscription.queue, error=failed)
                await pause(stop, self._wait * random.uniform(0.5, 1.5))  # noqa: S311 -- jitter
                self._wait = min(self._wait * 2, LONGEST_WAIT_SECONDS)

    async def _consume(self, stop: asyncio.Event) -> None:
        async with asyncio.timeout(CONNECT_SECONDS):
            connection = await aio_pika.connect(self._url)
        ended = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pass_on(stop, ended))
                group.create_task(self._drain(connection, ended, suspects=False))
                group.create_task(self._drain(connection, ended, suspects=True))
        finally:
            async with asyncio.timeout(CONNECT_SECONDS):
                await connection.close()

    async def _drain(
        self, connection: AbstractConnection, ended: asyncio.Event, *, suspects: bool
    ) -> None:
        """Serves one of the two queues until the end; ConnectionError when its channel is lost."""
        while not ended.is_set():
            await self._serve(connection, ended, suspects=suspects)

    async def _serve(
        self, connection: AbstractConnection, ended: asyncio.Event, *, suspects: bool
    ) -> None:
        """On one channel, until the end or until nothing has come for a while."""
        prefetch = 1 if suspects else self._prefetch
        session = _Session(ended, self._idle)
        async with asyncio.timeout(CONNECT_SECONDS):
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            await channel.set_qos(prefetch_count=prefetch)
            await session.watch(channel)
            own = self._subscription.suspect_queue if suspects else self._subscription.queue
            queue = await channel.get_queue(self._namespace + own, ensure=False)
            tag = await queue.consume(session.arrived.put)
        self._wait = FIRST_WAIT_SECONDS
        delivering = Delivering(
            channel,
            self._subscription,
            suspects=suspects,
            namespace=self._namespace,
            ended=ended,
            tally=self.tally,
        )
        while not ended.is_set() and (messages := await session.at_hand(prefetch)):
            await delivering.handle(messages)
        if session.lost:
            raise ConnectionError(f"the channel of {own} was lost")
        async with asyncio.timeout(CONNECT_SECONDS):
            await queue.cancel(tag)
        await delivering.handle(session.take(prefetch))
        async with asyncio.timeout(CONNECT_SECONDS):
            await session.close(channel)


class _Session:
    """What arrives on one channel. `ended` is set by the stop, and here at the channel's loss."""

    def __init__(self, ended: asyncio.Event, idle: float) -> None:
        self.arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        self.lost = False
        self._ended = ended
        self._idle = idle

    async def watch(self, channel: AbstractChannel) -> None:
        """Notices a closed channel (the connection's end, a consumer timeout) and a lost queue."""
        channel.close_callbacks.add(self._on_loss)
        underlay = await channel.get_underlay_channel()
        underlay.on_consumer_cancel_callbacks.add(self._on_loss)

    async def close(self, channel: AbstractChannel) -> None:
        """On purpose, so that it is no loss."""
        channel.close_callbacks.discard(self._on_loss)
        await channel.close()

    async def at_hand(self, limit: int) -> list[AbstractIncomingMessage]:
        """Waits for one message, and takes what else has arrived; empty at the end, or if idle."""
        ends = asyncio.create_task(self._ended.wait())
        first = asyncio.create_task(self.arrived.get())
        try:
            await asyncio.wait(
                (first, ends), timeout=self._idle, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            ends.cancel()
            first.cancel()
        got = [first.result()] if first.done() and not first.cancelled() else []
        return got + self.take(limit - len(got))

    def take(self, limit: int) -> list[AbstractIncomingMessage]:
        """What has arrived, up to a limit."""
        return [self.arrived.get_nowait() for _ in range(min(limit, self.arrived.qsize()))]

    def _on_loss(self, *_: object) -> None:
        self.lost = True
        self._ended.set()


async def _pass_on(stop: asyncio.Event, ended: asyncio.Event) -> None:
    await stop.wait()
    ended.set()
