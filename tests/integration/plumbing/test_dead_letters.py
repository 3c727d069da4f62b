"""Operators at the dead letters of a real broker: nothing is lost, and nothing happens twice."""

import asyncio
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import structlog
from aio_pika.abc import AbstractIncomingMessage

from shared.messaging import dead_letters_desk
from shared.messaging.check import BrokerUnavailableError
from shared.messaging.consumer import Consumer
from shared.messaging.dead_letters import DeadLetters, StoppedError
from shared.messaging.dead_letters_desk import DeadQueueError, LookedAtError, opened
from shared.messaging.dead_letters_reading import Wanted
from shared.messaging.envelope import decode
from shared.messaging.publisher import PublishFailedError
from tests.conftest import ROOT
from tests.integration.plumbing.letters import DEAD, Broker, at_broker, body_of, reason
from tests.integration.plumbing.proxy import proxied
from tests.integration.plumbing.service import QUEUE, Plumbing, running, until

ALL = Wanted()


@pytest.fixture
async def broker(declared: None, amqp_url: str, namespace: str) -> AsyncIterator[Broker]:
    async with at_broker(amqp_url, namespace) as opened_:
        yield opened_


@pytest.fixture
def desk(plumbing: Plumbing, amqp_url: str, namespace: str) -> DeadLetters:
    return DeadLetters(amqp_url, plumbing.subscription(QUEUE), namespace=namespace)


def subjects(bodies: list[bytes]) -> list[str]:
    return [envelope.subject for body in bodies for envelope in decode(body)]


def own_headers(message: AbstractIncomingMessage) -> dict[str, object]:
    """Without the broker's count of deliveries, which 3.10 always gives."""
    return {name: value for name, value in message.headers.items() if name != "x-delivery-count"}


async def test_i7_a_look_keeps_everything_even_after_more_looks_than_rabbitmq_4_allows(
    broker: Broker, desk: DeadLetters
) -> None:
    await broker.bury("a", "b", "c")

    looks = [await desk.look(ALL) for _ in range(25)]

    assert {(len(look.letters), look.waiting, look.beyond) for look in looks} == {(3, 3, 0)}
    kept = await broker.drain()
    assert subjects([message.body for message in kept]) == ["a", "b", "c"]
    assert kept[0].headers["x-causeway-code"] == "unexpected"
    assert kept[0].headers["x-delivery-count"] == 25


async def test_a_look_takes_no_more_than_it_may_and_says_what_is_beyond(
    broker: Broker, desk: DeadLetters
) -> None:
    await broker.bury(*"abcde")
    told: list[tuple[int, int]] = []

    look = await desk.look(ALL, at_most=3, progress=lambda *taken: told.append(taken))

    assert {letter.subject for letter in look.letters} == {"a", "b", "c"}
    assert (look.waiting, look.beyond) == (5, 2)
    assert told == [(1, 3), (2, 3), (3, 3)]


async def test_letters_are_chosen_by_connection_code_and_id(
    broker: Broker, desk: DeadLetters
) -> None:
    one = uuid4()
    await broker.put(body_of("a", "b", connection=one), message_id="m-ab")
    await broker.put(body_of("c"), headers=reason("gave_up"), message_id="m-c")

    async def chosen(wanted: Wanted) -> list[str]:
        return [letter.message_id for letter in (await desk.look(wanted)).letters]

    assert await chosen(Wanted(connection=one)) == ["m-ab"]
    assert await chosen(Wanted(code="gave_up")) == ["m-c"]
    assert await chosen(Wanted(ids=frozenset({"m-c"}))) == ["m-c"]
    assert await chosen(Wanted(connection=one, code="gave_up")) == []


async def test_a_letter_is_found_with_its_contents_and_stays(
    broker: Broker, desk: DeadLetters
) -> None:
    await broker.bury("a", "b")
    (first, _) = sorted((await desk.look(ALL)).letters, key=lambda one: one.subject)

    found = await desk.find(first.id)

    assert found is not None
    assert found.letter == first
    assert [content.fields["object_type"] for content in found.contents] == ["contact"]
    assert await desk.find("no-such-id") is None
    assert await broker.count() == 2


async def test_one_letter_is_replayed_as_it_was_before_it_died(
    broker: Broker, desk: DeadLetters
) -> None:
    await broker.bury("a", "b", "c")

    done = await desk.replay(Wanted(ids=frozenset({"m-b"})), by="ada")

    assert (done.done, done.left, done.beyond) == (1, 2, 0)
    (again,) = await broker.drain(QUEUE)
    assert subjects([again.body]) == ["b"]
    assert (own_headers(again), again.message_id) == ({}, "m-b")
    assert again.content_type == "application/cloudevents-batch+json"
    assert again.delivery_mode == 2
    assert subjects([message.body for message in await broker.drain()]) == ["a", "c"]


async def test_p10_all_letters_are_replayed_and_have_their_effect_once(
    broker: Broker, desk: DeadLetters, plumbing: Plumbing, amqp_url: str, namespace: str
) -> None:
    await broker.bury(*(str(number) for number in range(50)))
    await broker.put(body_of("x", "y", "z"))

    done = await desk.replay(ALL, by="ada")

    assert (done.done, done.left) == (51, 0)
    effects = await effects_of(plumbing, amqp_url, namespace, 53)
    assert set(effects.values()) == {1}


async def test_p10_a_replay_that_is_killed_between_copy_and_ack_has_each_effect_once(
    broker: Broker, desk: DeadLetters, plumbing: Plumbing, amqp_url: str, namespace: str
) -> None:
    await broker.bury(*"abcde")

    killed = await asyncio.to_thread(replay_that_dies_at_the_third_ack, amqp_url, namespace)

    assert killed == -signal.SIGKILL
    assert await broker.count(QUEUE) == 3

    async def given_back() -> bool:
        return await broker.count() == 3  # the third letter is in both queues

    await until(given_back)
    assert (await desk.replay(ALL, by="ada")).done == 3
    assert await broker.count(QUEUE) == 6
    assert await effects_of(plumbing, amqp_url, namespace, 5) == Counter("abcde")


async def test_i7_a_connection_that_is_lost_amid_a_replay_loses_no_letter(
    broker: Broker, plumbing: Plumbing, amqp_url: str, namespace: str
) -> None:
    await broker.bury(*"abcde")
    async with proxied(amqp_url) as proxy:
        desk = DeadLetters(proxy.url, plumbing.subscription(QUEUE), namespace=namespace)

        def cut_at_the_third(taken: int, _of: int) -> None:
            if taken == 3:
                proxy.cut()

        with pytest.raises(StoppedError, match="Letters that were settled before: 3") as stopped:
            await desk.replay(ALL, by="ada", progress=cut_at_the_third)

    assert stopped.value.code == "broker_unavailable"
    again = DeadLetters(amqp_url, plumbing.subscription(QUEUE), namespace=namespace)

    async def free() -> bool:
        try:
            await again.replay(ALL, by="ada")
        except LookedAtError:
            return False
        return await broker.count() == 0

    await until(free)
    assert await effects_of(plumbing, amqp_url, namespace, 5) == Counter("abcde")


async def test_a_letter_that_dies_again_meanwhile_is_replayed_once(
    broker: Broker, desk: DeadLetters, plumbing: Plumbing, amqp_url: str, namespace: str
) -> None:
    await broker.put(body_of("unreadable"))
    await broker.put(body_of("unreadable"))
    consumer = Consumer(amqp_url, plumbing.subscription(QUEUE), namespace=namespace)
    async with running(consumer):
        done = await desk.replay(ALL, by="ada")

        async def dead_again() -> bool:
            return await broker.count() == 2

        await until(dead_again)

    assert done.done == 2


async def test_i7_what_the_queue_does_not_take_stays_a_letter(
    broker: Broker, desk: DeadLetters, namespace: str
) -> None:
    await broker.bury("a")
    await broker.channel.queue_delete(namespace + QUEUE)

    with pytest.raises(PublishFailedError, match="could not be routed"):
        await desk.replay(ALL, by="ada")

    async def back() -> bool:
        return await broker.count() == 1

    await until(back)


async def test_i7_what_is_discarded_is_gone_and_in_the_log_with_who_did_it(
    broker: Broker, desk: DeadLetters
) -> None:
    await broker.bury("a", "b")
    await broker.bury("c", code="gave_up")

    with structlog.testing.capture_logs() as lines:
        done = await desk.discard(Wanted(code="unexpected"), by="ada")

    assert (done.done, done.left) == (2, 1)
    assert subjects([message.body for message in await broker.drain()]) == ["c"]
    told = [line for line in lines if line["event"] == "dead letter is discarded"]
    assert [(line["by"], line["message"], line["code"]) for line in told] == [
        ("ada", "m-a", "unexpected"),
        ("ada", "m-b", "unexpected"),
    ]


async def test_two_operators_do_not_meet(
    broker: Broker, desk: DeadLetters, amqp_url: str, namespace: str
) -> None:
    await broker.bury("a")
    async with opened(amqp_url, namespace + DEAD):
        with pytest.raises(LookedAtError, match="Somebody else is looking at the queue"):
            await desk.look(ALL)
        with pytest.raises(LookedAtError):
            await desk.discard(ALL, by="ada")

    assert len((await desk.look(ALL)).letters) == 1


@pytest.mark.parametrize("body", [b"not json", b"\xff\x00\x01", b"[]"])
async def test_what_cannot_be_read_is_listed_replayed_and_discarded_all_the_same(
    broker: Broker, desk: DeadLetters, body: bytes
) -> None:
    await broker.put(body, headers=reason("message_malformed"))

    (letter,) = (await desk.look(ALL)).letters
    found = await desk.find(letter.id)

    assert (letter.events, letter.size, letter.code) == (0, len(body), "message_malformed")
    assert found is not None
    assert found.contents == ()
    assert (await desk.replay(ALL, by="ada")).done == 1
    assert [message.body for message in await broker.drain(QUEUE)] == [body]
    await broker.put(body)
    assert (await desk.discard(ALL, by="ada")).done == 1


async def test_a_letter_of_the_brokers_own_can_be_replayed(
    broker: Broker, desk: DeadLetters, namespace: str
) -> None:
    await broker.put(body_of("deadly", "other"), queue=QUEUE, headers={}, message_id="m-1")
    queue = await broker.channel.get_queue(namespace + QUEUE, ensure=False)
    for _ in range(11):
        await (await queue.get(timeout=10)).reject(requeue=True)

    async def dead() -> bool:
        return await broker.count() == 1

    await until(dead)
    (letter,) = (await desk.look(ALL)).letters
    done = await desk.replay(ALL, by="ada")

    assert (letter.code, letter.events) == ("broker_delivery_limit", 2)
    assert letter.error.endswith(f"It came from {namespace}{QUEUE}.")
    assert done.done == 1
    (again,) = await broker.drain(QUEUE)
    assert (own_headers(again), again.message_id) == ({}, "m-1")


async def test_a_broker_that_is_away_says_what_to_do(plumbing: Plumbing) -> None:
    url = "amqp://guest:guest@127.0.0.1:1/"
    away = DeadLetters(url, plumbing.subscription(QUEUE))
    with pytest.raises(BrokerUnavailableError, match="start it or correct CAUSEWAY_AMQP_URL"):
        await away.look(ALL)


async def test_a_queue_that_is_missing_is_named(
    plumbing: Plumbing, amqp_url: str, namespace: str
) -> None:
    missing = DeadLetters(amqp_url, plumbing.subscription("plumbing.none"), namespace=namespace)
    with pytest.raises(DeadQueueError, match=r"plumbing\.none\.dead is missing"):
        await missing.look(ALL)


async def test_a_broker_that_stops_answering_does_not_hold_an_operator_for_ever(
    broker: Broker,
    plumbing: Plumbing,
    amqp_url: str,
    namespace: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await broker.bury("a", "b")
    async with proxied(amqp_url) as proxy:
        desk = DeadLetters(proxy.url, plumbing.subscription(QUEUE), namespace=namespace)

        def hang(_taken: int, _of: int) -> None:
            monkeypatch.setattr(dead_letters_desk, "STEP_SECONDS", 0.3)
            proxy.flowing.clear()

        with pytest.raises(DeadQueueError, match="does not answer"):
            await desk.look(ALL, progress=hang)

    async def back() -> bool:
        return await broker.count() == 2

    await until(back)


async def effects_of(plumbing: Plumbing, amqp_url: str, namespace: str, count: int) -> Counter[str]:
    """What the service makes of its queue, once it is empty and that many effects are there."""
    consumer = Consumer(amqp_url, plumbing.subscription(QUEUE), namespace=namespace)
    async with running(consumer), at_broker(amqp_url, namespace) as broker:

        async def heard() -> bool:
            return await broker.count(QUEUE) == 0 and len(await plumbing.effects()) >= count

        await until(heard)
    return await plumbing.effects()


DYING_REPLAY = """
import asyncio, json, os, signal, sys
import aio_pika.message
from shared.messaging.dead_letters import DeadLetters
from shared.messaging.dead_letters_reading import Wanted
from shared.messaging.topology import Subscription

given = json.load(sys.stdin)
acked, ack = [], aio_pika.message.IncomingMessage.ack

async def dying(message, multiple=False):
    acked.append(message)
    if len(acked) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    await ack(message, multiple)

aio_pika.message.IncomingMessage.ack = dying
subscription = Subscription(given["queue"], (), None)
desk = DeadLetters(given["url"], subscription, namespace=given["namespace"])
asyncio.run(desk.replay(Wanted(), by="ada"))
"""


def replay_that_dies_at_the_third_ack(amqp_url: str, namespace: str) -> int:
    """The exit code of a process whose third copy is confirmed, and whose letter is not acked."""
    done = subprocess.run(  # noqa: S603 - our own interpreter on our own text
        [sys.executable, "-c", DYING_REPLAY],
        cwd=ROOT,
        input=json.dumps({"url": amqp_url, "namespace": namespace, "queue": QUEUE}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode
