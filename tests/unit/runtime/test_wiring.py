import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from shared.db.database import Database
from shared.db.notify import Wakeups
from shared.db.schema import metadata_for
from shared.kernel.errors import RetriableError
from shared.messaging.envelope import Envelope
from shared.messaging.publisher import PublishFailedError
from shared.messaging.topology import Subscription
from shared.outbox.inbox import Inbox
from shared.outbox.outbox import Outbox
from shared.outbox.tables import inbox_table, outbox_table
from shared.runtime import relaying
from shared.runtime.relaying import Relaying
from shared.runtime.service import Loop, Service
from shared.runtime.wiring import close_service, wire
from shared.telemetry.metrics import Metrics

URL = "postgresql://nobody@127.0.0.1:1/none"  # never connected to
AMQP = "amqp://127.0.0.1:1/"


async def fine() -> None:
    return None


async def until(stop: asyncio.Event) -> None:
    await stop.wait()


async def handle(_batch: Sequence[Envelope]) -> None:
    return None


def database() -> Database:
    return Database.connect(URL, application="tests")


def outbox() -> Outbox:
    return Outbox(outbox_table(metadata_for("quota")), source="quota")


def names(service: Service, *, working: bool = True) -> tuple[list[str], list[str]]:
    wiring = wire(service, amqp_url=AMQP, working=working)
    return [loop.name for loop in wiring.loops], sorted(wiring.checks)


def whole() -> Service:
    return Service(
        name="quota",
        database=database(),
        outbox=outbox(),
        subscriptions=(Subscription("quota.settings", (), handle),),
        loops=(Loop("expire", until),),
        checks={"crm": fine},
    )


async def test_a_worker_runs_everything() -> None:
    assert names(whole()) == (
        [
            "quota.wakeups",
            "quota.relay",
            "quota.consumer.quota.settings",
            "quota.queues",
            "quota.upkeep",
            "quota.depths",
            "quota.expire",
        ],
        ["quota.crm", "quota.database", "quota.relay"],
    )


async def test_what_mechanisms_count_themselves_is_told_by_queue() -> None:
    service = replace(whole(), inbox=Inbox(inbox_table(metadata_for("quota"))))
    wire(service, amqp_url=AMQP, working=True)
    assert service.inbox is not None
    service.inbox.duplicates["quota.settings"] += 3

    def told(name: str) -> float | None:
        labels = {"queue": "quota.settings"}
        return service.metrics.registry.get_sample_value(f"causeway_{name}_total", labels)

    assert told("inbox_duplicates") == 3
    assert told("consumer_redeliveries") == 0
    assert told("consumer_dead_letters") == 0


async def test_an_api_runs_nothing_and_does_not_need_the_broker() -> None:
    assert names(whole(), working=False) == ([], ["quota.crm", "quota.database"])


async def test_a_service_without_tables_has_its_loops_alone() -> None:
    assert names(Service(name="console", loops=(Loop("tidy", until),))) == (["console.tidy"], [])


async def test_a_service_that_publishes_nothing_has_no_relay() -> None:
    assert names(Service(name="quota", database=database())) == (
        ["quota.upkeep"],
        ["quota.database"],
    )


async def test_the_services_own_wakeups_are_run() -> None:
    wakeups = Wakeups(URL)
    service = Service(name="quota", database=database(), outbox=outbox(), wakeups=wakeups)
    loops = wire(service, amqp_url=AMQP, working=True).loops
    assert loops[0].run == wakeups.run


async def test_the_database_is_closed_last_and_in_any_case() -> None:
    closed: list[str] = []

    class Closing(Database):
        async def close(self) -> None:
            closed.append("database")

    async def close() -> None:
        closed.append("service")
        raise ValueError("x")

    plain = database()
    service = Service(name="quota", database=Closing(plain._engine, URL), close=close)
    with pytest.raises(ValueError, match="x"):
        await close_service(service)
    assert closed == ["service", "database"]


class FakePublisher:
    """A broker that answers, or not."""

    answers = True
    closed = 0

    def __init__(self, url: str, *, namespace: str = "") -> None:
        assert (url, namespace) == (AMQP, "")
        self.lost = asyncio.Event()

    async def connect(self) -> None:
        if not self.answers:
            raise PublishFailedError("no connection")

    async def close(self) -> None:
        type(self).closed += 1


class FakeRelay:
    """Relays until the stop, or until a publish hangs."""

    hangs = False
    started: asyncio.Event

    def __init__(self, *_parts: object, token: UUID) -> None:
        assert token.version == 7

    async def run(self, stop: asyncio.Event) -> None:
        self.started.set()
        if self.hangs:
            raise PublishFailedError("no answer in time")
        await stop.wait()


@pytest.fixture
async def relay(monkeypatch: pytest.MonkeyPatch) -> Relaying:
    monkeypatch.setattr(FakePublisher, "closed", 0)
    monkeypatch.setattr(FakeRelay, "started", asyncio.Event(), raising=False)
    monkeypatch.setattr(relaying, "AmqpPublisher", FakePublisher)
    monkeypatch.setattr(relaying, "Relay", FakeRelay)
    return Relaying(
        database=database(),
        outbox=outbox(),
        wakeups=Wakeups(URL),
        amqp_url=AMQP,
        metrics=Metrics(),
    )


async def not_ready(relay: Relaying) -> str:
    with pytest.raises(RetriableError) as caught:
        await relay.check()
    assert caught.value.code == "broker_unavailable"
    return str(caught.value)


async def test_the_broker_is_well_while_the_relay_runs(relay: Relaying) -> None:
    assert "has not answered yet" in await not_ready(relay)
    stop = asyncio.Event()
    running = asyncio.create_task(relay.run(stop))
    await FakeRelay.started.wait()
    await relay.check()
    stop.set()
    await running
    assert FakePublisher.closed == 1
    await not_ready(relay)


async def test_an_absent_broker_is_named(relay: Relaying, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakePublisher, "answers", False)
    with pytest.raises(PublishFailedError):
        await relay.run(asyncio.Event())
    assert "no connection" in await not_ready(relay)


async def test_a_blocked_broker_is_not_well_because_it_accepts_connections(
    relay: Relaying, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeRelay, "hangs", True)
    with pytest.raises(PublishFailedError):
        await relay.run(asyncio.Event())
    monkeypatch.setattr(FakeRelay, "hangs", False)
    FakeRelay.started.clear()
    stop = asyncio.Event()
    running = asyncio.create_task(relay.run(stop))
    await FakeRelay.started.wait()
    assert "no answer in time" in await not_ready(relay)
    monkeypatch.setattr(relaying, "SETTLED_SECONDS", 0.0)
    await asyncio.sleep(0)
    await relay.check()
    stop.set()
    await running
