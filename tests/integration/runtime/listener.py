"""A service that only listens, to two queues, for operators to work on."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from shared.contracts.contact_sync import RecordSynced
from shared.contracts.mapping import SyncPaused
from shared.messaging.envelope import Envelope
from shared.messaging.topology import Subscription
from shared.runtime.service import Service
from shared.runtime.settings import DeploymentSettings
from tests.fakes.broker import topology
from tests.integration.plumbing.letters import Broker, at_broker
from tests.integration.plumbing.service import QUEUE

OTHER = "plumbing.other"


async def nothing(_batch: Sequence[Envelope]) -> None:
    """Never called: no consumer runs here."""


SUBSCRIPTIONS = (
    Subscription(QUEUE, (RecordSynced,), nothing),
    Subscription(OTHER, (SyncPaused,), nothing),
)


def build(_settings: DeploymentSettings) -> Service:
    """The service; it has no stores."""
    return Service(name="plumbing", subscriptions=SUBSCRIPTIONS)


@asynccontextmanager
async def declared(amqp_url: str, namespace: str) -> AsyncIterator[Broker]:
    """Its queues for the length of a test, and a channel to look at them."""
    async with (
        topology(amqp_url, SUBSCRIPTIONS, namespace=namespace),
        at_broker(amqp_url, namespace) as broker,
    ):
        yield broker
