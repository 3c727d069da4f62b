"""What every bus promises to publishers and subscribers, in memory and on RabbitMQ."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from shared.contracts.base import Event
from shared.contracts.contact_sync import RecordParked, RecordSynced
from shared.contracts.quota import QuotaRestored
from shared.kernel.errors import FatalError, RetriableError
from shared.kernel.records import ObjectType, Side
from shared.messaging.envelope import Envelope, envelope_for
from shared.messaging.registry import EventRegistry
from shared.messaging.topology import Subscription
from tests.contracts.plumbing.buses import PATIENCE, Lines, in_memory, on_rabbitmq

CONNECTION = UUID("33333333-3333-7333-8333-333333333333")
AT = datetime(2026, 3, 2, 12, 0, 0, 123000, tzinfo=UTC)
Open = Callable[[Sequence[Subscription]], AbstractAsyncContextManager[Lines]]


@pytest.fixture(params=["memory", "rabbitmq"])
def opened(request: pytest.FixtureRequest) -> Open:
    if request.param == "memory":
        return in_memory
    url: str = request.getfixturevalue("amqp_url")
    namespace: str = request.getfixturevalue("namespace")
    return lambda subscriptions: on_rabbitmq(url, namespace, subscriptions)


def envelopes(*subjects: str, event: Event | None = None) -> list[Envelope]:
    event = event or RecordSynced(
        object_type=ObjectType.CONTACT, hubspot_id="1", salesforce_id="003A"
    )
    return [
        envelope_for(
            event,
            source="contact_sync",
            subject=subject,
            connection_id=CONNECTION,
            now=AT,
            traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        )
        for subject in subjects
    ]


@dataclass
class Listener:
    """A subscriber that remembers, and that fails where a test says so."""

    fail: Callable[[Envelope], None] = field(default=lambda _: None)
    handled: list[Envelope] = field(default_factory=list)
    seen: asyncio.Event = field(default_factory=asyncio.Event)

    def on(self, queue: str, *events: type[Event]) -> Subscription:
        return Subscription(queue, events or (RecordSynced,), self)

    async def __call__(self, batch: Sequence[Envelope]) -> None:
        for envelope in batch:
            self.fail(envelope)
        self.handled.extend(batch)
        self.seen.set()

    def subjects(self) -> set[str]:
        return {envelope.subject for envelope in self.handled}

    async def until(self, ready: Callable[[], bool], lines: Lines | None = None) -> None:
        async with asyncio.timeout(PATIENCE):
            while not ready():
                self.seen.clear()
                if lines is not None:
                    await lines.nudge()
                    if ready():
                        return
                await self.seen.wait()


def fatal_at(subject: str) -> Callable[[Envelope], None]:
    def fail(envelope: Envelope) -> None:
        if envelope.subject == subject:
            raise FatalError("Nobody can do this.", code="impossible")

    return fail


def broken_at(subject: str) -> Callable[[Envelope], None]:
    def fail(envelope: Envelope) -> None:
        if envelope.subject == subject:
            raise ValueError("ada@example.com is no number")

    return fail


async def test_an_envelope_arrives_as_it_was_sent(opened: Open) -> None:
    listener = Listener()
    sent = envelopes("1", "2", "3")
    async with opened([listener.on("one")]) as lines:
        await lines.publisher.publish(sent)
        await listener.until(lambda: len(listener.handled) == 3)

    assert listener.handled == sent


async def test_every_queue_that_wants_an_event_gets_it_and_no_other(opened: Open) -> None:
    first, second, other = Listener(), Listener(), Listener()
    wanted = [
        first.on("first", RecordSynced, RecordParked),
        second.on("second", RecordSynced),
        other.on("other", QuotaRestored),
    ]
    parked = RecordParked(
        object_type=ObjectType.CONTACT, side=Side.HUBSPOT, record_id="9", code="c", message="m"
    )
    async with opened(wanted) as lines:
        await lines.publisher.publish(envelopes("synced"))
        await lines.publisher.publish(envelopes("parked", event=parked))
        await lines.publisher.publish(envelopes("quota", event=QuotaRestored(side=Side.HUBSPOT)))
        await first.until(lambda: first.subjects() == {"synced", "parked"})
        await second.until(lambda: second.subjects() == {"synced"})
        await other.until(lambda: other.subjects() == {"quota"})


async def test_an_event_that_nobody_wants_is_no_failure(opened: Open) -> None:
    async with opened([Listener().on("one", RecordParked)]) as lines:
        await lines.publisher.publish(envelopes("1"))


async def test_i7_one_bad_event_of_a_message_dies_alone_with_the_reason(opened: Open) -> None:
    listener = Listener(fail=fatal_at("2"))
    subscription = listener.on("one")
    async with opened([subscription]) as lines:
        await lines.publisher.publish(envelopes("1", "2", "3"))
        (letter,) = await lines.dead(subscription, 1)
        await listener.until(lambda: listener.subjects() == {"1", "3"})

    assert (letter.queue, letter.envelope.subject) == ("one", "2")
    assert (letter.code, letter.error) == ("impossible", "Nobody can do this.")


async def test_i7_a_bug_costs_one_event_and_its_text_stays_out_of_the_letter(opened: Open) -> None:
    listener = Listener(fail=broken_at("5"))
    subscription = listener.on("one")
    async with opened([subscription]) as lines:
        await asyncio.gather(*(lines.publisher.publish(envelopes(str(n))) for n in range(10)))
        (letter,) = await lines.dead(subscription, 1)
        await listener.until(lambda: len(listener.subjects()) == 9)

    assert letter.envelope.subject == "5"
    assert (letter.code, letter.error) == ("unexpected", "ValueError")


async def test_i7_what_time_mends_is_handled_in_the_end(opened: Open) -> None:
    tries: list[str] = []

    def away_twice(envelope: Envelope) -> None:
        tries.append(envelope.subject)
        if len(tries) < 3:
            raise RetriableError("The database is away.", code="database_unavailable")

    listener = Listener(fail=away_twice)
    async with opened([listener.on("one")]) as lines:
        await lines.publisher.publish(envelopes("1"))
        await lines.nudge()
        await listener.until(lambda: listener.subjects() == {"1"}, lines)

    assert tries == ["1", "1", "1"]


async def test_i7_a_newer_major_version_dies_with_advice(opened: Open) -> None:
    registry = EventRegistry([RecordSynced])
    handled: list[Event | None] = []

    async def handle(batch: Sequence[Envelope]) -> None:
        handled.extend([registry.parse(envelope) for envelope in batch])

    subscription = Subscription("one", (RecordSynced,), handle)
    (newer,) = envelopes("1")
    newer = msgspec.structs.replace(newer, type="causeway.contact_sync.RecordSynced.v2")
    async with opened([subscription]) as lines:
        await lines.publisher.publish([newer])
        (letter,) = await lines.dead(subscription, 1)

    assert letter.code == "event_version_unsupported"
    assert "Upgrade the service, then replay the dead letter." in letter.error
    assert handled == []


async def test_a_newer_minor_version_is_read_with_what_is_known(opened: Open) -> None:
    registry = EventRegistry([RecordSynced])
    parsed: asyncio.Queue[Event | None] = asyncio.Queue()

    async def handle(batch: Sequence[Envelope]) -> None:
        for envelope in batch:
            parsed.put_nowait(registry.parse(envelope))

    (newer,) = envelopes("1")
    newer = msgspec.structs.replace(newer, data={**newer.data, "added_later": [1, 2]})
    async with opened([Subscription("one", (RecordSynced,), handle)]) as lines:
        await lines.publisher.publish([newer])
        async with asyncio.timeout(PATIENCE):
            event = await parsed.get()

    assert event == RecordSynced(
        object_type=ObjectType.CONTACT, hubspot_id="1", salesforce_id="003A"
    )
