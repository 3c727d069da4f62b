"""What becomes of messages whose story a real broker tells only slowly."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import aio_pika
import pytest
from aio_pika.exceptions import DeliveryError

from shared.contracts.quota import QuotaRestored
from shared.kernel.errors import FatalError, RetriableError
from shared.messaging.delivery import Delivering
from shared.messaging.envelope import Envelope, decode, encode
from shared.messaging.topology import Subscription


def envelope(subject: str) -> Envelope:
    return Envelope(
        id=UUID(int=1),
        source="quota",
        type="causeway.quota.QuotaRestored.v1",
        time=datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
        subject=subject,
        connection_id=UUID(int=2),
        data={"side": "hubspot"},
    )


@dataclass
class Message:
    """An incoming message that remembers what was decided."""

    body: bytes
    deliveries: int | None = 0
    fate: str = "held"
    redelivered: bool = False
    content_type: str = "application/cloudevents-batch+json"
    message_id: str = "m"
    type: str = "causeway.quota.QuotaRestored.v1"
    earlier: "list[Message]" = field(default_factory=list)
    """What the channel delivered before it."""

    @property
    def headers(self) -> dict[str, Any]:
        return {} if self.deliveries is None else {"x-delivery-count": self.deliveries}

    async def ack(self, *, multiple: bool = False) -> None:
        self.fate = "acked"
        for each in self.earlier if multiple else ():
            each.fate = "acked" if each.fate == "held" else each.fate

    async def reject(self, *, requeue: bool) -> None:
        self.fate = "requeued" if requeue else "dropped"


@dataclass
class Exchange:
    """The default exchange: what was copied where; it may refuse a few times."""

    refusals: int = 0
    copies: list[tuple[str, aio_pika.Message]] = field(default_factory=list)

    async def publish(
        self, message: aio_pika.Message, *, routing_key: str, mandatory: bool
    ) -> None:
        assert mandatory
        if self.refusals:
            self.refusals -= 1
            raise DeliveryError(None, None)  # type: ignore[arg-type]
        self.copies.append((routing_key, message))


@dataclass
class Channel:
    default_exchange: Exchange = field(default_factory=Exchange)


@dataclass
class Stage:
    """One queue with a handler that fails as it is told."""

    suspects: bool = False
    errors: dict[str, list[Exception]] = field(default_factory=dict)
    handled: list[str] = field(default_factory=list)
    calls: int = 0
    channel: Channel = field(default_factory=Channel)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    tally: Counter[str] = field(default_factory=Counter)
    delivered: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.delivering = Delivering(
            self.channel,  # type: ignore[arg-type]
            Subscription("quota.heard", (QuotaRestored,), self._handle),
            suspects=self.suspects,
            namespace="n.",
            ended=self.ended,
            tally=self.tally,
        )

    async def _handle(self, batch: Sequence[Envelope]) -> None:
        self.calls += 1
        for each in batch:
            if self.errors.get(each.subject):
                raise self.errors[each.subject].pop(0)
        self.handled.extend(each.subject for each in batch)

    async def handle(self, *messages: Message) -> None:
        for each in messages:
            each.earlier = list(self.delivered)
            self.delivered.append(each)
        await self.delivering.handle(messages)  # type: ignore[arg-type]

    def copies(self) -> list[tuple[str, list[str]]]:
        return [
            (key, [each.subject for each in decode(copy.body)])
            for key, copy in self.channel.default_exchange.copies
        ]


def message(*subjects: str, deliveries: int | None = 0) -> Message:
    return Message(encode([envelope(subject) for subject in subjects]), deliveries)


def away() -> RetriableError:
    return RetriableError("The database is away.", code="database_unavailable")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.messaging.delivery.FIRST_WAIT_SECONDS", 0.0)
    monkeypatch.setattr("shared.messaging.delivery.LONGEST_WAIT_SECONDS", 0.0)


async def test_what_is_at_hand_is_one_call() -> None:
    stage, messages = Stage(), [message("1", "2"), message("3", deliveries=None)]

    await stage.handle(*messages)

    assert stage.calls == 1
    assert stage.handled == ["1", "2", "3"]
    assert [each.fate for each in messages] == ["acked", "acked"]


async def test_one_call_has_no_more_than_a_thousand_events() -> None:
    stage = Stage()

    await stage.handle(*(message(*["x"] * 100) for _ in range(25)))

    assert stage.calls == 3
    assert len(stage.handled) == 2500


async def test_a_bug_is_tried_twice_more_then_alone() -> None:
    stage = Stage(errors={"bad": [ValueError(), ValueError()]})
    bad, good = message("bad"), message("good")

    await stage.handle(bad, good)

    assert (bad.fate, good.fate) == ("requeued", "acked")
    third = message("bad", deliveries=2)
    await stage.handle(third)
    assert third.fate == "acked"
    assert stage.copies() == [("n.quota.heard.suspect", ["bad"])]
    assert stage.handled == ["good"]


async def test_a_suspect_that_goes_on_failing_dies_on_its_last_delivery() -> None:
    stage = Stage(suspects=True, errors={"bad": [ValueError("ada@example.com")] * 9})
    early, last = message("bad", deliveries=4), message("bad", deliveries=5)

    await stage.handle(early)
    assert early.fate == "requeued"
    await stage.handle(last)

    assert last.fate == "acked"
    ((queue, copy),) = stage.channel.default_exchange.copies
    assert queue == "n.quota.heard.dead"
    assert copy.headers["x-causeway-error"] == "ValueError"
    assert stage.tally["dead"] == 1


async def test_i7_a_message_that_kills_the_process_dies_without_another_try() -> None:
    stage, deadly = Stage(suspects=True), message("deadly", deliveries=6)

    await stage.handle(deadly)

    assert stage.calls == 0
    assert deadly.fate == "acked"
    ((queue, copy),) = stage.channel.default_exchange.copies
    assert (queue, copy.headers["x-causeway-code"]) == ("n.quota.heard.dead", "gave_up")


async def test_i7_an_outage_that_ends_soon_moves_nothing() -> None:
    stage = Stage(errors={"1": [away(), away()], "2": [away()]})
    messages = [message("1"), message("2")]

    await stage.handle(*messages)

    assert [each.fate for each in messages] == ["acked", "acked"]
    assert stage.handled == ["1", "2"]
    assert stage.copies() == []


async def test_i7_a_long_outage_ends_with_the_suspects_never_with_the_dead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.messaging.delivery.HOLD_SECONDS", -1.0)
    stage = Stage(errors={"1": [away()] * 9, "2": [away()] * 9})
    messages = [message("1"), message("2")]

    await stage.handle(*messages)

    assert [each.fate for each in messages] == ["acked", "acked"]
    assert {queue for queue, _ in stage.copies()} == {"n.quota.heard.suspect"}


async def test_one_that_waits_while_others_pass_is_a_suspect() -> None:
    stage = Stage(errors={"slow": [away()] * 9})
    slow, good = message("slow"), message("good")

    await stage.handle(slow, good)

    assert (slow.fate, good.fate) == ("acked", "acked")
    assert stage.copies() == [("n.quota.heard.suspect", ["slow"])]


async def test_i8_at_a_stop_what_waits_goes_back_to_the_queue() -> None:
    stage, waiting = Stage(errors={"1": [away()] * 9}), message("1")
    stage.ended.set()

    await stage.handle(waiting)

    assert waiting.fate == "held"
    assert stage.copies() == []


async def test_i8_what_was_held_at_a_stop_is_not_acked_along_with_what_came_after_it() -> None:
    stage, waiting = Stage(errors={"1": [away()] * 9}), message("1")
    others = [message("2"), message("3")]
    stage.ended.set()

    await stage.handle(waiting)
    await stage.handle(*others)

    assert [each.fate for each in others] == ["acked", "acked"]
    assert waiting.fate == "held"


async def test_i7_a_full_dead_queue_holds_the_message_until_there_is_room() -> None:
    stage = Stage(
        errors={"bad": [FatalError("No.", code="no")] * 2},
        channel=Channel(Exchange(refusals=3)),
    )
    bad = message("bad")

    await stage.handle(bad)

    assert bad.fate == "acked"
    assert stage.copies() == [("n.quota.heard.dead", ["bad"])]


async def test_i7_a_message_that_cannot_be_moved_before_the_end_is_not_acked() -> None:
    stage = Stage(
        errors={"bad": [FatalError("No.", code="no")] * 2},
        channel=Channel(Exchange(refusals=99)),
    )
    stage.ended.set()
    bad = message("bad")

    with pytest.raises(ConnectionError):
        await stage.handle(bad)

    assert bad.fate == "held"


async def test_bad_events_leave_their_message_one_by_one() -> None:
    no = FatalError("No.", code="no")
    stage = Stage(errors={"b": [no, no], "d": [no, no]})
    mixed = message("a", "b", "c", "d")

    await stage.handle(mixed)

    assert mixed.fate == "acked"
    assert stage.handled == ["a", "c"]
    assert stage.copies() == [("n.quota.heard.dead", ["b"]), ("n.quota.heard.dead", ["d"])]
