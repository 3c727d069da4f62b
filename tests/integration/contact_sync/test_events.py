"""Messages against Postgres: inbox row and effect are one transaction, and happen once (I3)."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from services.contact_sync.events import subscriptions
from services.contact_sync.ports import Work
from services.contact_sync.store import TABLES, PostgresStore
from services.contact_sync.store.views import PostgresViews
from shared.contracts.base import Event
from shared.contracts.ingress import ChangeKind, ContactChanged
from shared.contracts.mapping import SettingsPublished, SyncStarted
from shared.contracts.settings import Settings
from shared.db.database import Database
from shared.kernel.records import Side
from shared.messaging.envelope import Envelope, envelope_for
from shared.messaging.topology import BatchHandler
from shared.outbox.inbox import Inbox
from tests.fakes.contact_sync.stage import CONNECTION
from tests.fakes.contact_sync.store import WorkerDiedError

CHANGE = ContactChanged(
    side=Side.HUBSPOT,
    record_id="101",
    kind=ChangeKind.UPDATED,
    occurred_at=datetime(2026, 3, 2, tzinfo=UTC),
)


class Dying:
    """A store whose transaction never comes to its commit."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store

    def on(self, conn: AsyncConnection) -> Work:
        if conn.in_transaction():
            raise WorkerDiedError
        return self._store.on(conn)


def handlers(
    works: PostgresStore | Dying, database: Database, echoes: list[int]
) -> dict[str, BatchHandler]:
    found = subscriptions(works, database, Inbox(TABLES.inbox), echoes.append)
    return {subscription.queue: subscription.handler for subscription in found}


def envelopes(*events: Event) -> Sequence[Envelope]:
    return [
        envelope_for(
            event,
            source="test",
            subject="x",
            connection_id=CONNECTION,
            now=datetime.now(UTC),
            traceparent=None,
        )
        for event in events
    ]


async def test_a_change_that_is_delivered_twice_is_noted_once(
    store: PostgresStore, database: Database, views: PostgresViews
) -> None:
    echoes: list[int] = []
    handle = handlers(store, database, echoes)["contact_sync.changes"]
    batch = envelopes(CHANGE, CHANGE.model_copy(update={"record_id": "102"}))
    await handle(batch)
    await handle(batch)
    await handle([*batch, batch[0]])

    assert (await views.waiting(CONNECTION))["records"] == 2
    assert echoes == [0]


async def test_a_death_before_the_commit_leaves_neither_effect_nor_memory(
    store: PostgresStore, database: Database, views: PostgresViews
) -> None:
    batch = envelopes(CHANGE)
    with pytest.raises(WorkerDiedError):
        await handlers(Dying(store), database, [])["contact_sync.changes"](batch)
    assert (await views.waiting(CONNECTION))["records"] == 0

    await handlers(store, database, [])["contact_sync.changes"](batch)
    assert (await views.waiting(CONNECTION))["records"] == 1


async def test_settings_and_the_start_arrive_in_one_batch(
    store: PostgresStore, database: Database
) -> None:
    settings = Settings(version=3)
    handle = handlers(store, database, [])["contact_sync.lifecycle"]
    await handle(envelopes(SettingsPublished(settings=settings), SyncStarted()))

    async with store.begin() as work:
        known = await work.connections.get(CONNECTION)
    assert known is not None
    assert (known.settings, known.standing.running) == (settings, True)
