"""The relay: from rows in the outbox to confirms from the broker, and the rows deleted."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from shared.db.notify import Wakeups
from shared.messaging.envelope import MAX_BATCH, Envelope
from shared.messaging.publisher import AmqpPublisher
from shared.outbox.relay import Relay
from tests.bench.comparing import Run
from tests.bench.plumbing.scene import OUTBOX, Scene, outgoing


class Counting:
    """The real publisher, which stops the relay once everything is confirmed."""

    def __init__(self, publisher: AmqpPublisher, events: int) -> None:
        self.stop = asyncio.Event()
        self._publisher = publisher
        self._left = events

    async def publish(self, batch: Sequence[Envelope]) -> None:
        await self._publisher.publish(batch)
        self._left -= len(batch)
        if not self._left:
            self.stop.set()


async def relay_single(scene: Scene, items: int) -> Run:
    """One event a message, as two connections take turns."""
    return await _relayed(scene, items, messages=items, alternating=True)


async def relay_batched(scene: Scene, items: int) -> Run:
    """A hundred events a message."""
    return await _relayed(scene, items, messages=-(-items // MAX_BATCH), alternating=False)


async def _relayed(scene: Scene, items: int, *, messages: int, alternating: bool) -> Run:
    await scene.clear()
    async with scene.database.begin() as conn:
        events = outgoing(items, alternating=alternating)
        await scene.outbox.add(conn, events, now=datetime.now(UTC))
    await scene.settle()
    publisher = AmqpPublisher(scene.amqp_url, namespace=scene.namespace)
    await publisher.connect()
    counting = Counting(publisher, items)
    wakeups = Wakeups(scene.database_url)
    started = time.perf_counter()
    await Relay(scene.database, scene.outbox, counting, wakeups).run(counting.stop)
    seconds = time.perf_counter() - started
    await publisher.close()
    missing = messages - await scene.queued(messages)
    return Run(items, items - missing - await scene.rows(OUTBOX), seconds)
