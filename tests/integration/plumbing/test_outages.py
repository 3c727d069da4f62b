"""Cut connections, stopped processes, queues that vanish: nothing is lost, nothing dies of it."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import aio_pika
import pytest

from shared.db.notify import Wakeups
from shared.kernel.errors import RetriableError
from shared.messaging.consumer import Consumer
from shared.messaging.envelope import Envelope, envelope_for
from shared.messaging.publisher import AmqpPublisher, PublishFailedError
from shared.messaging.topology import UNROUTED, Subscription, declare
from shared.outbox.relay import Relay
from shared.runtime.relaying import Relaying
from shared.telemetry.metrics import Metrics
from tests.contracts.plumbing.buses import consuming
from tests.fakes.broker import remove, topology
from tests.fakes.clock import NOON
from tests.integration.plumbing.proxy import proxied
from tests.integration.plumbing.service import (
    INBOX,
    OUTBOX,
    PATIENCE,
    QUEUE,
    Plumbing,
    outgoing,
    running,
    until,
)

CONNECTION = UUID(int=7)
CUTS = 4
EACH = 200


class Reconnecting:
    """The relay as the runtime runs it: a publisher of its own, started anew after a failure."""

    def __init__(self, plumbing: Plumbing, wakeups: Wakeups, url: str, namespace: str) -> None:
        self._plumbing = plumbing
        self._wakeups = wakeups
        self._url = url
        self._namespace = namespace

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            publisher = AmqpPublisher(self._url, namespace=self._namespace)
            try:
                await publisher.connect()
                database, outbox = self._plumbing.database, self._plumbing.outbox
                await Relay(database, outbox, publisher, self._wakeups).run(stop)
            except PublishFailedError:
                await asyncio.sleep(0)
            finally:
                await publisher.close()


@pytest.mark.usefixtures("declared")
async def test_i2_i3_i7_connections_cut_while_events_flow_lose_nothing(
    plumbing: Plumbing, wakeups: Wakeups, amqp_url: str, namespace: str
) -> None:
    expected: list[str] = []
    async with proxied(amqp_url) as proxy:
        relaying = Reconnecting(plumbing, wakeups, proxy.url, namespace)
        consumer = Consumer(proxy.url, plumbing.subscription(QUEUE), namespace=namespace)
        async with running(relaying, consumer):
            for cut in range(CUTS):
                subjects = [f"{cut}-{n}" for n in range(EACH)]
                expected += subjects
                for start in range(0, EACH, 20):
                    await plumbing.emit(*subjects[start : start + 20])
                seen = proxy.carried

                async def flowing(before: int = seen) -> bool:
                    return proxy.carried > before

                await until(flowing)
                assert proxy.cut() >= 1

            async def all_there() -> bool:
                return len(await plumbing.effects()) == len(expected)

            await until(all_there)

            async def outbox_empty() -> bool:
                return await plumbing.rows(OUTBOX) == 0

            await until(outbox_empty)

    assert await plumbing.effects() == Counter(expected)


async def test_i8_a_consumer_that_stops_finishes_what_has_arrived(
    plumbing: Plumbing, publisher: AmqpPublisher, wakeups: Wakeups, amqp_url: str, namespace: str
) -> None:
    await plumbing.emit(*(str(n) for n in range(500)))
    while await Relay(plumbing.database, plumbing.outbox, publisher, wakeups).relay_some():
        pass
    wanted, stop = plumbing.subscription(QUEUE), asyncio.Event()

    async def stopping(batch: Sequence[Envelope]) -> None:
        stop.set()
        await wanted.handler(batch)

    counted = replace(wanted, handler=stopping)
    consumer = Consumer(amqp_url, counted, prefetch=2, namespace=namespace)

    async with asyncio.timeout(PATIENCE):
        await consumer.run(stop)

    handled = len(await plumbing.effects())
    assert 100 <= handled <= 400  # at most two messages of a hundred events, twice
    assert await plumbing.rows(INBOX) == handled

    async def the_rest_is_back() -> bool:
        return await ready(amqp_url, namespace + QUEUE) == 5 - handled // 100

    await until(the_rest_is_back)


async def test_i8_a_relay_that_stops_finishes_its_round(
    plumbing: Plumbing, publisher: AmqpPublisher, wakeups: Wakeups
) -> None:
    await plumbing.emit("1")
    stop = asyncio.Event()

    class Stopping:
        async def publish(self, batch: Sequence[Envelope]) -> None:
            stop.set()
            await publisher.publish(batch)

    async with asyncio.timeout(PATIENCE):
        await Relay(plumbing.database, plumbing.outbox, Stopping(), wakeups).run(stop)

    assert await plumbing.rows(OUTBOX) == 0


async def test_a_consumer_comes_back_when_its_queue_vanished_and_was_declared_again(
    plumbing: Plumbing, publisher: AmqpPublisher, wakeups: Wakeups, amqp_url: str, namespace: str
) -> None:
    wanted = plumbing.subscription(QUEUE)
    relay = Relay(plumbing.database, plumbing.outbox, publisher, wakeups)
    async with consuming(amqp_url, namespace, [wanted]):
        await plumbing.emit("before")
        await relay.relay_some()

        async def heard(subject: str = "before") -> bool:
            return subject in await plumbing.effects()

        await until(heard)
        await remove(amqp_url, [wanted], namespace=namespace)
        await declare(amqp_url, [wanted], namespace=namespace, settle=0)
        await plumbing.emit("after")
        async with running(Reconnecting(plumbing, wakeups, amqp_url, namespace)):
            await until(lambda: heard("after"))


async def test_i7_a_publish_into_a_topology_that_is_gone_is_refused(
    plumbing: Plumbing, wakeups: Wakeups, amqp_url: str, namespace: str
) -> None:
    """The exchange without the catch is what a declaration that was cut short leaves."""
    async with topology(amqp_url, [], namespace=namespace):
        async with await aio_pika.connect(amqp_url) as connection:
            await (await connection.channel()).exchange_delete(namespace + UNROUTED)
        publisher = AmqpPublisher(amqp_url, namespace=namespace)
        await publisher.connect()
        await plumbing.emit("1")
        with pytest.raises(PublishFailedError, match="could not be routed"):
            await Relay(plumbing.database, plumbing.outbox, publisher, wakeups).relay_some()
        await publisher.close()

    assert await plumbing.rows(OUTBOX) == 1


async def test_i7_a_full_queue_refuses_and_the_outbox_keeps(
    plumbing: Plumbing,
    wakeups: Wakeups,
    amqp_url: str,
    namespace: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.messaging.topology.MAX_LENGTH", 2)
    full = Subscription("plumbing.full", plumbing.subscription(QUEUE).events, _nothing)
    async with topology(amqp_url, [full], namespace=namespace):
        publisher = AmqpPublisher(amqp_url, namespace=namespace)
        await publisher.connect()
        relay = Relay(plumbing.database, plumbing.outbox, publisher, wakeups)
        with pytest.raises(PublishFailedError, match="refused"):  # noqa: PT012 -- until it is full
            for number in range(20):
                await plumbing.emit(str(number))
                await relay.relay_some()
        await publisher.close()

    assert await plumbing.rows(OUTBOX) == 1


async def test_a_publisher_without_a_broker_says_so() -> None:
    publisher = AmqpPublisher("amqp://guest:guest@127.0.0.1:1/")

    with pytest.raises(PublishFailedError, match="no connection"):
        await publisher.connect()
    with pytest.raises(PublishFailedError, match="not connected"):
        await publisher.publish([_envelope()])
    await publisher.close()


@pytest.mark.usefixtures("declared")
async def test_p35_a_relay_without_work_notices_that_its_connection_is_gone(
    plumbing: Plumbing, wakeups: Wakeups, amqp_url: str, namespace: str
) -> None:
    async with proxied(amqp_url) as proxy:
        relaying = Relaying(
            database=plumbing.database,
            outbox=plumbing.outbox,
            wakeups=wakeups,
            amqp_url=proxy.url,
            namespace=namespace,
            metrics=Metrics(),
        )
        task = asyncio.create_task(relaying.run(asyncio.Event()))

        async def well() -> bool:
            try:
                await relaying.check()
            except RetriableError:
                return False
            return True

        await until(well)
        proxy.cut()
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(PublishFailedError, match="lost"):
                await task
        with pytest.raises(RetriableError, match="lost"):
            await relaying.check()


@pytest.mark.usefixtures("declared")
async def test_a_publisher_whose_connection_was_cut_fails_and_can_be_closed(
    amqp_url: str, namespace: str
) -> None:
    async with proxied(amqp_url) as proxy:
        cut = AmqpPublisher(proxy.url, namespace=namespace)
        await cut.connect()
        await cut.publish([_envelope()])
        proxy.cut()
        with pytest.raises(PublishFailedError):
            await cut.publish([_envelope()])
        await cut.close()


@pytest.mark.usefixtures("declared")
async def test_i2_a_publish_that_hangs_fails_in_time_and_may_have_landed(
    plumbing: Plumbing,
    wakeups: Wakeups,
    amqp_url: str,
    namespace: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As under a broker's alarm: the connection stays open, and the message lands afterwards."""
    await plumbing.emit("1")
    async with proxied(amqp_url) as proxy:
        publisher = AmqpPublisher(proxy.url, namespace=namespace)
        await publisher.connect()
        relay = Relay(plumbing.database, plumbing.outbox, publisher, wakeups)
        proxy.flowing.clear()
        with monkeypatch.context() as impatient:
            impatient.setattr("shared.messaging.publisher.PUBLISH_SECONDS", 0.1)
            with pytest.raises(PublishFailedError, match="no answer in time"):
                await relay.relay_some()
        assert await plumbing.rows(OUTBOX) == 1
        proxy.flowing.set()
        assert await relay.relay_some() == 1
        await publisher.close()

    async def landed_twice() -> bool:
        return await ready(amqp_url, namespace + QUEUE) == 2

    await until(landed_twice)
    async with consuming(amqp_url, namespace, [plumbing.subscription(QUEUE)]):

        async def all_taken() -> bool:
            return await ready(amqp_url, namespace + QUEUE) == 0 and bool(await plumbing.effects())

        await until(all_taken)
    assert await plumbing.effects() == {"1": 1}


async def test_a_round_that_takes_too_long_gives_its_rows_back(
    plumbing: Plumbing, wakeups: Wakeups, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hanging:
        async def publish(self, batch: Sequence[Envelope]) -> None:
            await asyncio.Event().wait()

    monkeypatch.setattr("shared.outbox.relay.ROUND_SECONDS", 0.05)
    await plumbing.emit("1")
    relay = Relay(plumbing.database, plumbing.outbox, Hanging(), wakeups)

    with pytest.raises(PublishFailedError, match="the round took too long"):
        await relay.relay_some()
    with pytest.raises(PublishFailedError):  # claimed again at once
        await relay.relay_some()
    assert await plumbing.rows(OUTBOX) == 1


def _envelope() -> Envelope:
    (sent,) = outgoing(CONNECTION, "1")
    return envelope_for(
        sent.event,
        source="plumbing",
        subject=sent.subject,
        connection_id=sent.connection_id,
        now=NOON,
        traceparent=None,
    )


async def _nothing(_batch: Sequence[Envelope]) -> None:
    """Nobody consumes this queue."""


async def ready(amqp_url: str, queue: str) -> int:
    """How many messages of a queue nobody holds."""
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        return (
            await channel.declare_queue(queue, passive=True)
        ).declaration_result.message_count or 0
