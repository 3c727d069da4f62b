"""One suite over the fake and over Postgres: what is kept about the reading of fields."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from services.mapping.domain.changes import Kind
from services.mapping.domain.drift import Place, What
from services.mapping.domain.hits import Effect, Finding, Hit, Report
from services.mapping.domain.kept import MadeProperty
from services.mapping.domain.model import (
    Catalogue,
    HubSpotField,
    Option,
    Pipeline,
    SalesforceField,
    Stage,
    Unread,
)
from services.mapping.domain.setup import Setup
from services.mapping.domain.standing import Standing
from services.mapping.ports import FieldStore
from services.mapping.store import PostgresStore
from services.mapping.store.field_tables import drift_reports
from services.mapping.store.reports import MAX_REPORTS
from services.mapping.store.tables import catalogue_objects
from shared.db.database import Database
from shared.kernel.ids import new_id
from shared.kernel.records import ObjectType, Side
from tests.unit.mapping.catalogues import ordinary
from tests.unit.mapping.fakes import FakeStore

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NOW, DAY, LEASE = timedelta(0), timedelta(days=1), timedelta(minutes=30)
NASTY = 'it\'s "quoted" ; \\ مرحبا \u202e'


@pytest.fixture(params=["fake", "real"])
def store(request: pytest.FixtureRequest) -> FieldStore:
    if request.param == "fake":
        return FakeStore()
    real: PostgresStore = request.getfixturevalue("real_store")
    return real


def everything() -> Catalogue:
    """A catalogue with all that there can be."""
    options = (Option(NASTY, NASTY, hidden=True), Option("b", "B"))
    there = HubSpotField(
        NASTY,
        NASTY,
        "enumeration",
        "select",
        read_only=True,
        options=options,
        required=True,
        calculated=True,
        unique=True,
        group="g",
        hubspot_defined=True,
        archived=True,
        options_left_out=7,
    )
    field = SalesforceField(
        NASTY,
        NASTY,
        "picklist",
        createable=True,
        updateable=False,
        length=80,
        references=("User", "Group"),
        options=options,
        restricted=True,
        required=True,
        calculated=True,
        precision=18,
        scale=2,
        unique=True,
        custom=True,
        options_left_out=9,
    )
    stage = Stage("s", NASTY, 0.5, closed=True, won=True)
    return Catalogue(
        {ObjectType.DEAL: {NASTY: there}, ObjectType.CONTACT: {}},
        {"Opportunity": {NASTY: field}, "Lead": {}},
        (Pipeline("1", NASTY, (stage,)),),
        (Pipeline("012", NASTY, (stage, Stage("t", "T"))),),
        (Unread(Side.HUBSPOT, "company", NASTY), Unread(Side.SALESFORCE, "Task", "x")),
    )


def hit(text: str = "x") -> Hit:
    return Hit(Effect.REFUSED, ObjectType.CONTACT, "email", "Email", text)


def report(text: str = NASTY) -> Report:
    place = Place(Side.SALESFORCE, "Contact", What.FIELD, NASTY)
    finding = Finding(place, Kind.REMOVED, NASTY, "detail", (NASTY,), (hit(text),))
    pairs = frozenset({(ObjectType.CONTACT, "email", "Email")})
    return Report((finding,), 3, pairs)


def property_(name: str, object_type: ObjectType = ObjectType.CONTACT) -> MadeProperty:
    return MadeProperty(
        object_type=object_type,
        name=name,
        label=NASTY,
        type="string",
        field_type="text",
        salesforce_field="F__c",
        salesforce_objects=("Contact", "Lead"),
        restored=False,
        author="ada",
        made_at=NOON,
    )


async def connected(store: FieldStore, *, catalogue: Catalogue | None = None) -> UUID:
    """A connection that was set up, and that nothing else in this database is due before."""
    connection_id = new_id()
    async with store.begin() as work:
        await work.setups.save(Setup(connection_id, connected=True, version=1))
        if catalogue is not None:
            await work.catalogues.save(connection_id, catalogue)
        else:
            await work.refreshes.done(connection_id, Standing(), next_in=NOW)
    return connection_id


async def take(store: FieldStore, connection_id: UUID, lease: timedelta = LEASE) -> bool:
    """Whether it could be taken; others that are due are put off for good."""
    for _ in range(50):
        async with store.begin() as work:
            taken = await work.refreshes.take(token=new_id(), lease=lease, every=DAY)
            if taken is None:
                return False
            if taken.connection_id == connection_id:
                return True
            await work.refreshes.done(taken.connection_id, Standing(), next_in=DAY)
    raise AssertionError("always something due")


async def test_a_catalogue_comes_back_with_everything(store: FieldStore) -> None:
    connection_id, catalogue = new_id(), everything()
    async with store.begin() as work:
        await work.catalogues.save(connection_id, ordinary())
        await work.catalogues.save(connection_id, catalogue)
    async with store.begin() as work:
        assert await work.catalogues.get(connection_id) == catalogue


async def test_an_object_that_is_gone_is_forgotten(store: FieldStore) -> None:
    connection_id, catalogue = new_id(), everything()
    async with store.begin() as work:
        await work.catalogues.save(connection_id, catalogue)
        await work.catalogues.save(connection_id, replace(catalogue, unread=(), salesforce={}))
    async with store.begin() as work:
        found = await work.catalogues.get(connection_id)
    assert found is not None
    assert (found.salesforce, found.unread) == ({}, ())


async def test_what_is_due_is_taken_once(store: FieldStore) -> None:
    connection_id = await connected(store)
    assert await take(store, connection_id)
    assert not await take(store, connection_id)


async def test_a_lease_that_ended_is_taken_over(store: FieldStore) -> None:
    connection_id = await connected(store)
    assert await take(store, connection_id, NOW)
    assert await take(store, connection_id)


async def test_the_one_that_took_it_last_holds_it(store: FieldStore) -> None:
    connection_id = await connected(store)
    tokens = []
    for _ in range(2):
        async with store.begin() as work:
            taken = await work.refreshes.take(token=new_id(), lease=NOW, every=DAY)
            while taken is not None and taken.connection_id != connection_id:
                await work.refreshes.done(taken.connection_id, Standing(), next_in=DAY)
                taken = await work.refreshes.take(token=new_id(), lease=NOW, every=DAY)
        assert taken is not None
        tokens.append(taken)
    async with store.begin() as work:
        assert not await work.refreshes.holds(tokens[0])
        await work.refreshes.failed(tokens[0], "late", next_in=DAY)
        assert await work.refreshes.holds(tokens[1])
        await work.refreshes.failed(tokens[1], "away", next_in=NOW)
        assert not await work.refreshes.holds(tokens[1])
    async with store.begin() as work:
        kept = await work.refreshes.get(connection_id)
        assert kept is not None
        assert kept.problem == "away"
        again = await work.refreshes.take(token=new_id(), lease=LEASE, every=DAY)
        assert again is not None
        assert (again.connection_id, again.attempts) == (connection_id, 1)
        await work.refreshes.done(connection_id, Standing(2), next_in=DAY)
    async with store.begin() as work:
        done = await work.refreshes.get(connection_id)
    assert done is not None
    assert done.read_at is not None
    assert done.due_at - done.read_at == DAY
    assert (done.problem, done.standing) == ("", Standing(2))


async def test_a_connection_that_does_not_work_is_not_taken(store: FieldStore) -> None:
    connection_id = await connected(store)
    async with store.begin() as work:
        await work.setups.save(Setup(connection_id, connected=True, broken="HubSpot", version=1))
    assert not await take(store, connection_id)
    async with store.begin() as work:
        await work.setups.save(Setup(connection_id, connected=False, version=1))
    assert not await take(store, connection_id)
    async with store.begin() as work:
        await work.setups.save(Setup(connection_id, connected=True, version=1))
    assert await take(store, connection_id)


async def test_a_new_connection_is_due_in_a_day_unless_objects_lack(store: FieldStore) -> None:
    whole = await connected(store, catalogue=everything())
    lacking = await connected(store, catalogue=ordinary())
    assert await take(store, lacking)
    assert not await take(store, whole)
    async with store.begin() as work:
        kept = await work.refreshes.get(whole)
    assert kept is not None
    assert (kept.read_at, kept.standing) == (None, Standing())


async def test_one_that_was_never_set_up_is_not_entered(store: FieldStore) -> None:
    connection_id = new_id()
    async with store.begin() as work:
        await work.setups.save(Setup(connection_id, connected=True))
    assert not await take(store, connection_id)
    async with store.begin() as work:
        assert await work.refreshes.get(connection_id) is None


async def test_hits_are_counted(store: FieldStore) -> None:
    connection_id, other = await connected(store), await connected(store)
    standing = Standing(1, report().findings, (Unread(Side.HUBSPOT, "deal", NASTY),))
    async with store.begin() as work:
        await work.refreshes.done(connection_id, standing, next_in=DAY)
    async with store.begin() as work:
        kept = await work.refreshes.get(connection_id)
        assert kept is not None
        assert kept.standing == standing
        hits = await work.refreshes.hit()
    assert (hits[connection_id], hits[other]) == (1, 0)


async def test_reports_are_paged_and_the_oldest_go(store: FieldStore) -> None:
    connection_id, other = new_id(), new_id()
    async with store.begin() as work:
        await work.reports.add(other, 1, report("other"))
        for number in range(MAX_REPORTS + 3):
            await work.reports.add(connection_id, number, report(str(number)))
    async with store.begin() as work:
        first = await work.reports.page(connection_id, before=None, limit=2)
        second = await work.reports.page(connection_id, before=first[-1].position, limit=100)
        assert [one.version for one in first] == [MAX_REPORTS + 2, MAX_REPORTS + 1]
        assert len(second) == MAX_REPORTS - 2
        assert second[-1].version == 3
        assert first[0].report == report(str(MAX_REPORTS + 2))
        assert len(await work.reports.page(other, before=None, limit=5)) == 1


async def test_made_properties_are_paged_and_replaced(store: FieldStore) -> None:
    connection_id = new_id()
    made = [property_("b"), property_("a"), property_("a", ObjectType.DEAL)]
    async with store.begin() as work:
        await work.made.add(connection_id, made)
        await work.made.add(connection_id, [replace(property_("b"), restored=True)])
        await work.made.add(new_id(), [property_("c")])
    async with store.begin() as work:
        first = await work.made.page(connection_id, after=None, limit=2)
        assert [(one.name, one.restored) for one in first] == [("a", False), ("b", True)]
        assert first[0] == property_("a")
        rest = await work.made.page(connection_id, after=("contact", "b"), limit=2)
        assert rest == [property_("a", ObjectType.DEAL)]


async def test_many_workers_take_each_connection_once(real_store: PostgresStore) -> None:
    ids = {await connected(real_store) for _ in range(6)}
    taken: list[UUID] = []

    async def work_on() -> None:
        while True:
            async with real_store.begin() as work:
                found = await work.refreshes.take(token=new_id(), lease=LEASE, every=DAY)
            if found is None:
                return
            taken.append(found.connection_id)

    await asyncio.gather(*(work_on() for _ in range(4)))
    assert len(taken) == len(set(taken))
    assert ids <= set(taken)


async def test_a_row_is_small_however_many_options_there_are(
    real_store: PostgresStore, database: Database
) -> None:
    connection_id = new_id()
    options = tuple(Option(f"value {n}", f"Value {n}") for n in range(1_000))
    fields = {
        f"F{n}__c": replace(
            SalesforceField(f"F{n}__c", f"F {n}", "picklist", createable=True, updateable=True),
            options=options,
        )
        for n in range(100)
    }
    catalogue = Catalogue(salesforce={"Contact": fields})
    async with real_store.begin() as work:
        await work.catalogues.save(connection_id, catalogue)
    async with real_store.begin() as work:
        assert await work.catalogues.get(connection_id) == catalogue
    query = select(catalogue_objects.c.content).where(
        catalogue_objects.c.connection_id == connection_id
    )
    async with database.begin() as conn:
        (content,) = (await conn.execute(query)).scalars()
    assert len(content) < 2_000_000


async def test_a_report_of_before_a_field_was_added_can_be_read(
    real_store: PostgresStore, database: Database
) -> None:
    connection_id = new_id()
    row = {"connection_id": connection_id, "version": 1, "report": {"findings": []}}
    async with database.begin() as conn:
        await conn.execute(insert(drift_reports).values(row))
    async with real_store.begin() as work:
        (kept,) = await work.reports.page(connection_id, before=None, limit=1)
    assert kept.report == Report(())
