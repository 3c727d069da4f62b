"""P35: a fault raises the alert that is named after it, and the alert clears when it is over.

The rules' `for` is not waited for: what is looked at is whether the expression holds. Ages are
made by setting times back.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aio_pika
import pytest
import yaml

from deploy.local.backing import Backing, Controls
from shared.messaging.topology import EXCHANGE, declare
from shared.outbox.inbox import Inbox
from shared.outbox.mailbox import Mailbox
from tests.chaos.plant import PATIENCE, Plant, planted, until
from tests.chaos.plumber import CONNECTION, POISON, QUEUE, subscription
from tests.chaos.promql import Query, Scrape, scrape
from tests.chaos.tables import INBOX, MAILBOX

pytestmark = [pytest.mark.xdist_group("crash"), pytest.mark.timeout(600)]

WORKER = "watched"
RULES = Path(__file__).resolve().parents[2] / "deploy" / "observability" / "alerts.yaml"
LOOK_SECONDS = 5.0
"""Between two looks at a depth (shared/runtime/depths.py); a gauge is as old as that."""

HOLD = "INSERT INTO plumber.pauses (connection_id, paused) VALUES ($1, true)"
FREE = "DELETE FROM plumber.pauses WHERE connection_id = $1"


@dataclass(slots=True)
class Watch:
    """What Prometheus would make of a worker's /metrics; `since` is where its ranges begin."""

    plant: Plant
    since: Scrape = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def over(cls, plant: Plant) -> "Watch":
        """The rules of the file, over a worker that is well."""
        groups = yaml.safe_load(await asyncio.to_thread(RULES.read_text, encoding="utf-8"))
        rules = {r["alert"]: r["expr"] for group in groups["groups"] for r in group["rules"]}
        plant.start(WORKER)
        await plant.until_ready(WORKER)
        found = cls(plant, rules=rules)
        found.since = await found.look()
        return found

    async def look(self) -> Scrape:
        """One scrape."""
        return scrape(await self.plant.metrics(WORKER))

    async def firing(self) -> dict[str, set[str]]:
        """The alerts that fire, each with the labels' values of what it fires for."""
        now = await self.look()
        found = {name: Query(text).firing(self.since, now) for name, text in self.rules.items()}
        return {
            name: {value for labels in raised for _, value in labels}
            for name, raised in found.items()
            if raised
        }

    async def raised(self, alert: str, *, about: str = "") -> None:
        """Waits until it fires, for something of that name."""

        async def fires() -> bool:
            firing = await self.firing()
            return alert in firing and (not about or about in firing[alert])

        await self._until(fires, alert)

    async def cleared(self) -> None:
        """Waits until none fires; what was counted until now is out of range."""

        async def silent() -> bool:
            firing = await self.firing()
            self.since = await self.look()
            return not firing

        await self._until(silent, "silence")

    async def _until(self, condition: Callable[[], Awaitable[bool]], what: str) -> None:
        try:
            await until(condition, patience=PATIENCE / 2)
        except TimeoutError:
            raise AssertionError(f"no {what}, but: {await self.firing()}") from None


@pytest.fixture
def controls(own_servers: Backing) -> Controls:
    assert own_servers.controls is not None
    return own_servers.controls


@pytest.fixture
async def plant(own_servers: Backing, tmp_path: Path) -> AsyncIterator[Plant]:
    async with planted(own_servers, tmp_path) as found:
        yield found


@asynccontextmanager
async def away(stop: Callable[[], None], start: Callable[[], None]) -> AsyncIterator[None]:
    """Inside, a server does not run."""
    await asyncio.to_thread(stop)
    try:
        yield
    finally:
        await asyncio.to_thread(start)


async def test_p35_a_broker_that_is_away_or_refuses_raises_its_alerts(
    plant: Plant, controls: Controls
) -> None:
    watch = await Watch.over(plant)
    assert await watch.firing() == {}

    async with away(controls.stop_rabbitmq, controls.start_rabbitmq):
        await plant.decide("away")
        await watch.raised("CausewayNotReady", about="plumber.relay")
        await plant.execute("UPDATE plumber.outbox SET time = time - interval '2 minutes'")
        await watch.raised("CausewayOutboxOld", about="plumber")
    await watch.cleared()

    async with await aio_pika.connect(plant.amqp_url) as connection:
        await (await connection.channel()).exchange_delete(plant.namespace + EXCHANGE)
    await plant.decide("refused")
    await watch.raised("CausewayBrokerRefuses", about="plumber")
    again = subscription(plant.database, Inbox(INBOX), Mailbox(MAILBOX))
    await declare(plant.amqp_url, [again], namespace=plant.namespace, settle=0)
    await watch.cleared()
    await plant.audit(2)


async def test_p35_what_nobody_can_handle_raises_its_alerts(plant: Plant) -> None:
    watch = await Watch.over(plant)
    await plant.decide("before", POISON, "after")
    await watch.raised("CausewayBatchesFail", about=QUEUE)
    await watch.raised("CausewayDeadLetters", about=f"{QUEUE}.dead")
    await watch.raised("CausewayRedeliveries", about=QUEUE)

    assert await plant.messages() == {"": 0, ".suspect": 0, ".dead": 1}
    async with await aio_pika.connect(plant.amqp_url) as connection:
        queue = await (await connection.channel()).get_queue(f"{plant.namespace}{QUEUE}.dead")
        await queue.purge()
    await plant.execute("DELETE FROM plumber.states WHERE subject = $1", POISON)
    await watch.cleared()
    await plant.audit(2)


async def test_p35_a_database_that_is_away_raises_its_alert(
    plant: Plant, controls: Controls
) -> None:
    watch = await Watch.over(plant)
    async with away(controls.kill_postgres, controls.start_postgres):
        await watch.raised("CausewayNotReady", about="plumber.database")
    await watch.cleared()
    await plant.decide("after")
    await plant.audit(1)


async def test_p35_the_lag_that_is_told_is_the_lag_that_there_was(plant: Plant) -> None:
    """Records that wait for twenty minutes: their age while they wait, and their lag at the end."""
    watch = await Watch.over(plant)
    await plant.decide("zero")
    await plant.finished(1)
    watch.since = await watch.look()  # from now on the histogram is there, and can increase
    await plant.execute(HOLD, CONNECTION)
    await plant.decide("one", "two", "three")
    await until(lambda: _noted(plant, 3))
    await plant.execute("UPDATE plumber.mailbox SET first_seen_at = now() - interval '20 minutes'")
    await watch.raised("CausewayMailboxOld", about=str(CONNECTION))
    told = _sum(await watch.look(), "causeway_mailbox_oldest_seconds")
    is_now = await plant.value(
        "SELECT extract(epoch FROM clock_timestamp() - min(first_seen_at)) FROM plumber.mailbox"
    )
    assert is_now - LOOK_SECONDS - 1 <= told <= is_now

    await plant.execute(FREE, CONNECTION)
    await plant.finished(4)
    await watch.raised("CausewayLagHigh")
    audited = await plant.value("SELECT sum(waited) FROM plumber.drained")
    told = _sum(await watch.look(), "causeway_change_to_settle_seconds_sum")
    assert told == pytest.approx(audited, abs=1.0)
    await watch.cleared()
    await plant.audit(4)


async def _noted(plant: Plant, count: int) -> bool:
    return await plant.value("SELECT count(*) FROM plumber.mailbox") == count


def _sum(samples: Scrape, name: str) -> float:
    return sum(value for (found, _), value in samples.items() if found == name)
