"""Outbox, relay, broker, consumer and inbox together: once in effect, in every order of crashes."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import aio_pika
import pytest
from sqlalchemy import update

from shared.contracts.contact_sync import RecordSynced
from shared.db.notify import Wakeups
from shared.messaging.consumer import Consumer
from shared.messaging.envelope import Envelope
from shared.messaging.publisher import AmqpPublisher, PublishFailedError
from shared.messaging.topology import EXCHANGE
from shared.outbox.relay import Relay
from tests.contracts.plumbing.buses import dead_letters
from tests.integration.plumbing.service import (
    INBOX,
    OUTBOX,
    QUEUE,
    Plumbing,
    outgoing,
    running,
    until,
)


class Recording:
    """A publisher that takes everything; it can hand on, and fail afterwards."""

    def __init__(self, onward: AmqpPublisher | None = None, *, dies: bool = False) -> None:
        self.sent: list[Sequence[Envelope]] = []
        self._onward = onward
        self._dies = dies

    async def publish(self, batch: Sequence[Envelope]) -> None:
        self.sent.append(batch)
        if self._onward is not None:
            await self._onward.publish(batch)
        if self._dies:
            raise PublishFailedError("no answer in time")


def relay(plumbing: Plumbing, publisher: AmqpPublisher | Recording, wakeups: Wakeups) -> Relay:
    return Relay(plumbing.database, plumbing.outbox, publisher, wakeups)


def numbers(count: int) -> list[str]:
    return [str(number) for number in range(count)]


async def test_i1_i2_i3_every_event_arrives_once_and_leaves_the_outbox(
    plumbing: Plumbing, publisher: AmqpPublisher, wakeups: Wakeups, amqp_url: str, namespace: str
) -> None:
    consumer = Consumer(amqp_url, plumbing.subscription(QUEUE), namespace=namespace)

    async with running(relay(plumbing, publisher, wakeups), consumer):
        for round_ in range(3):
            await plumbing.emit(*(f"{round_}-{n}" for n in range(250)))

        async def all_there() -> bool:
            return len(await plumbing.effects()) == 750

        await until(all_there)

    assert set((await plumbing.effects()).values()) == {1}
    assert await plumbing.rows(OUTBOX) == 0
    assert await plumbing.rows(INBOX) == 750


async def test_i1_an_event_of_a_transaction_that_fails_never_existed(
    plumbing: Plumbing, wakeups: Wakeups
) -> None:
    async def decide_wrongly() -> None:
        async with plumbing.database.begin() as conn:
            await plumbing.outbox.add(conn, outgoing(uuid4(), "1"), now=datetime.now(UTC))
            raise ValueError("the decision was wrong")

    with pytest.raises(ValueError, match="the decision was wrong"):
        await decide_wrongly()
    taken = Recording()
    assert await relay(plumbing, taken, wakeups).relay_some() == 0
    assert taken.sent == []


async def test_i2_what_the_broker_did_not_confirm_stays_and_is_free_at_once(
    plumbing: Plumbing, wakeups: Wakeups
) -> None:
    await plumbing.emit(*numbers(10))

    with pytest.raises(PublishFailedError):
        await relay(plumbing, Recording(dies=True), wakeups).relay_some()

    assert await plumbing.rows(OUTBOX) == 10
    assert await relay(plumbing, Recording(), wakeups).relay_some() == 10
    assert await plumbing.rows(OUTBOX) == 0


async def test_i2_only_what_was_confirmed_goes(plumbing: Plumbing, wakeups: Wakeups) -> None:
    good, bad = uuid4(), uuid4()
    await plumbing.emit("1", "2", connection=good)
    await plumbing.emit("3", connection=bad)

    class Half(Recording):
        async def publish(self, batch: Sequence[Envelope]) -> None:
            if batch[0].connection_id == bad:
                raise PublishFailedError("it was refused or could not be routed")
            await super().publish(batch)

    with pytest.raises(PublishFailedError):
        await relay(plumbing, Half(), wakeups).relay_some()

    again = Recording()
    await relay(plumbing, again, wakeups).relay_some()
    assert [[e.subject for e in batch] for batch in again.sent] == [["3"]]


async def test_i3_a_relay_killed_before_its_delete_causes_duplicates_without_effect(
    plumbing: Plumbing, publisher: AmqpPublisher, wakeups: Wakeups, amqp_url: str, namespace: str
) -> None:
    await plumbing.emit(*numbers(100))
    killed = Relay(plumbing.database, plumbing.outbox, Recording(publisher, dies=True), wakeups)
    with pytest.raises(PublishFailedError):
        await killed.relay_some()
    wanted, delivered = plumbing.subscription(QUEUE), Counter[str]()

    async def counted(batch: Sequence[Envelope]) -> None:
        await wanted.handler(batch)
        delivered.update(envelope.subject for envelope in batch)

    consumer = Consumer(amqp_url, replace(wanted, handler=counted), namespace=namespace)

    async with running(consumer, relay(plumbing, publisher, wakeups)):

        async def twice() -> bool:
            return sum(delivered.values()) == 200

        await until(twice)

    assert set(delivered.values()) == {2}
    assert await plumbing.effects() == Counter(numbers(100))
    assert await plumbing.rows(OUTBOX) == 0


async def test_p14_a_relay_started_anew_gets_back_at_once_what_it_still_held(
    plumbing: Plumbing, wakeups: Wakeups
) -> None:
    """The database was away when it should have let go; its lease would last a minute."""
    await plumbing.emit(*numbers(5))
    token, again = uuid4(), Recording()
    args = (plumbing.database, plumbing.outbox, again, wakeups)
    assert len(await Relay(*args, token=token)._claim()) == 5

    async with running(Relay(*args, token=token)):

        async def gone() -> bool:
            return await plumbing.rows(OUTBOX) == 0

        await until(gone)

    assert [e.subject for batch in again.sent for e in batch] == numbers(5)


async def test_a_relay_with_much_to_do_publishes_in_order(
    plumbing: Plumbing, wakeups: Wakeups
) -> None:
    """Two rounds at once, of which the second begins when all of the first is lined up."""
    await plumbing.emit(*numbers(3500))
    taken = Recording()

    async with running(relay(plumbing, taken, wakeups)):

        async def gone() -> bool:
            return await plumbing.rows(OUTBOX) == 0

        await until(gone)

    assert [e.subject for batch in taken.sent for e in batch] == numbers(3500)


async def test_i2_what_rounds_side_by_side_got_no_confirm_for_is_free_at_once(
    plumbing: Plumbing, wakeups: Wakeups
) -> None:
    good, bad = uuid4(), uuid4()
    await plumbing.emit(*numbers(1500), connection=good)
    await plumbing.emit("refused", connection=bad)
    await plumbing.emit(*numbers(1500), connection=good)

    class Refusing(Recording):
        async def publish(self, batch: Sequence[Envelope]) -> None:
            if batch[0].connection_id == bad:
                raise PublishFailedError("it was refused or could not be routed")
            await super().publish(batch)

    with pytest.raises(PublishFailedError):
        await relay(plumbing, Refusing(), wakeups).run(asyncio.Event())

    left = await plumbing.rows(OUTBOX)
    again = Recording()
    while await relay(plumbing, again, wakeups).relay_some():
        pass
    assert "refused" in {e.subject for batch in again.sent for e in batch}
    assert sum(map(len, again.sent)) == left
    assert await plumbing.rows(OUTBOX) == 0


async def test_a_relay_that_vanished_leaves_its_rows_for_the_others(
    plumbing: Plumbing, wakeups: Wakeups
) -> None:
    await plumbing.emit(*numbers(5))

    class Vanishing(Recording):
        async def publish(self, batch: Sequence[Envelope]) -> None:
            await super().publish(batch)
            await asyncio.Event().wait()

    vanishing = Vanishing()
    task = asyncio.create_task(relay(plumbing, vanishing, wakeups).relay_some())

    async def sent() -> bool:
        return bool(vanishing.sent)

    await until(sent)
    task.cancel()
    other = Recording()
    assert await relay(plumbing, other, wakeups).relay_some() == 0  # the lease still runs
    async with plumbing.database.begin() as conn:
        past = OUTBOX.c.held_until - timedelta(minutes=2)
        await conn.execute(update(OUTBOX).values(held_until=past))

    assert await relay(plumbing, other, wakeups).relay_some() == 5


async def test_relays_side_by_side_never_claim_the_same_row(
    plumbing: Plumbing, wakeups: Wakeups
) -> None:
    await plumbing.emit(*numbers(5000))
    taken = Recording()

    async def drain() -> None:
        while await relay(plumbing, taken, wakeups).relay_some():
            pass

    await asyncio.gather(*(drain() for _ in range(3)))

    seen = Counter(envelope.id for batch in taken.sent for envelope in batch)
    assert len(seen) == 5000
    assert set(seen.values()) == {1}


async def test_consecutive_events_of_one_kind_share_a_message_of_at_most_a_hundred(
    plumbing: Plumbing, wakeups: Wakeups
) -> None:
    one, two = (UUID(int=1), UUID(int=2))
    await plumbing.emit(*numbers(150), connection=one)
    await plumbing.emit("a", connection=two)
    await plumbing.emit("b", "c", connection=one)
    taken = Recording()

    await relay(plumbing, taken, wakeups).relay_some()

    assert [(batch[0].connection_id, len(batch)) for batch in taken.sent] == [
        (one, 100),
        (one, 50),
        (two, 1),
        (one, 2),
    ]


async def test_i3_a_handler_that_fails_leaves_no_inbox_row(
    plumbing: Plumbing, publisher: AmqpPublisher, wakeups: Wakeups
) -> None:
    """Neither a zombie record nor a ghost message: both rows or none."""
    taken = Recording(publisher)
    await plumbing.emit("unreadable", "1")
    await relay(plumbing, taken, wakeups).relay_some()
    handler = plumbing.subscription(QUEUE).handler

    with pytest.raises(Exception, match="Nobody can read this"):
        await handler(taken.sent[0])

    assert await plumbing.rows(INBOX) == 0
    assert await plumbing.effects() == Counter()


async def test_i3_an_event_has_one_effect_in_each_queue(
    plumbing: Plumbing, wakeups: Wakeups
) -> None:
    taken = Recording()
    await plumbing.emit("1")
    await relay(plumbing, taken, wakeups).relay_some()

    for queue in ("first", "second", "first", "second"):
        await plumbing.subscription(queue).handler([*taken.sent[0], *taken.sent[0]])

    assert await plumbing.effects() == {"1": 2}


async def test_i7_a_poison_message_dies_with_a_reason_and_its_neighbours_pass(
    plumbing: Plumbing, publisher: AmqpPublisher, wakeups: Wakeups, amqp_url: str, namespace: str
) -> None:
    wanted = plumbing.subscription(QUEUE, poison="13")
    for number in numbers(20):
        await plumbing.emit(number)
    consumer = Consumer(amqp_url, wanted, namespace=namespace)

    async with running(relay(plumbing, publisher, wakeups), consumer):
        (dead,) = await dead_letters(amqp_url, namespace + wanted.dead_queue, 1)

        async def others_passed() -> bool:
            return len(await plumbing.effects()) == 19

        await until(others_passed)

    assert dead.headers["x-causeway-queue"] == QUEUE
    assert dead.headers["x-causeway-code"] == "unexpected"
    assert dead.headers["x-causeway-error"] == "ValueError"
    assert set(await plumbing.effects()) == set(numbers(20)) - {"13"}
    assert consumer.tally["dead"] == 1
    assert consumer.tally["redelivered"] > 0


@pytest.mark.parametrize("body", [b"not json", b"[]", b'[{"specversion":"1.0"}]'])
@pytest.mark.usefixtures("declared")
async def test_i7_what_nobody_can_read_is_dead_at_once_as_it_came(
    plumbing: Plumbing, amqp_url: str, namespace: str, body: bytes
) -> None:
    wanted = plumbing.subscription(QUEUE)
    consumer = Consumer(amqp_url, wanted, namespace=namespace)
    async with await aio_pika.connect(amqp_url) as connection, running(consumer):
        exchange = await (await connection.channel()).get_exchange(namespace + EXCHANGE)
        await exchange.publish(aio_pika.Message(body), routing_key=RecordSynced.type_name())
        (dead,) = await dead_letters(amqp_url, namespace + wanted.dead_queue, 1)

    assert dead.headers["x-causeway-code"] == "message_malformed"
    assert dead.body == body
    assert consumer.tally == {"redelivered": 0, "dead": 1}
