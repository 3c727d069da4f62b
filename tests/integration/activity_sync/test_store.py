"""The tables of activity_sync on Postgres. Every test has a connection of its own."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.activity_sync.domain.merge import FieldWrite
from services.activity_sync.domain.timeline import TimelineEvent
from services.activity_sync.ports import (
    Connection,
    Entry,
    Parked,
    PersonLink,
    Record,
    Settled,
    Status,
    TaskLink,
)
from services.activity_sync.store import PostgresStore
from services.activity_sync.store.views import PostgresViews
from shared.contracts.settings import Settings
from shared.contracts.standing import Standing
from shared.db.database import Database
from shared.kernel.ids import new_id
from shared.kernel.records import Side
from shared.outbox.mail import Note
from tests.fakes.clock import NOON

HERE, THERE = Record(Side.HUBSPOT, "1"), Record(Side.SALESFORCE, "00T1")
EVENT = TimelineEvent("form:1", "form_submission", "101", NOON)
PARKED = Parked(HERE, "task", "contact_not_linked", "Wait.", "101")


@pytest.fixture
def tenant() -> UUID:
    return uuid4()


def link(hubspot_id: str = "1", salesforce_id: str = "00T1") -> TaskLink:
    return TaskLink(
        new_id(), hubspot_id, salesforce_id, {"subject": "Call"}, {"hubspot": {"a": "b"}}
    )


def entry(**more: object) -> Entry:
    fields = (FieldWrite(Side.SALESFORCE, "subject", None, "Call", "because"),)
    made = Entry(
        new_id(), Side.SALESFORCE, "create", "task", "1", None, fields, {"kind": "created"}, None
    )
    return replace(made, **more)  # type: ignore[arg-type]


async def test_a_connection_comes_back_as_it_was(store: PostgresStore, tenant: UUID) -> None:
    known = Connection(
        tenant,
        "4711",
        "00D1",
        Settings(version=2),
        Standing(broken=(Side.HUBSPOT,), heard={"sync": "2026"}),
    )
    async with store.begin() as work:
        assert await work.connections.get(tenant) is None
        await work.connections.save(Connection(tenant))
        await work.connections.save(known)

    async with store.begin() as work:
        assert await work.connections.get(tenant) == known


async def test_links_are_found_by_either_half_and_replaced_by_the_hubspot_half(
    store: PostgresStore, tenant: UUID
) -> None:
    first, second = link(), link("2", "00T2")
    async with store.begin() as work:
        await work.task_links.save(tenant, [first, second])
        await work.task_links.save(tenant, [replace(first, base={"subject": None})])

    async with store.begin() as work:
        assert await work.task_links.of(tenant, [THERE]) == [replace(first, base={"subject": None})]
        assert len(await work.task_links.of(tenant, [HERE, THERE])) == 1
        assert await work.task_links.of(tenant, []) == []
        assert await work.task_links.of(uuid4(), [HERE]) == []
        await work.task_links.remove(tenant, [first.id])
        assert await work.task_links.of(tenant, [HERE]) == []
        await work.task_links.remove(tenant, [])
        await work.task_links.save(tenant, [])


async def test_people_are_found_from_both_sides(store: PostgresStore, tenant: UUID) -> None:
    async with store.begin() as work:
        await work.people.save(tenant, PersonLink("101", "00Q1"))
        await work.people.save(tenant, PersonLink("101", "003A"))
        await work.people.remove(tenant, PersonLink("101", "00Q1"))

        assert await work.people.of(tenant, Side.HUBSPOT, ["101", "9"]) == {"101": "003A"}
        assert await work.people.of(tenant, Side.SALESFORCE, ["003A"]) == {"003A": "101"}
        assert await work.people.of(tenant, Side.HUBSPOT, []) == {}
        await work.people.remove(tenant, PersonLink("101", "003A"))
        assert await work.people.of(tenant, Side.HUBSPOT, ["101"]) == {}


async def test_a_timeline_event_is_new_once(store: PostgresStore, tenant: UUID) -> None:
    async with store.begin() as work:
        assert await work.timeline.add(tenant, EVENT)
        assert not await work.timeline.add(tenant, replace(EVENT, contact_id="999"))
        assert await work.timeline.add(uuid4(), EVENT)

        assert await work.timeline.of(tenant, ["form:1", "form:2"]) == {"form:1": EVENT}


async def test_a_contact_s_events_come_latest_first(
    store: PostgresStore, database: Database, tenant: UUID
) -> None:
    later = replace(EVENT, key="form:9", occurred_at=EVENT.occurred_at + timedelta(hours=1))
    async with store.begin() as work:
        for event in (EVENT, later, replace(EVENT, key="form:8", contact_id="999")):
            assert await work.timeline.add(tenant, event)
    views = PostgresViews(database)

    found = await views.timeline(tenant, EVENT.contact_id, limit=5)

    assert [row["occurred_at"] for row in found] == [later.occurred_at, EVENT.occurred_at]
    assert await views.timeline(tenant, EVENT.contact_id, limit=1) == found[:1]
    assert await views.timeline(uuid4(), EVENT.contact_id, limit=5) == []


async def test_journal_entries_are_open_until_they_are_settled(
    store: PostgresStore, tenant: UUID
) -> None:
    first, second, third = entry(), entry(hubspot_id="2"), entry(salesforce_id="00T1")
    async with store.begin() as work:
        await work.journal.add(tenant, [first, second, third])
        await work.journal.add(tenant, [])
        found = await work.journal.open_entries(tenant, [HERE])
        assert sorted(found, key=lambda one: one.id) == [first, third]

        settled = [
            Settled(first.id, Status.CONFIRMED, salesforce_id="00T9"),
            Settled(third.id, Status.REFUSED, error="X: no"),
        ]
        await work.journal.settle(tenant, settled)
        await work.journal.settle(uuid4(), [Settled(second.id, Status.DONE)])
        await work.journal.settle(tenant, [])

        assert await work.journal.open_entries(tenant, [HERE, THERE]) == []
        two = Record(Side.HUBSPOT, "2")
        assert await work.journal.open_entries(tenant, [two]) == [second]


async def test_parked_activities_wait_for_people_and_are_one_row_a_reason(
    store: PostgresStore, database: Database, tenant: UUID
) -> None:
    async with store.begin() as work:
        await work.parked.add(tenant, [PARKED, PARKED])
        await work.parked.add(tenant, [replace(PARKED, message="Still.")])
        await work.parked.add(tenant, [])

        found = await work.parked.waiting_for(tenant, ["101", "102"])
        assert found == [replace(PARKED, message="Still.")]
        assert await work.parked.waiting_for(uuid4(), ["101"]) == []

    listed = await PostgresViews(database).parked(tenant, limit=10, before=None)
    assert [(row["record_id"], row["code"]) for row in listed] == [("1", "contact_not_linked")]
    async with store.begin() as work:
        await work.parked.clear(tenant, [THERE])
        assert len(await work.parked.waiting_for(tenant, ["101"])) == 1
        await work.parked.clear(tenant, [HERE])
        assert await work.parked.waiting_for(tenant, ["101"]) == []


async def test_the_journal_is_paged_from_the_newest(
    store: PostgresStore, database: Database, tenant: UUID
) -> None:
    entries = [entry() for _ in range(3)]
    async with store.begin() as work:
        await work.journal.add(tenant, entries)
    views = PostgresViews(database)

    first = await views.journal(tenant, limit=2, before=None)
    rest = await views.journal(tenant, limit=2, before=first[-1]["id"])

    newest_first = sorted((one.id for one in entries), reverse=True)
    assert [row["id"] for row in (*first, *rest)] == newest_first
    assert await views.journal(uuid4(), limit=2, before=None) == []


async def test_a_lock_lets_the_next_see_what_the_first_stored(
    store: PostgresStore, tenant: UUID
) -> None:
    async with store.begin() as work:
        await work.connections.save(Connection(tenant))
    locked, reached = asyncio.Event(), asyncio.Event()

    async def park() -> None:
        async with store.begin() as work:
            await work.connections.locked(tenant)
            locked.set()
            await reached.wait()
            assert await work.people.of(tenant, Side.HUBSPOT, ["101"]) == {}
            await work.parked.add(tenant, [PARKED])

    async def person_is_linked() -> list[Parked]:
        await locked.wait()
        async with store.begin() as work:
            reached.set()
            await work.connections.locked(tenant)
            await work.people.save(tenant, PersonLink("101", "003A"))
            return await work.parked.waiting_for(tenant, ["101"])

    _, woken = await asyncio.gather(park(), person_is_linked())
    assert woken == [PARKED]


async def test_what_belongs_to_an_org_goes_and_comes_back(
    store: PostgresStore, tenant: UUID
) -> None:
    done, left_open = entry(), entry(hubspot_id="2")
    there = Parked(THERE, "task", "refused", "no")
    pair = link()
    async with store.begin() as work:
        await work.connections.save(Connection(tenant, org_id="00D1"))
        await work.people.save(tenant, PersonLink("101", "003A"))
        await work.people.save(tenant, PersonLink("102", "003B"), org_id="00D2")
        await work.task_links.save(tenant, [pair])
        await work.journal.add(tenant, [done, left_open])
        await work.journal.settle(tenant, [Settled(done.id, Status.DONE)])
        await work.parked.add(tenant, [PARKED, replace(there, person_id="101")])
        await work.mail.note([Note(tenant, "task", side.value, "1") for side in Side])
    async with store.begin() as work:
        assert await work.connections.org_of(tenant) == "00D1"
        await work.connections.change_org(tenant, "00D1", "00D2")
        await work.connections.save(Connection(tenant, org_id="00D2", left_orgs=("00D1",)))
    async with store.begin() as work:
        people = await work.people.of(tenant, Side.HUBSPOT, ["101", "102"])
        assert people == {"102": "003B"}
        assert await work.task_links.of(tenant, [HERE]) == []
        assert await work.journal.open_entries(tenant, [Record(Side.HUBSPOT, "2")]) == []
        assert await work.parked.waiting_for(tenant, ["101"]) == [PARKED]
        await work.people.remove(tenant, PersonLink("101", "003A"), org_id="00D3")
        await work.connections.change_org(tenant, "00D2", "00D1")
    async with store.begin() as work:
        people = await work.people.of(tenant, Side.HUBSPOT, ["101", "102"])
        assert people == {"101": "003A"}
        assert await work.task_links.of(tenant, [HERE]) == [pair]
        assert await work.journal.open_entries(tenant, [Record(Side.HUBSPOT, "2")]) == [left_open]
        assert len(await work.parked.waiting_for(tenant, ["101"])) == 2
        await work.connections.change_org(tenant, "00D1", "00D2")
        assert await work.people.of(tenant, Side.HUBSPOT, ["101", "102"]) == {"102": "003B"}
