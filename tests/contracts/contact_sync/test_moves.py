"""What both stores promise when a connection changes its Salesforce org."""

from dataclasses import replace
from uuid import UUID

from services.contact_sync.domain.journal import Status
from services.contact_sync.domain.model import Link
from services.contact_sync.domain.world import Claim
from services.contact_sync.ports import ORG_LEFT, Connection, Import, Parked, Settled
from shared.kernel.records import Side
from shared.outbox.mail import Note
from tests.contracts.contact_sync.stores import Stores
from tests.contracts.contact_sync.test_store import LINK, entry

ONE, OTHER = UUID(int=1), UUID(int=2)
OLD, NEW = "00D1", "00D2"


async def moved(store: Stores, left: str, entered: str) -> None:
    async with store.begin() as work:
        known = await work.connections.locked(ONE)
        orgs = tuple(sorted({*known.left_orgs, left} - {entered}))
        await work.connections.change_org(ONE, left, entered)
        await work.connections.save(replace(known, org_id=entered, left_orgs=orgs))


async def links(store: Stores, owner: UUID = ONE) -> list[Link]:
    async with store.begin() as work:
        return await work.links.of(owner, ["101"], [])


async def test_the_org_is_read_with_the_connection(store: Stores) -> None:
    async with store.begin() as work:
        assert await work.connections.org_of(ONE) is None
        await work.connections.save(Connection(ONE, org_id=OLD, left_orgs=(NEW,)))
    async with store.begin() as work:
        assert await work.connections.org_of(ONE) == OLD
        known = await work.connections.get(ONE)
        assert known is not None
        assert known.left_orgs == (NEW,)


async def test_links_go_and_come_back_and_others_stay(store: Stores) -> None:
    other = replace(LINK, id=UUID(int=12))
    async with store.begin() as work:
        await work.connections.save(Connection(ONE, org_id=OLD))
        await work.links.save(ONE, [LINK])
        await work.links.save(OTHER, [other])
    await moved(store, OLD, NEW)
    assert await links(store) == []
    assert await links(store, OTHER) == [other]
    there = replace(LINK, id=UUID(int=13), salesforce_id="003B")
    async with store.begin() as work:
        await work.links.save(ONE, [there])
    await moved(store, NEW, OLD)
    assert await links(store) == [LINK]
    await moved(store, OLD, NEW)
    assert await links(store) == [there]


async def test_only_what_salesforce_has_to_do_with_goes_along(store: Stores) -> None:
    done, left_open = entry(21), entry(22)
    async with store.begin() as work:
        await work.connections.save(Connection(ONE, org_id=OLD))
        await work.journal.add(ONE, [done, left_open])
        await work.journal.settle(ONE, [Settled(done.id, Status.DONE)])
        await work.parked.add(ONE, [Parked(Claim(side, "x"), "refused", "no") for side in (*Side,)])
        await work.mail.note([Note(ONE, "contact", side.value, "x") for side in Side])
        for number, side in enumerate(Side):
            name = "Contact" if side is Side.SALESFORCE else "contacts"
            await work.imports.add(Import(UUID(int=30 + number), ONE, side, name, "walking"))
    await moved(store, OLD, NEW)
    async with store.begin() as work:
        assert await work.journal.open_entries(ONE, ["101"], []) == []
        await work.parked.clear(ONE, [Claim(Side.HUBSPOT, "x")])
    assert {record.claim.side for record in await store.parked()} == {Side.SALESFORCE}
    await moved(store, NEW, OLD)
    async with store.begin() as work:
        (found,) = await work.journal.open_entries(ONE, ["101"], [])
        assert found == left_open
        await work.parked.clear(ONE, [Claim(Side.SALESFORCE, "x")])
    assert await store.parked() == []
    assert await store.imports() == [("walking", None), ("failed", ORG_LEFT)]
