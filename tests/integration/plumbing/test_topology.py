"""What the topology step declares, refuses, and repairs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import aio_pika
import pytest

from shared.contracts.contact_sync import RecordSynced
from shared.kernel.records import ObjectType
from shared.messaging.check import BrokerUnavailableError
from shared.messaging.envelope import Envelope, envelope_for
from shared.messaging.publisher import AmqpPublisher, PublishFailedError
from shared.messaging.topology import Subscription, TopologyConflictError, declare
from tests.fakes.broker import topology
from tests.fakes.clock import NOON


async def nothing(_batch: Sequence[Envelope]) -> None:
    """Never called here."""


WANTED = Subscription("plumbing.declared", (RecordSynced,), nothing)


async def put(amqp_url: str, queue: str, body: bytes) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel(on_return_raises=True)
        await channel.default_exchange.publish(aio_pika.Message(body), routing_key=queue)


async def take(amqp_url: str, queue: str) -> aio_pika.abc.AbstractIncomingMessage:
    async with await aio_pika.connect(amqp_url) as connection:
        found = await (await connection.channel()).get_queue(queue)
        return await found.get(no_ack=True, timeout=5)


async def test_declaring_again_changes_nothing_and_keeps_the_messages(
    amqp_url: str, namespace: str
) -> None:
    async with topology(amqp_url, [WANTED], namespace=namespace):
        await put(amqp_url, namespace + WANTED.queue, b"kept")

        await declare(amqp_url, [WANTED], namespace=namespace, settle=0)

        message = await take(amqp_url, namespace + WANTED.queue)
    assert message.body == b"kept"
    assert message.redelivered is False


async def test_a_queue_with_other_arguments_is_refused_and_not_touched(
    amqp_url: str, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with topology(amqp_url, [WANTED], namespace=namespace):
        await put(amqp_url, namespace + WANTED.queue, b"kept")
        monkeypatch.setattr("shared.messaging.topology.DELIVERY_LIMIT", 99)

        with pytest.raises(TopologyConflictError, match="run the topology step again"):
            await declare(amqp_url, [WANTED], namespace=namespace, settle=0)

        assert (await take(amqp_url, namespace + WANTED.queue)).body == b"kept"


async def test_i7_the_brokers_own_limit_ends_in_the_dead_letters_too(
    amqp_url: str, namespace: str
) -> None:
    """A message that kills every consumer before it can say anything."""
    async with topology(amqp_url, [WANTED], namespace=namespace):
        await put(amqp_url, namespace + WANTED.queue, b"deadly")
        async with await aio_pika.connect(amqp_url) as connection:
            queue = await (await connection.channel()).get_queue(namespace + WANTED.queue)
            for _ in range(11):
                message = await queue.get(timeout=5)
                await message.reject(requeue=True)
            dead = await (await connection.channel()).get_queue(namespace + WANTED.dead_queue)
            headers = await first(dead)

    assert headers["x-first-death-reason"] == "delivery_limit"


async def test_p13_nothing_is_confirmed_while_a_dead_queue_is_made_anew(
    amqp_url: str, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The neighbour's queue lives: its confirm alone would let the event go from the outbox."""
    neighbour = Subscription("plumbing.neighbour", (RecordSynced,), nothing)
    async with topology(amqp_url, [WANTED, neighbour], namespace=namespace):
        publisher = AmqpPublisher(amqp_url, namespace=namespace)
        await publisher.connect()
        meanwhile: list[str] = []

        async def lives(_url: str, name: str) -> bool:
            if name == namespace + neighbour.queue:
                meanwhile.append(await outcome(publisher))
            return name != namespace + WANTED.queue

        monkeypatch.setattr("shared.messaging.topology._lives", lives)
        await declare(amqp_url, [WANTED, neighbour], namespace=namespace, settle=0)

        assert meanwhile == ["refused"]
        assert await outcome(publisher) == "confirmed"
        await publisher.close()
        assert (await take(amqp_url, namespace + WANTED.queue)).body.startswith(b"[{")


async def outcome(publisher: AmqpPublisher) -> str:
    event = RecordSynced(object_type=ObjectType.CONTACT, hubspot_id="1", salesforce_id="003A")
    envelope = envelope_for(
        event,
        source="plumbing",
        subject="1",
        connection_id=UUID(int=1),
        now=NOON,
        traceparent=None,
    )
    try:
        await publisher.publish([envelope])
    except PublishFailedError:
        return "refused"
    return "confirmed"


async def first(queue: aio_pika.abc.AbstractQueue) -> dict[str, Any]:
    async with queue.iterator(no_ack=True, timeout=10) as arriving:
        async for message in arriving:
            return dict(message.headers)
    raise AssertionError("nothing came")


async def test_a_broker_that_is_away_is_retriable() -> None:
    with pytest.raises(BrokerUnavailableError):
        await declare("amqp://guest:guest@127.0.0.1:1/", [WANTED])


def test_a_subscription_takes_every_major_version_of_its_events() -> None:
    assert WANTED.patterns == {"causeway.contact_sync.RecordSynced.*"}
    assert WANTED.suspect_queue == "plumbing.declared.suspect"
    assert WANTED.dead_queue == "plumbing.declared.dead"
