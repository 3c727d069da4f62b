"""Events of other services move a setup on, once each."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from services.mapping.domain.setup import Package, Sync, Visualforce
from services.mapping.events import SUBSCRIBED, subscriptions
from services.mapping.store import TABLES, PostgresStore
from shared.contracts.base import Event
from shared.contracts.connection import ConnectionBroken, ConnectionEstablished
from shared.contracts.package_watcher import (
    PackageInstalled,
    PackageRemoved,
    VisualforceSkipped,
)
from shared.db.database import Database
from shared.kernel.ids import new_id
from shared.kernel.records import Side
from shared.messaging.envelope import Envelope, envelope_for
from shared.outbox.inbox import Inbox

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ESTABLISHED = ConnectionEstablished(
    portal_id="62",
    org_id="00D1",
    environment="production",
    instance_url="https://acme.my.salesforce.com",
    hubspot_app_id="7",
    salesforce_user_id="0051",
)


def sealed(event: Event, connection_id: UUID) -> Envelope:
    return envelope_for(
        event,
        source="test",
        subject="x",
        connection_id=connection_id,
        now=NOON,
        traceparent=None,
    )


async def test_events_are_handled_once(real_store: PostgresStore, database: Database) -> None:
    (subscription,) = subscriptions(real_store, database, Inbox(TABLES.inbox))
    connection_id = new_id()
    batch = [
        sealed(ESTABLISHED, connection_id),
        sealed(PackageInstalled(method="deploy"), connection_id),
        sealed(VisualforceSkipped(), connection_id),
    ]
    broken = sealed(ConnectionBroken(side=Side.HUBSPOT, reason="revoked"), connection_id)
    await subscription.handler(batch)
    await subscription.handler([broken])
    await subscription.handler(batch)
    async with real_store.begin() as work:
        setup = await work.setups.get(connection_id)
    assert setup is not None
    assert setup.connected
    assert setup.broken == "HubSpot (revoked)"
    assert (setup.package, setup.visualforce) == (Package.INSTALLED, Visualforce.SKIPPED)


async def test_a_missing_package_pauses_and_its_return_resumes(
    real_store: PostgresStore, database: Database
) -> None:
    (subscription,) = subscriptions(real_store, database, Inbox(TABLES.inbox))
    connection_id = new_id()
    async with real_store.begin() as work:
        setup = await work.setups.opened(connection_id)
        await work.setups.save(
            replace(setup, connected=True, package=Package.INSTALLED, sync=Sync.RUNNING)
        )
    gone = sealed(PackageRemoved(reason="no field", objects=("Lead",)), connection_id)
    back = sealed(PackageInstalled(method="deploy"), connection_id)
    await subscription.handler([gone])
    async with real_store.begin() as work:
        paused = await work.setups.get(connection_id)
    assert paused is not None
    assert (paused.package, paused.sync) == (Package.REMOVED, Sync.PAUSED)
    assert paused.paused_for_package
    await subscription.handler([back])
    await subscription.handler([sealed_at(gone, NOON - timedelta(seconds=1))])
    async with real_store.begin() as work:
        running = await work.setups.get(connection_id)
    assert running is not None
    assert (running.package, running.sync) == (Package.INSTALLED, Sync.RUNNING)
    assert not running.paused_for_package


def sealed_at(envelope: Envelope, at: datetime) -> Envelope:
    """The same news by another message, made at another time."""
    return msgspec.structs.replace(envelope, id=new_id(), time=at)


async def test_the_queue_gets_what_the_setup_needs(
    real_store: PostgresStore, database: Database
) -> None:
    (subscription,) = subscriptions(real_store, database, Inbox(TABLES.inbox))
    assert subscription.queue == "mapping.setup"
    assert subscription.events == SUBSCRIBED
