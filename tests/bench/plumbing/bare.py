"""The bare libraries, used as well as one can: what the product is held against.

aio-pika and asyncpg alone, on the same exchange, queues and tables, with the same bodies and rows.
Bodies are encoded before the clock starts, statements take arrays, and acks cover a whole batch.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from uuid import UUID

import aio_pika
import asyncpg
import msgspec
from aio_pika.abc import AbstractExchange, AbstractIncomingMessage

from shared.messaging.envelope import CONTENT_TYPE, Envelope, encode
from shared.outbox.mailbox_keys import KEY
from tests.bench.comparing import Run
from tests.bench.plumbing.scene import (
    CONNECTIONS,
    EFFECTS,
    INBOX,
    LANE,
    MAILBOX,
    QUEUE,
    SCHEMA,
    Scene,
    envelopes,
    noted,
    outgoing,
)

IN_FLIGHT = 100
PREFETCH = 100
_ID_OF = msgspec.json.Decoder(list[dict[str, object]])


async def publish_pipelined(scene: Scene, items: int) -> Run:
    """One event a message, a hundred of them waiting for their confirms at any time."""
    return await _published(scene, items, in_flight=IN_FLIGHT)


async def publish_one_by_one(scene: Scene, items: int) -> Run:
    """One event a message, each confirmed before the next is sent."""
    return await _published(scene, items, in_flight=1)


async def fill(scene: Scene, events: Sequence[Envelope], *, in_flight: int = IN_FLIGHT) -> float:
    """Publishes each event in a message of its own; answers the seconds from first to last."""
    bodies = [(encode([event]), event) for event in events]
    async with await aio_pika.connect(scene.amqp_url) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        exchange = await channel.get_exchange(scene.exchange, ensure=False)
        waiting = iter(bodies)
        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(in_flight):
                group.create_task(_publisher(exchange, waiting))
        return time.perf_counter() - started


async def _published(scene: Scene, items: int, *, in_flight: int) -> Run:
    await scene.clear()
    await scene.settle()
    events = envelopes(outgoing(items, alternating=True))
    seconds = await fill(scene, events, in_flight=in_flight)
    return Run(items, await scene.queued(items), seconds)


async def _publisher(exchange: AbstractExchange, waiting: Iterator[tuple[bytes, Envelope]]) -> None:
    for body, event in waiting:
        message = aio_pika.Message(
            body,
            content_type=CONTENT_TYPE,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=str(event.id),
            type=event.type,
            timestamp=event.time,
        )
        await exchange.publish(message, routing_key=event.type, mandatory=True)


async def consume(scene: Scene, items: int) -> Run:
    """Takes what is at hand, inserts inbox and effect rows in one transaction, then acks."""
    await scene.clear()
    await fill(scene, envelopes(outgoing(items, alternating=True)))
    await scene.settle()
    started = time.perf_counter()
    db = await asyncpg.connect(scene.database_url)
    connection = await aio_pika.connect(scene.amqp_url)
    channel = await connection.channel()
    await channel.set_qos(prefetch_count=PREFETCH)
    queue = await channel.get_queue(scene.queue, ensure=False)
    arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    tag = await queue.consume(arrived.put)
    handled = 0
    while handled < items:
        batch = [await arrived.get()]
        batch += [arrived.get_nowait() for _ in range(min(PREFETCH - 1, arrived.qsize()))]
        await _store(db, batch)
        await batch[-1].ack(multiple=True)
        handled += len(batch)
    await queue.cancel(tag)
    await connection.close()
    await db.close()
    seconds = time.perf_counter() - started
    stored = await scene.rows(EFFECTS), await scene.rows(INBOX)
    return Run(items, min(*stored) - await scene.queued(0), seconds)


async def _store(db: asyncpg.Connection, batch: Sequence[AbstractIncomingMessage]) -> None:
    events = {event["id"]: event for each in batch for event in _ID_OF.decode(each.body)}
    async with db.transaction():
        new = await db.fetch(
            f"INSERT INTO {SCHEMA}.inbox (consumer, event_id) "
            "SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id",
            QUEUE,
            list(events),
        )
        subjects = [events[str(row["event_id"])]["subject"] for row in new]
        await db.execute(
            f"INSERT INTO {SCHEMA}.effects (subject) SELECT unnest($1::text[])", subjects
        )


async def claim(scene: Scene, items: int, *, batch: int) -> Run:
    """One loop over the connections: mark the next rows as claimed, and delete them, by commits."""
    return await _claimed(scene, items, batch=batch, through=_leased_and_deleted)


async def lock(scene: Scene, items: int, *, batch: int) -> Run:
    """The same within one transaction a batch, where only its locks tell that rows are claimed."""
    return await _claimed(scene, items, batch=batch, through=_locked_and_deleted)


_Through = Callable[[asyncpg.Connection, UUID, int], Awaitable[int]]


async def _claimed(scene: Scene, items: int, *, batch: int, through: _Through) -> Run:
    await noted(scene, items)
    await scene.settle()
    db = await asyncpg.connect(scene.database_url)
    started, done = time.perf_counter(), 0
    for connection in CONNECTIONS:
        while gone := await through(db, connection, batch):
            done += gone
    seconds = time.perf_counter() - started
    await db.close()
    return Run(items, done - await scene.rows(MAILBOX.mailbox), seconds)


async def _leased_and_deleted(db: asyncpg.Connection, connection: UUID, batch: int) -> int:
    rows = await db.fetch(
        f"WITH ready AS ({_READY}) "  # noqa: S608 -- constants
        f"UPDATE {SCHEMA}.mailbox AS mail SET held_until = now() + interval '1 minute' FROM ready "
        "WHERE (mail.connection_id, mail.lane, mail.side, mail.record_id) "
        "= (ready.connection_id, ready.lane, ready.side, ready.record_id) RETURNING mail.*",
        connection,
        LANE,
        batch,
    )
    return await _deleted(db, rows) if rows else 0


async def _locked_and_deleted(db: asyncpg.Connection, connection: UUID, batch: int) -> int:
    async with db.transaction():
        rows = await db.fetch(_READY, connection, LANE, batch)
        return await _deleted(db, rows) if rows else 0


async def _deleted(db: asyncpg.Connection, rows: Sequence[asyncpg.Record]) -> int:
    gone = await db.execute(
        f"DELETE FROM {SCHEMA}.mailbox "  # noqa: S608 -- a constant
        "WHERE (connection_id, lane, side, record_id) IN "
        "(SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]))",
        *([row[name] for row in rows] for name in KEY),
    )
    return int(gone.split()[1])


_READY = (
    f"SELECT * FROM {SCHEMA}.mailbox "  # noqa: S608 -- a constant
    "WHERE connection_id = $1 AND lane = $2 AND due_at <= now() "
    "AND (held_until IS NULL OR held_until < now()) "
    "ORDER BY priority, due_at LIMIT $3 FOR UPDATE SKIP LOCKED"
)
