import asyncio
from uuid import uuid4

from sqlalchemy import select

from services.quota.domain.budget import Lease
from services.quota.domain.granting import Ask, Refused
from services.quota.domain.policy import Kind, Purpose
from services.quota.events import subscriptions
from services.quota.handlers import Returned, lease_calls, return_lease, usage
from services.quota.store import OUTBOX, PostgresStore
from shared.contracts.connection import ConnectionRemoved
from shared.contracts.mapping import SettingsPublished
from shared.contracts.settings import Settings
from shared.db.database import Database
from shared.db.migrate import check
from shared.kernel.clock import SystemClock
from shared.kernel.records import Side
from shared.messaging.envelope import envelope_for
from shared.outbox.inbox import Inbox
from tests.unit.quota.store_contract import StoreContract


class TestPostgresStore(StoreContract):
    """The fixture `store` is the module's."""


def test_the_migrations_make_what_the_code_declares(schema_url: str) -> None:
    check("quota", schema_url)


async def test_concurrent_askers_never_get_more_than_the_window(store: PostgresStore) -> None:
    connection_id = uuid4()

    async def ask() -> Lease | Refused:
        wish = Ask(uuid4(), Kind.CALL, Purpose.LIVE, 20)
        return await lease_calls(store, connection_id, Side.HUBSPOT, wish)

    answers = await asyncio.gather(*(ask() for _ in range(24)))
    leases = [answer for answer in answers if isinstance(answer, Lease)]
    assert sum(lease.calls for lease in leases) == 100
    await return_lease(store, leases[0].id, Returned(used=0))
    again = await ask()
    assert isinstance(again, Lease)
    assert again.calls == 20


async def test_settings_and_removal_arrive_once_and_exhaustion_leaves_through_the_outbox(
    store: PostgresStore, database: Database, inbox: Inbox
) -> None:
    connection_id = uuid4()
    (subscription,) = subscriptions(store, database, inbox)

    async def deliver(event: SettingsPublished | ConnectionRemoved) -> None:
        envelope = envelope_for(
            event,
            source="test",
            subject="",
            connection_id=connection_id,
            now=SystemClock().now(),
            traceparent=None,
        )
        await subscription.handler([envelope, envelope])
        await subscription.handler([envelope])

    await deliver(SettingsPublished(settings=Settings(version=1, daily_salesforce_calls=3)))
    ask = Ask(uuid4(), Kind.CALL, Purpose.LIVE, 20)
    granted = await lease_calls(store, connection_id, Side.SALESFORCE, ask)
    assert isinstance(granted, Lease)
    assert granted.calls == 3
    ask = Ask(uuid4(), Kind.CALL, Purpose.LIVE, 1)
    assert isinstance(await lease_calls(store, connection_id, Side.SALESFORCE, ask), Refused)
    assert await _types(database, connection_id) == [
        "causeway.quota.QuotaThresholdCrossed.v1",
        "causeway.quota.QuotaExhausted.v1",
    ]
    await deliver(ConnectionRemoved(purge=False))
    assert [seen.used for seen in await usage(store, connection_id)] == [0, 3]


async def _types(database: Database, connection_id: object) -> list[str]:
    mine = OUTBOX.c.connection_id == connection_id
    async with database.begin() as conn:
        rows = await conn.execute(select(OUTBOX.c.type).where(mine).order_by(OUTBOX.c.position))
        return list(rows.scalars())
