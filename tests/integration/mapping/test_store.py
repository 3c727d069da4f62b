"""One suite over the store that the unit tests use and over Postgres: both keep the promises."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from services.mapping.domain.setup import Package, Setup, Sync, Visualforce
from services.mapping.handlers.finish import finish_setup
from services.mapping.handlers.versions import Author, add_version
from services.mapping.ports import Draft, Store, Version
from services.mapping.store import TABLES, PostgresStore
from shared.contracts.mapping import SyncPaused
from shared.contracts.settings import ContactSettings, FieldMapping, Settings, ValuePair
from shared.db.database import Database
from shared.db.migrate import check
from shared.kernel.ids import new_id
from shared.kernel.records import ObjectType
from shared.outbox.mail import Outgoing
from tests.unit.mapping.catalogues import ordinary
from tests.unit.mapping.fakes import FakeCrms, FakeStore
from tests.unit.mapping.lookups import FakeLookups

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["fake", "real"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "fake":
        return FakeStore()
    real: PostgresStore = request.getfixturevalue("real_store")
    return real


def everything(connection_id: UUID) -> Setup:
    return Setup(
        connection_id,
        connected=True,
        org_id="00D1",
        broken="HubSpot (revoked)",
        package=Package.FAILED,
        package_problem="no permission",
        visualforce=Visualforce.ADDED,
        sync=Sync.PAUSED,
        version=3,
        published=2,
        drafting=True,
        draft_revision=9,
    )


def version(number: int) -> Version:
    contacts = ContactSettings(create_in_salesforce="lead")
    return Version(Settings(version=number, contacts=contacts), "ada", "why", NOON)


async def test_a_setup_comes_back_as_it_was(store: Store) -> None:
    setup = everything(new_id())
    async with store.begin() as work:
        assert await work.setups.get(setup.connection_id) is None
        assert await work.setups.held(setup.connection_id) is None
        await work.setups.save(setup)
    async with store.begin() as work:
        assert await work.setups.get(setup.connection_id) == setup
        assert await work.setups.opened(setup.connection_id) == setup
        await work.setups.save(replace(setup, broken=""))
    async with store.begin() as work:
        assert await work.setups.held(setup.connection_id) == replace(setup, broken="")


async def test_opening_makes_a_setup(store: Store) -> None:
    connection_id = new_id()
    async with store.begin() as work:
        assert await work.setups.opened(connection_id) == Setup(connection_id)
    async with store.begin() as work:
        assert await work.setups.get(connection_id) == Setup(connection_id)


async def test_an_error_undoes_everything(store: Store) -> None:
    connection_id = new_id()

    async def fail() -> None:
        async with store.begin() as work:
            await work.setups.opened(connection_id)
            await work.versions.add(connection_id, version(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with store.begin() as work:
        assert await work.setups.get(connection_id) is None
        assert await work.versions.get(connection_id, 1) is None


async def test_versions_are_kept_and_paged(store: Store) -> None:
    connection_id, other = new_id(), new_id()
    async with store.begin() as work:
        for number in (1, 2, 3):
            await work.versions.add(connection_id, version(number))
        await work.versions.add(other, version(1))
    async with store.begin() as work:
        assert await work.versions.get(connection_id, 2) == version(2)
        assert await work.versions.get(connection_id, 4) is None
        newest = await work.versions.page(connection_id, before=None, limit=2)
        assert newest == [version(3), version(2)]
        assert await work.versions.page(connection_id, before=2, limit=2) == [version(1)]


async def test_a_draft_is_replaced_and_dropped(store: Store) -> None:
    connection_id, other = new_id(), new_id()
    asked = FieldMapping(
        object_type=ObjectType.COMPANY,
        hubspot_property="name",
        salesforce_field="Name",
        salesforce_objects=("Account",),
        values=(ValuePair(hubspot="a", salesforce="b"),),
    )
    first = Draft(Settings(version=0), 1, "ada", NOON)
    second = Draft(Settings(version=0, mappings=(asked,)), 1, "bob", NOON)
    async with store.begin() as work:
        assert await work.drafts.get(connection_id) is None
        await work.drafts.save(connection_id, first)
        await work.drafts.save(connection_id, second)
        await work.drafts.save(other, first)
    async with store.begin() as work:
        assert await work.drafts.get(connection_id) == second
        await work.drafts.drop(connection_id)
        await work.drafts.drop(connection_id)
    async with store.begin() as work:
        assert await work.drafts.get(connection_id) is None
        assert await work.drafts.get(other) == first


async def test_connections_of_one_org_are_counted(store: Store) -> None:
    org = f"00D{new_id().hex}"
    here, there, gone = (
        Setup(new_id(), connected=True, org_id=org),
        Setup(new_id(), connected=True, org_id=org),
        Setup(new_id(), connected=False, org_id=org),
    )
    async with store.begin() as work:
        for setup in (here, there, gone):
            await work.setups.save(setup)
        assert await work.setups.sharing(org, besides=here.connection_id) == 1
        assert await work.setups.sharing("00D-other", besides=here.connection_id) == 0


async def test_catalogues_are_replaced(store: Store) -> None:
    connection_id = new_id()
    async with store.begin() as work:
        assert await work.catalogues.get(connection_id) is None
        await work.catalogues.save(connection_id, replace(ordinary(), hubspot={}))
        await work.catalogues.save(connection_id, ordinary())
    async with store.begin() as work:
        assert await work.catalogues.get(connection_id) == ordinary()


async def test_setups_are_paged_by_connection(store: Store) -> None:
    ids = sorted(new_id() for _ in range(3))
    async with store.begin() as work:
        for connection_id in ids:
            await work.setups.opened(connection_id)
    async with store.begin() as work:
        found = await work.setups.page(after=ids[0], limit=1)
        assert [setup.connection_id for setup in found] == [ids[1]]
        assert await work.setups.page(after=ids[2], limit=5) == []


async def test_two_that_open_one_setup_at_once_lose_nothing(real_store: PostgresStore) -> None:
    connection_id = new_id()

    async def note(number: int) -> None:
        async with real_store.begin() as work:
            setup = await work.setups.opened(connection_id)
            marked = replace(setup, version=setup.version + 1, broken=f"{setup.broken}{number}")
            await work.setups.save(marked)

    await asyncio.gather(*(note(number) for number in range(6)))
    async with real_store.begin() as work:
        setup = await work.setups.get(connection_id)
    assert setup is not None
    assert setup.version == 6
    assert sorted(setup.broken) == list("012345")


async def test_version_numbers_are_given_once(real_store: PostgresStore) -> None:
    connection_id = new_id()

    async def add() -> int:
        async with real_store.begin() as work:
            setup = await work.setups.opened(connection_id)
            author = Author("ada", NOON)
            made = await add_version(work, setup, Settings(version=0), author=author, note="n")
            return made.settings.version

    assert sorted(await asyncio.gather(*(add() for _ in range(5)))) == [1, 2, 3, 4, 5]


async def test_the_start_of_a_sync_leaves_by_the_outbox_in_order(
    real_store: PostgresStore, database: Database
) -> None:
    connection_id = new_id()
    ready = replace(
        everything(connection_id),
        org_id=f"00D{connection_id.hex}",
        broken="",
        package=Package.INSTALLED,
        sync=Sync.NOT_STARTED,
        version=1,
        published=0,
        drafting=False,
    )
    async with real_store.begin() as work:
        await work.setups.save(ready)
        await work.versions.add(connection_id, version(1))
        await work.catalogues.save(connection_id, ordinary())
    await finish_setup(
        real_store,
        FakeCrms(FakeStore(), ordinary()),
        FakeLookups(FakeStore()),
        connection_id,
        acknowledged=["leads-and-companies"],
        author=Author("ada", NOON),
    )
    table = TABLES.outbox
    query = select(table).where(table.c.connection_id == connection_id).order_by(table.c.position)
    async with database.begin() as conn:
        rows = (await conn.execute(query)).mappings().all()
    assert [row["type"] for row in rows] == [
        "causeway.mapping.SettingsPublished.v1",
        "causeway.mapping.SyncStarted.v1",
    ]
    assert rows[0]["data"]["settings"]["contacts"]["create_in_salesforce"] == "lead"


async def test_an_event_of_a_failed_use_case_never_leaves(
    real_store: PostgresStore, database: Database
) -> None:
    connection_id = new_id()

    async def fail() -> None:
        async with real_store.begin() as work:
            await work.emit([Outgoing(connection_id, "sync", SyncPaused(reason="x"))])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    query = select(TABLES.outbox).where(TABLES.outbox.c.connection_id == connection_id)
    async with database.begin() as conn:
        assert (await conn.execute(query)).all() == []


def test_the_migrations_make_what_the_code_declares(schema_url: str) -> None:
    check("mapping", schema_url)
