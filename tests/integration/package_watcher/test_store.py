"""One suite over the store that the unit tests use and over Postgres: both keep the promises."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text

from services.package_watcher.domain.model import (
    Audience,
    Failure,
    Installation,
    Kind,
    Method,
    NameConflict,
    Order,
    Org,
    Seen,
    State,
)
from services.package_watcher.domain.observation import (
    Accepted,
    Looked,
    Observation,
    Progress,
    Reported,
)
from services.package_watcher.domain.orders import ordered
from services.package_watcher.domain.presence import Found, Presence
from services.package_watcher.events import subscriptions
from services.package_watcher.handlers.watch import Watcher, watch_one
from services.package_watcher.ports import Store
from services.package_watcher.store import TABLES, PostgresStore, metadata
from shared.contracts.connection import ConnectionEstablished
from shared.db.database import Database
from shared.db.migrate import check
from shared.kernel.ids import new_id
from shared.messaging.envelope import envelope_for
from shared.outbox.inbox import Inbox
from tests.unit.package_watcher.fakes import NOON, FakeStore, ScriptedOrg

LEASE = timedelta(minutes=5)
NOW = timedelta(0)


@pytest.fixture(params=["fake", "real"])
async def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "fake":
        return FakeStore()
    real: PostgresStore = request.getfixturevalue("real_store")
    return real


@pytest.fixture(autouse=True)
async def _empty(database: Database) -> None:
    async with database.begin() as conn:
        for table in reversed(metadata.sorted_tables):
            await conn.execute(delete(table))


def installation(connection_id: UUID, now: datetime = NOON) -> Installation:
    order = Order(
        Method.VERSION,
        "04t000000000001AAA",
        Audience.ALL,
        third_party_access=True,
        kind=Kind.UPGRADE,
        name_conflict=NameConflict.RENAME,
        sealed_password="v1.k1.sealed",
    )
    return ordered(new_id(), connection_id, order, now)[0]


async def begin(store: Store, *installations: Installation) -> None:
    async with store.begin() as work:
        for one in installations:
            await work.installations.begin(one)


async def test_an_installation_comes_back_as_it_was(store: Store) -> None:
    first = installation(new_id())
    await begin(store, first)
    known = replace(
        first,
        state=State.TAKING_LONG,
        since=NOON + timedelta(minutes=5),
        deadline=NOON + timedelta(hours=9),
        request_id="0Hf1",
        looks=7,
        quiet_looks=3,
        sends=2,
        announced=True,
        said="Pending",
        failures=(Failure("Lead", "no"), Failure("Task", "neither")),
        components_done=2,
        components=6,
        wait=3.5,
        latest=NOON + timedelta(days=7),
        ended_in=State.INSTALLING,
        version="1.0",
        warning="newer",
        history=(
            Seen("status", "in_progress", "Pending", State.INSTALLING, NOON, NOON, 3),
            Seen("status", "refused", "no", State.FAILED, NOON, NOON + timedelta(seconds=0.5)),
        ),
    )
    async with store.begin() as work:
        assert await work.installations.held(first.connection_id) == first
        await work.installations.settle(known, timedelta(hours=1))
    async with store.begin() as work:
        current = await work.installations.current(first.connection_id)
        now = await work.now()
    assert current is not None
    assert current.installation == known
    assert current.due_at is not None
    assert current.due_at > now + timedelta(minutes=59)
    assert current.looked_at is not None


async def test_nothing_is_known_of_another_connection(store: Store) -> None:
    async with store.begin() as work:
        assert await work.installations.current(new_id()) is None
        assert await work.installations.held(new_id()) is None
        assert await work.installations.take(token=new_id(), lease=LEASE) is None


async def test_an_installation_is_taken_once_while_its_lease_lasts(store: Store) -> None:
    one = installation(new_id())
    await begin(store, one)
    async with store.begin() as work:
        taken = await work.installations.take(token=new_id(), lease=LEASE)
    assert taken is not None
    assert taken.installation == one
    async with store.begin() as work:
        assert await work.installations.take(token=new_id(), lease=LEASE) is None
    async with store.begin() as work:
        assert await work.installations.retake(taken) == one
        await work.installations.settle(one, NOW)
    async with store.begin() as work:
        assert await work.installations.retake(taken) is None
    async with store.begin() as work:
        again = await work.installations.take(token=new_id(), lease=LEASE)
    assert again is not None
    assert again.token != taken.token


async def test_a_lease_that_ended_is_taken_over(store: Store) -> None:
    await begin(store, installation(new_id()))
    async with store.begin() as work:
        dead = await work.installations.take(token=new_id(), lease=NOW)
    async with store.begin() as work:
        alive = await work.installations.take(token=new_id(), lease=LEASE)
    assert dead is not None
    assert alive is not None
    async with store.begin() as work:
        assert await work.installations.retake(dead) is None
        assert await work.installations.retake(alive) is not None


async def test_what_is_not_due_is_not_taken(store: Store) -> None:
    one = installation(new_id())
    await begin(store, one)
    for due_in in (timedelta(hours=1), None):
        async with store.begin() as work:
            await work.installations.settle(one, due_in)
        async with store.begin() as work:
            assert await work.installations.take(token=new_id(), lease=LEASE) is None


async def test_a_new_order_replaces_the_one_before(store: Store) -> None:
    connection_id = new_id()
    first, second = installation(connection_id), installation(connection_id)
    await begin(store, first)
    async with store.begin() as work:
        taken = await work.installations.take(token=new_id(), lease=LEASE)
    assert taken is not None
    await begin(store, second)
    async with store.begin() as work:
        assert await work.installations.retake(taken) is None
        assert await work.installations.held(connection_id) == second
        assert await work.installations.known(first.id)
        assert not await work.installations.known(new_id())
    async with store.begin() as work:
        next_one = await work.installations.take(token=new_id(), lease=LEASE)
        assert next_one is not None
        assert next_one.installation == second
        assert await work.installations.take(token=new_id(), lease=LEASE) is None


async def test_an_installation_that_goes_on_is_due_and_drops_its_look(store: Store) -> None:
    one = installation(new_id())
    await begin(store, one)
    async with store.begin() as work:
        taken = await work.installations.take(token=new_id(), lease=LEASE)
        await work.installations.settle(replace(one, state=State.TIMED_OUT), None)
    assert taken is not None
    async with store.begin() as work:
        await work.installations.go_on(replace(one, state=State.TAKING_LONG))
        assert await work.installations.retake(taken) is None
    async with store.begin() as work:
        again = await work.installations.take(token=new_id(), lease=LEASE)
    assert again is not None
    assert again.installation.state is State.TAKING_LONG


async def test_a_replaced_order_keeps_no_key(real_store: PostgresStore, database: Database) -> None:
    connection_id = new_id()
    first = installation(connection_id)
    await begin(real_store, first, replace(installation(connection_id), order=Order(Method.DEPLOY)))
    async with database.begin() as conn:
        query = text(
            "SELECT count(*) FROM package_watcher.installations WHERE sealed_password != ''"
        )
        assert (await conn.execute(query)).scalar_one() == 0


def presence(connection_id: UUID) -> Presence:
    return Presence(
        connection_id,
        Found.SUSPECT,
        NOON,
        Method.VERSION,
        version_id="04t1",
        version="1.0",
        user_id="0051",
        missing=("Lead.Causeway_Key__c",),
        objects=("Lead",),
        said="no field",
    )


async def test_a_presence_comes_back_as_it_was(store: Store) -> None:
    one = presence(new_id())
    async with store.begin() as work:
        assert await work.presences.get(one.connection_id) is None
        assert await work.presences.held(one.connection_id) is None
        await work.presences.put(one, None)
        assert await work.presences.held(one.connection_id) == one
    async with store.begin() as work:
        known = await work.presences.get(one.connection_id)
        assert known is not None
        assert (known.presence, known.due_at, known.checked_at) == (one, None, None)
        await work.presences.checked(replace(one, said="still none"), timedelta(hours=1))
    async with store.begin() as work:
        known = await work.presences.get(one.connection_id)
        now = await work.now()
    assert known is not None
    assert known.presence.said == "still none"
    assert known.due_at is not None
    assert known.due_at > now + timedelta(minutes=59)
    assert known.checked_at is not None


async def test_a_check_is_taken_once_while_its_lease_lasts(store: Store) -> None:
    one = presence(new_id())
    async with store.begin() as work:
        await work.presences.put(one, NOW)
    async with store.begin() as work:
        taken = await work.presences.take(token=new_id(), lease=LEASE)
    assert taken is not None
    assert taken.presence == one
    async with store.begin() as work:
        assert await work.presences.take(token=new_id(), lease=LEASE) is None
        assert await work.presences.retake(taken) == one
        await work.presences.put(one, timedelta(days=1))
    async with store.begin() as work:
        assert await work.presences.retake(taken) is None
        assert await work.presences.take(token=new_id(), lease=LEASE) is None
        await work.presences.hasten([one.connection_id, new_id()])
        await work.presences.hasten([])
    async with store.begin() as work:
        assert await work.presences.take(token=new_id(), lease=NOW) is not None
    async with store.begin() as work:
        assert await work.presences.take(token=new_id(), lease=LEASE) is not None
        await work.presences.forget(one.connection_id)
        assert await work.presences.get(one.connection_id) is None


async def test_checkers_never_take_the_same_one(real_store: PostgresStore) -> None:
    async with real_store.begin() as work:
        for _ in range(6):
            await work.presences.put(presence(new_id()), NOW)

    async def take() -> UUID | None:
        async with real_store.begin() as work:
            taken = await work.presences.take(token=new_id(), lease=LEASE)
            return taken.presence.connection_id if taken else None

    found = await asyncio.gather(*(take() for _ in range(8)))
    ids = [one for one in found if one is not None]
    assert len(ids) == len(set(ids)) == 6


async def test_who_shares_an_org(store: Store) -> None:
    first, second = sorted((new_id(), new_id()))
    async with store.begin() as work:
        for connection_id, org_id in ((first, "00D1"), (second, "00D1"), (new_id(), "00D2")):
            await work.orgs.save(Org(connection_id, org_id, "sandbox", "0051"))
    async with store.begin() as work:
        assert await work.orgs.sharing(Org(first, "00D1", "sandbox", "0051")) == [second]
        assert await work.orgs.sharing(Org(new_id(), "00D3", "sandbox", "0051")) == []


async def test_orgs_and_the_window(store: Store) -> None:
    org = Org(new_id(), "00D1", "sandbox", "0051", "https://acme.my.salesforce.com")
    async with store.begin() as work:
        assert await work.orgs.get(org.connection_id) is None
        assert await work.orgs.window(org.connection_id) == ""
        await work.orgs.save(org)
        assert await work.orgs.decide_window(org.connection_id, "skipped")
        assert not await work.orgs.decide_window(org.connection_id, "skipped")
        await work.orgs.save(replace(org, user_id="0052"))
    async with store.begin() as work:
        assert await work.orgs.get(org.connection_id) == replace(org, user_id="0052")
        assert await work.orgs.window(org.connection_id) == "skipped"


async def test_what_is_disconnected_is_kept_and_taken_when_it_is_back(store: Store) -> None:
    org = Org(new_id(), "00D1", "sandbox", "0051", connected=False, heard="2026")
    await begin(store, installation(org.connection_id))
    async with store.begin() as work:
        await work.orgs.save(org)
        await work.presences.put(presence(org.connection_id), NOW)
    async with store.begin() as work:
        assert await work.orgs.get(org.connection_id) is None
        assert await work.orgs.kept(org.connection_id) == org
        assert await work.orgs.sharing(Org(new_id(), "00D1", "sandbox", "0051")) == []
        assert await work.installations.take(token=new_id(), lease=LEASE) is None
        assert await work.presences.take(token=new_id(), lease=LEASE) is None
        await work.orgs.save(replace(org, connected=True))
    async with store.begin() as work:
        assert await work.installations.take(token=new_id(), lease=LEASE) is not None
        assert await work.presences.take(token=new_id(), lease=LEASE) is not None


async def test_forgetting_takes_one_tenant_only(store: Store) -> None:
    gone, stays = Org(new_id(), "00D1", "sandbox", "0051"), Org(new_id(), "00D2", "sandbox", "0052")
    for org in (gone, stays):
        await begin(store, installation(org.connection_id))
        async with store.begin() as work:
            await work.orgs.save(org)
            await work.presences.put(presence(org.connection_id), None)
    async with store.begin() as work:
        await work.orgs.forget(gone.connection_id)
    async with store.begin() as work:
        assert await work.presences.get(gone.connection_id) is None
        assert await work.presences.get(stays.connection_id) is not None
        assert await work.orgs.get(gone.connection_id) is None
        assert await work.installations.current(gone.connection_id) is None
        assert await work.orgs.get(stays.connection_id) == stays
        assert await work.installations.current(stays.connection_id) is not None


async def test_watchers_never_take_the_same_one(real_store: PostgresStore) -> None:
    await begin(real_store, *(installation(new_id()) for _ in range(6)))

    async def take() -> UUID | None:
        async with real_store.begin() as work:
            taken = await work.installations.take(token=new_id(), lease=LEASE)
            return taken.installation.id if taken else None

    found = await asyncio.gather(*(take() for _ in range(8)))
    ids = [one for one in found if one is not None]
    assert len(ids) == len(set(ids)) == 6


async def test_an_event_begins_and_the_watcher_carries_on(
    real_store: PostgresStore, database: Database
) -> None:
    connection_id = new_id()
    (subscription,) = subscriptions(real_store, database, Inbox(TABLES.inbox), new_id)
    event = ConnectionEstablished(
        portal_id="62",
        org_id="00D1",
        environment="production",
        instance_url="https://acme.my.salesforce.com",
        hubspot_app_id="7",
        salesforce_user_id="0051",
    )
    envelope = envelope_for(
        event,
        source="connection",
        subject="x",
        connection_id=connection_id,
        now=NOON,
        traceparent=None,
    )
    await subscription.handler([envelope])
    await subscription.handler([envelope])
    watcher = Watcher(real_store, ScriptedOrg(FakeStore(), [Looked()]), new_id)
    assert await watch_one(watcher)
    assert not await watch_one(watcher)
    assert await outgoing(database) == ["causeway.package_watcher.PackageInstalled.v1"]


async def test_a_deploy_outlives_its_watcher(real_store: PostgresStore, database: Database) -> None:
    org = Org(new_id(), "00D1", "production", "0051")
    async with real_store.begin() as work:
        await work.orgs.save(org)
        deploy = ordered(new_id(), org.connection_id, Order(Method.DEPLOY), await work.now())[0]
        await work.installations.begin(deploy)
    answers: list[Observation] = [Accepted("0Af1"), Progress(Reported.SUCCESS), Looked()]
    for answer in answers:
        async with database.begin() as conn:
            await conn.execute(text("UPDATE package_watcher.installations SET due_at = now()"))
        fresh = Watcher(real_store, ScriptedOrg(FakeStore(), [answer]), new_id)
        assert await watch_one(fresh)
    assert await outgoing(database) == [
        "causeway.package_watcher.PackageInstallStarted.v1",
        "causeway.package_watcher.PackageInstalled.v1",
    ]


async def outgoing(database: Database) -> list[str]:
    async with database.begin() as conn:
        query = select(TABLES.outbox.c.type).order_by(TABLES.outbox.c.position)
        return list((await conn.execute(query)).scalars())


def test_the_migrations_make_what_the_code_declares(schema_url: str) -> None:
    check("package_watcher", schema_url)
