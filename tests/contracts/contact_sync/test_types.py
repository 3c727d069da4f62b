"""What both stores promise of records of several types: the same id is another record."""

from dataclasses import replace
from uuid import UUID

from services.contact_sync.domain.journal import Entry, Operation
from services.contact_sync.domain.model import Link
from services.contact_sync.domain.world import Claim, Waiting
from services.contact_sync.ports import Connection, Parked
from shared.kernel.records import ObjectType, Side
from tests.contracts.contact_sync.stores import Stores

ONE, OTHER = UUID(int=1), UUID(int=2)
COMPANY = ObjectType.COMPANY
PERSON = Link(UUID(int=11), "101", "003A", "Contact", near_misses={"hubspot:phone": 1})
FIRM = replace(
    PERSON,
    id=UUID(int=12),
    salesforce_id="001A",
    salesforce_object="Account",
    object_type=COMPANY,
)
HERE = Claim(Side.HUBSPOT, "71", COMPANY)
THERE = Claim(Side.SALESFORCE, "001A", COMPANY)


async def test_a_contact_and_a_company_of_one_id_have_links_of_their_own(store: Stores) -> None:
    async with store.begin() as work:
        await work.links.save(ONE, [PERSON, FIRM])
        await work.links.save(ONE, [replace(FIRM, salesforce_id="001B")])
    async with store.begin() as work:
        assert await work.links.of(ONE, ["101"], []) == [PERSON]
        (found,) = await work.links.of(ONE, ["101"], [], COMPANY)
        assert found == replace(FIRM, salesforce_id="001B")


async def test_near_misses_are_forgotten_of_the_record_that_is_meant(store: Stores) -> None:
    async with store.begin() as work:
        await work.links.save(ONE, [PERSON, FIRM])
        await work.links.forget_near_misses(ONE, Claim(Side.HUBSPOT, "101", COMPANY))
    async with store.begin() as work:
        assert await work.links.of(ONE, ["101"], []) == [PERSON]
        (found,) = await work.links.of(ONE, ["101"], [], COMPANY)
        assert found.near_misses == {}


async def test_what_is_parked_of_one_type_is_cleared_alone(store: Stores) -> None:
    person, firm = Claim(Side.HUBSPOT, "101"), Claim(Side.HUBSPOT, "101", COMPANY)
    async with store.begin() as work:
        await work.parked.add(ONE, [Parked(one, "refused", "no") for one in (person, firm)])
        await work.parked.clear(ONE, [person])
    assert [one.claim for one in await store.parked()] == [firm]


async def test_open_entries_are_those_of_the_type(store: Stores) -> None:
    entries = [
        Entry(UUID(int=n), Side.SALESFORCE, Operation.UPDATE, name, "101", None, (), {}, 1, None)
        for n, name in ((21, "Contact"), (22, "Account"))
    ]
    async with store.begin() as work:
        await work.journal.add(ONE, entries)
    async with store.begin() as work:
        assert await work.journal.open_entries(ONE, ["101"], []) == entries[:1]
        assert await work.journal.open_entries(ONE, ["101"], [], COMPANY) == entries[1:]


async def test_who_waits_for_a_company_is_taken_once(store: Stores) -> None:
    async with store.begin() as work:
        await work.members.lock(ONE)
        await work.members.add(ONE, [Waiting(HERE, "1"), Waiting(THERE, "2"), Waiting(HERE, "1")])
        await work.members.add(ONE, [Waiting(HERE, "1"), Waiting(HERE, "3")])
        await work.members.add(OTHER, [Waiting(HERE, "4")])
    async with store.begin() as work:
        assert await work.members.take(ONE, []) == set()
        assert await work.members.take(ONE, [HERE]) == {"1", "3"}
        assert await work.members.take(ONE, [HERE]) == set()
        assert await work.members.take(ONE, [THERE, HERE]) == {"2"}
        assert await work.members.take(OTHER, [HERE]) == {"4"}


async def test_who_waits_for_an_account_waits_in_its_org(store: Stores) -> None:
    async with store.begin() as work:
        await work.connections.save(Connection(ONE, org_id="00D1"))
        await work.members.add(ONE, [Waiting(HERE, "1"), Waiting(THERE, "2")])
    async with store.begin() as work:
        await work.connections.change_org(ONE, "00D1", "00D2")
        assert await work.members.take(ONE, [HERE, THERE]) == {"1"}
    async with store.begin() as work:
        await work.connections.change_org(ONE, "00D2", "00D1")
        assert await work.members.take(ONE, [HERE, THERE]) == {"2"}
