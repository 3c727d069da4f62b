"""Outbox, relay, broker, consumer and inbox together, on real servers."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import aio_pika
import pytest
from sqlalchemy import Column, MetaData, Table, Text, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.activity_sync import ActivitySynced
from shared.contracts.base import Event
from shared.contracts.contact_sync import RecordSynced
from shared.contracts.mapping import SyncPaused
from shared.db.notify import Wakeups
from shared.kernel.errors import FatalError
from shared.kernel.records import ObjectType
from shared.messaging.consumer import Consumer
from shared.messaging.envelope import Envelope
from shared.messaging.publisher import AmqpPublisher, PublishFailedError
from shared.messaging.topology import EXCHANGE, Subscription, declare
from shared.outbox.inbox import transactional
from shared.outbox.mail import Outgoing
from shared.outbox.relay import Relay
from tests.integration.plumbing.conftest import Plumbing

pytestmark = pytest.mark.xdist_group("broker")

QUEUE = "test.plumbing"
EVENTS: tuple[type[Event], ...] = (RecordSynced, SyncPaused)
PATIENCE = 20.0


def synced(number: int) -> RecordSynced:
    return RecordSynced(
        object_type=ObjectType.CONTACT, hubspot_id=str(number), salesforce_id=f"003{number}"
    )


async def handled_ids(plumbing: Plumbing) -> Counter[str]:
    """What the handler's effect table says, by subject."""
    async with plumbing.database.begin() as conn:
        found = await conn.execute(select(effects(plumbing.metadata).c.subject))
        return Counter(found.scalars())


def effects(metadata: MetaData) -> Table:
    known = metadata.tables.get("plumbing.effects")
    return known if known is not None else Table("effects", metadata, Column("subject", Text))


@pytest.fixture
async def effect_table(plumbing: Plumbing) -> Table:
    table = effects(plumbing.metadata)
    async with plumbing.database.begin() as conn:
        await conn.run_sync(plumbing.metadata.create_all)
        await conn.execute(table.delete())
    return table


def subscription(plumbing: Plumbing, table: Table, *, poison: str = "") -> Subscription:
    async def handle(conn: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            if poison and envelope.subject == poison:
                raise ValueError("a bug in a handler")
            if envelope.subject == "unreadable":
                raise FatalError("nobody can read this", code="unreadable")
        await conn.execute(insert(table).values([{"subject": e.subject} for e in envelopes]))

    return Subscription(
        QUEUE, EVENTS, transactional(plumbing.database, plumbing.inbox, QUEUE, handle)
    )


async def fresh_queues(amqp_url: str, wanted: Subscription) -> None:
    connection = await aio_pika.connect(amqp_url)
    async with connection:
        channel = await connection.channel()
        for name in (wanted.queue, wanted.suspect_queue, wanted.dead_queue):
            await channel.queue_delete(name)
    await declare(amqp_url, [wanted])


@asynccontextmanager
async def running(*loops: object) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(loop.run(stop)) for loop in loops]  # type: ignore[attr-defined]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def until(condition: object) -> None:
    """Polls a condition with a bound; there is nothing to be notified by here."""
    async with asyncio.timeout(PATIENCE):
        while not await condition():  # type: ignore[operator]
            await asyncio.sleep(0.05)


@pytest.fixture
async def publisher(amqp_url: str) -> AsyncIterator[AmqpPublisher]:
    publisher = AmqpPublisher(amqp_url)
    await publisher.connect()
    yield publisher
    await publisher.close()


async def emit(plumbing: Plumbing, connection: UUID, numbers: range) -> None:
    events = [Outgoing(connection, str(n), synced(n)) for n in numbers]
    async with plumbing.database.begin() as conn:
        await plumbing.outbox.add(conn, events, now=datetime.now(UTC))


async def outbox_depth(plumbing: Plumbing) -> int:
    async with plumbing.database.begin() as conn:
        counted = select(func.count()).select_from(plumbing.outbox_table)
        return (await conn.execute(counted)).scalar_one()


async def test_i1_i2_i3_every_event_arrives_once_and_leaves_the_outbox(
    plumbing: Plumbing,
    effect_table: Table,
    publisher: AmqpPublisher,
    wakeups: Wakeups,
    amqp_url: str,
) -> None:
    wanted = subscription(plumbing, effect_table)
    await fresh_queues(amqp_url, wanted)
    relay = Relay(plumbing.database, plumbing.outbox, publisher, wakeups)

    async with running(relay, Consumer(amqp_url, wanted)):
        for _ in range(3):
            await emit(plumbing, uuid4(), range(250))

        async def all_there() -> bool:
            return sum((await handled_ids(plumbing)).values()) >= 750

        await until(all_there)

    assert await outbox_depth(plumbing) == 0
    assert set((await handled_ids(plumbing)).values()) == {3}


async def test_i3_a_message_delivered_twice_has_one_effect(
    plumbing: Plumbing,
    effect_table: Table,
    publisher: AmqpPublisher,
    wakeups: Wakeups,
    amqp_url: str,
) -> None:
    """What a relay that is killed between publish and delete causes."""
    wanted = subscription(plumbing, effect_table)
    await fresh_queues(amqp_url, wanted)
    sent: list[Sequence[Envelope]] = []

    class Recording:
        async def publish(self, batch: Sequence[Envelope]) -> None:
            sent.append(batch)
            await publisher.publish(batch)

    await emit(plumbing, uuid4(), range(100))
    await Relay(plumbing.database, plumbing.outbox, Recording(), wakeups).relay_some()
    for batch in sent:
        await publisher.publish(batch)
        await publisher.publish(batch)

    async with running(Consumer(amqp_url, wanted)):

        async def all_there() -> bool:
            return len(await handled_ids(plumbing)) >= 100

        await until(all_there)

    assert set((await handled_ids(plumbing)).values()) == {1}


async def test_i2_what_the_broker_did_not_confirm_stays_in_the_outbox(
    plumbing: Plumbing, wakeups: Wakeups
) -> None:
    class Refusing:
        async def publish(self, batch: Sequence[Envelope]) -> None:
            raise PublishFailedError("no answer in time")

    await emit(plumbing, uuid4(), range(10))
    relay = Relay(plumbing.database, plumbing.outbox, Refusing(), wakeups)

    with pytest.raises(PublishFailedError):
        await relay.relay_some()

    assert await outbox_depth(plumbing) == 10
    async with plumbing.database.begin() as conn:
        table = plumbing.outbox_table
        held = await conn.execute(select(func.count()).where(table.c.token.is_not(None)))
        assert held.scalar_one() == 0


async def test_two_relays_never_publish_the_same_row(plumbing: Plumbing, wakeups: Wakeups) -> None:
    seen: Counter[UUID] = Counter()

    class Counting:
        async def publish(self, batch: Sequence[Envelope]) -> None:
            seen.update(envelope.id for envelope in batch)

    await emit(plumbing, uuid4(), range(5000))
    relays = [Relay(plumbing.database, plumbing.outbox, Counting(), wakeups) for _ in range(3)]
    while any(await asyncio.gather(*(relay.relay_some() for relay in relays))):
        pass

    assert len(seen) == 5000
    assert set(seen.values()) == {1}


async def test_i7_a_poison_message_dies_with_a_reason_and_its_neighbours_pass(
    plumbing: Plumbing,
    effect_table: Table,
    publisher: AmqpPublisher,
    wakeups: Wakeups,
    amqp_url: str,
) -> None:
    wanted = subscription(plumbing, effect_table, poison="13")
    await fresh_queues(amqp_url, wanted)
    for number in range(20):
        await emit(plumbing, uuid4(), range(number, number + 1))
    relay = Relay(plumbing.database, plumbing.outbox, publisher, wakeups)

    async with running(relay, Consumer(amqp_url, wanted)):
        dead = await dead_letter(amqp_url, wanted)

    assert dead.headers["x-causeway-code"] == "unexpected"
    assert dead.headers["x-causeway-error"] == "ValueError"
    assert set(await handled_ids(plumbing)) == {str(n) for n in range(20)} - {"13"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"not json", "message_malformed"),
        (b'[{"specversion":"1.0"}]', "message_malformed"),
    ],
)
async def test_i7_what_nobody_can_read_is_dead_at_once(
    plumbing: Plumbing, effect_table: Table, amqp_url: str, body: bytes, code: str
) -> None:
    wanted = subscription(plumbing, effect_table)
    await fresh_queues(amqp_url, wanted)
    connection = await aio_pika.connect(amqp_url)
    async with connection, running(Consumer(amqp_url, wanted)):
        exchange = await (await connection.channel()).get_exchange(EXCHANGE)
        await exchange.publish(aio_pika.Message(body), routing_key=RecordSynced.type_name())
        dead = await dead_letter(amqp_url, wanted)

    assert dead.headers["x-causeway-code"] == code


async def test_an_event_that_nobody_listens_to_is_confirmed(
    plumbing: Plumbing, effect_table: Table, publisher: AmqpPublisher, amqp_url: str
) -> None:
    await fresh_queues(amqp_url, subscription(plumbing, effect_table))
    event = ActivitySynced(hubspot_id="1", salesforce_id="2", kind="task")
    envelope = Envelope(
        id=uuid4(),
        source="test",
        type=event.type_name(),
        time=datetime.now(UTC),
        subject="1",
        connection_id=uuid4(),
        traceparent=None,
        data=event.model_dump(mode="json"),
    )

    await publisher.publish([envelope])


async def dead_letter(amqp_url: str, wanted: Subscription) -> aio_pika.abc.AbstractIncomingMessage:
    connection = await aio_pika.connect(amqp_url)
    async with connection, asyncio.timeout(PATIENCE):
        channel = await connection.channel()
        queue = await channel.get_queue(wanted.dead_queue)
        async with queue.iterator(no_ack=True) as found:
            async for message in found:
                return message
    raise AssertionError("the dead letters are empty")
