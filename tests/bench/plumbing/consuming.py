"""The consumer with its inbox: from a full queue to committed effects and acks."""

import asyncio
import time
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.contact_sync import RecordSynced
from shared.messaging.consumer import Consumer
from shared.messaging.envelope import Envelope
from shared.messaging.topology import Subscription
from shared.outbox.inbox import transactional
from tests.bench.comparing import Run
from tests.bench.plumbing.bare import fill
from tests.bench.plumbing.scene import (
    EFFECTS,
    INBOX,
    QUEUE,
    Scene,
    effects,
    envelopes,
    outgoing,
)


async def consume(scene: Scene, items: int) -> Run:
    """One event a message; the handler inserts one row an event."""
    await scene.clear()
    await fill(scene, envelopes(outgoing(items, alternating=True)))
    await scene.settle()
    stop, left = asyncio.Event(), items

    async def handle(conn: AsyncConnection, events: Sequence[Envelope]) -> None:
        await conn.execute(effects(), {"subjects": [event.subject for event in events]})

    stored = transactional(scene.database, scene.inbox, QUEUE, handle)

    async def counted(events: Sequence[Envelope]) -> None:
        nonlocal left
        await stored(events)
        left -= len(events)
        if left <= 0:
            stop.set()

    consumer = Consumer(
        scene.amqp_url,
        Subscription(QUEUE, (RecordSynced,), counted),
        namespace=scene.namespace,
    )
    started = time.perf_counter()
    await consumer.run(stop)
    seconds = time.perf_counter() - started
    rows = min(await scene.rows(EFFECTS), await scene.rows(INBOX))
    return Run(items, rows - await scene.queued(0), seconds)
