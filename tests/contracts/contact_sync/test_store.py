"""What both stores promise, port by port."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from services.contact_sync.domain.journal import Entry, Operation, Status
from services.contact_sync.domain.model import Link
from services.contact_sync.domain.plan import FieldWrite
from services.contact_sync.domain.world import Claim
from services.contact_sync.ports import Connection, Import, Parked, Settled
from shared.contracts.contact_sync import RecordParked, RecordUnlinked
from shared.contracts.settings import Settings
from shared.contracts.standing import Standing
from shared.kernel.records import ObjectType, Side
from shared.outbox.mail import Note, Outgoing
from tests.contracts.contact_sync.stores import Stores
from tests.fakes.contact_sync.stage import MAPPINGS
from tests.fakes.contact_sync.state import UniqueViolationError

ONE, OTHER = UUID(int=1), UUID(int=2)
SYNCED_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)
LINK = Link(
    id=UUID(int=11),
    hubspot_id="101",
    salesforce_id="003A",
    salesforce_object="Contact",
    base={"firstname": "Ada", "phone": None},
    hashes={"hubspot": {"firstname": "ab"}, "salesforce": {"FirstName": "cd"}},
    near_misses={"hubspot:firstname": 2},
    ambiguous=True,
    synced_at=SYNCED_AT,
)


def entry(
    number: int, *, hubspot_id: str | None = "101", salesforce_id: str | None = None
) -> Entry:
    write = FieldWrite(Side.SALESFORCE, "Kids__c", None, "2", 2.5, "two_way", "only one changed")
    return Entry(
        id=UUID(int=number),
        side=Side.SALESFORCE,
        operation=Operation.CREATE,
        object_name="Contact",
        hubspot_id=hubspot_id,
        salesforce_id=salesforce_id,
        fields=(write,),
        cause={"kind": "updated"},
        settings_version=3,
        traceparent="00-abc",
    )


class TestTransaction:
    async def test_an_error_takes_everything_back(self, store: Stores) -> None:
        with pytest.raises(RuntimeError, match="half way"):
            await self._fail(store)

        async with store.begin() as work:
            assert await work.connections.get(ONE) is None
            assert await work.links.of(ONE, ["101"], []) == []
        assert await store.events() == []

    async def _fail(self, store: Stores) -> None:
        async with store.begin() as work:
            await work.connections.save(Connection(ONE))
            await work.links.save(ONE, [LINK])
            await work.mail.note([Note(ONE, "contact", "hubspot", "101")])
            event = RecordUnlinked(
                object_type=ObjectType.CONTACT, hubspot_id="101", salesforce_id="003A"
            )
            await work.emit([Outgoing(ONE, "contact/101", event)])
            raise RuntimeError("half way")

    async def test_events_leave_in_order_with_their_subject(self, store: Stores) -> None:
        parked = RecordParked(
            object_type=ObjectType.CONTACT,
            side=Side.HUBSPOT,
            record_id="101",
            code="no_email",
            message="Give it one.",
        )
        gone = RecordUnlinked(
            object_type=ObjectType.CONTACT, hubspot_id="102", salesforce_id="003B"
        )
        async with store.begin() as work:
            await work.emit([Outgoing(ONE, "contact/101", parked)])
            await work.emit([Outgoing(ONE, "contact/102", gone)])
            await work.emit([])

        assert await store.events() == [
            ("causeway.contact_sync.RecordParked.v1", "contact/101"),
            ("causeway.contact_sync.RecordUnlinked.v1", "contact/102"),
        ]


class TestConnections:
    async def test_what_is_saved_comes_back(self, store: Stores) -> None:
        saved = Connection(
            ONE,
            "4711",
            "00D",
            Settings(version=2, mappings=MAPPINGS),
            Standing(broken=(Side.HUBSPOT,), heard={"sync": "2026"}),
        )
        async with store.begin() as work:
            await work.connections.save(Connection(ONE))
            await work.connections.save(saved)
            assert await work.connections.get(ONE) == saved
            assert await work.connections.get(OTHER) is None


class TestLinks:
    async def test_a_link_is_found_by_either_half(self, store: Stores) -> None:
        async with store.begin() as work:
            await work.links.save(ONE, [LINK])
        async with store.begin() as work:
            assert await work.links.of(ONE, ["101"], []) == [LINK]
            assert await work.links.of(ONE, [], ["003A"]) == [LINK]
            assert await work.links.of(ONE, ["101"], ["003A"]) == [LINK]
            assert await work.links.of(ONE, ["999"], ["003Z"]) == []
            assert await work.links.of(ONE, [], []) == []
            assert await work.links.of(OTHER, ["101"], ["003A"]) == []

    async def test_saving_again_replaces_all_but_the_id(self, store: Stores) -> None:
        newer = Link(UUID(int=12), "101", "003B", "Lead", {"firstname": "Bea"}, {}, {})
        async with store.begin() as work:
            await work.links.save(ONE, [LINK])
            await work.links.save(ONE, [newer])
            assert await work.links.of(ONE, ["101"], []) == [replace(newer, id=LINK.id)]

    async def test_two_contacts_never_share_a_salesforce_record(self, store: Stores) -> None:
        twin = replace(LINK, id=UUID(int=12), hubspot_id="102")
        async with store.begin() as work:
            await work.links.save(ONE, [LINK])

        with pytest.raises((IntegrityError, UniqueViolationError)):
            await self._save(store, twin)

    async def _save(self, store: Stores, link: Link) -> None:
        async with store.begin() as work:
            await work.links.save(ONE, [link])

    async def test_two_portals_may_share_an_org(self, store: Stores) -> None:
        async with store.begin() as work:
            await work.links.save(ONE, [LINK])
            await work.links.save(OTHER, [replace(LINK, id=UUID(int=12))])
            assert len(await work.links.of(OTHER, [], ["003A"])) == 1

    async def test_a_link_that_is_removed_frees_its_halves_at_once(self, store: Stores) -> None:
        successor = replace(LINK, id=UUID(int=12), hubspot_id="102")
        async with store.begin() as work:
            await work.links.save(ONE, [LINK])
        async with store.begin() as work:
            await work.links.remove(ONE, [LINK.id])
            await work.links.save(ONE, [successor])
            assert await work.links.of(ONE, ["101", "102"], []) == [successor]

    async def test_removing_touches_only_the_own_tenant(self, store: Stores) -> None:
        async with store.begin() as work:
            await work.links.save(ONE, [LINK])
            await work.links.remove(OTHER, [LINK.id])
            await work.links.remove(ONE, [])
            assert await work.links.of(ONE, ["101"], []) == [LINK]

    async def test_a_link_moves_to_the_survivor_of_a_merge(self, store: Stores) -> None:
        async with store.begin() as work:
            await work.links.save(ONE, [LINK])
            await work.links.move(OTHER, LINK.id, hubspot_id="777")
            await work.links.move(ONE, LINK.id, hubspot_id="103")
            assert await work.links.of(ONE, [], ["003A"]) == [replace(LINK, hubspot_id="103")]

    @pytest.mark.parametrize("claim", [Claim(Side.HUBSPOT, "101"), Claim(Side.SALESFORCE, "003A")])
    async def test_near_misses_are_forgotten_by_either_half(
        self, store: Stores, claim: Claim
    ) -> None:
        async with store.begin() as work:
            await work.links.save(ONE, [LINK])
            await work.links.forget_near_misses(OTHER, claim)
            assert await work.links.of(ONE, ["101"], []) == [LINK]
            await work.links.forget_near_misses(ONE, claim)
            assert await work.links.of(ONE, ["101"], []) == [replace(LINK, near_misses={})]


class TestJournal:
    async def test_an_intent_is_open_until_it_is_settled(self, store: Stores) -> None:
        async with store.begin() as work:
            await work.journal.add(ONE, [entry(1)])
            await work.journal.add(ONE, [])
        async with store.begin() as work:
            assert await work.journal.open_entries(ONE, ["101"], []) == [entry(1)]
            assert await work.journal.open_entries(ONE, ["999"], ["003Z"]) == []
            assert await work.journal.open_entries(ONE, [], []) == []
            assert await work.journal.open_entries(OTHER, ["101"], []) == []
            done = Settled(UUID(int=1), Status.DONE, salesforce_id="003A")
            await work.journal.settle(ONE, [done])
            assert await work.journal.open_entries(ONE, ["101"], ["003A"]) == []
        assert await store.statuses() == [("done", None)]

    async def test_an_intent_is_found_by_the_other_half_too(self, store: Stores) -> None:
        mine = entry(1, hubspot_id=None, salesforce_id="003A")
        async with store.begin() as work:
            await work.journal.add(ONE, [mine])
            assert await work.journal.open_entries(ONE, ["101"], ["003A"]) == [mine]

    async def test_many_are_settled_each_in_its_way(self, store: Stores) -> None:
        async with store.begin() as work:
            await work.journal.add(ONE, [entry(n) for n in (1, 2, 3)])
            await work.journal.settle(
                ONE,
                [
                    Settled(UUID(int=1), Status.CONFIRMED),
                    Settled(UUID(int=2), Status.REFUSED, error="CODE: text"),
                    Settled(UUID(int=404), Status.DONE),
                ],
            )
            await work.journal.settle(OTHER, [Settled(UUID(int=3), Status.DONE)])
            await work.journal.settle(ONE, [])
        assert await store.statuses() == [
            ("confirmed", None),
            ("refused", "CODE: text"),
            ("intended", None),
        ]


class TestParked:
    HELD = Parked(Claim(Side.HUBSPOT, "101"), "value_too_long", "too long", "firstname")

    async def test_the_same_reason_stays_one_row_with_the_latest_words(self, store: Stores) -> None:
        async with store.begin() as work:
            await work.parked.add(ONE, [self.HELD, self.HELD])
            await work.parked.add(ONE, [replace(self.HELD, message="longer")])
            await work.parked.add(ONE, [replace(self.HELD, field="lastname")])
            await work.parked.add(ONE, [replace(self.HELD, field=None, code="no_email")])
            await work.parked.add(ONE, [])
        found = [(p.code, p.field, p.message) for p in await store.parked()]
        assert found == [
            ("no_email", None, "too long"),
            ("value_too_long", "firstname", "longer"),
            ("value_too_long", "lastname", "too long"),
        ]

    async def test_a_record_is_cleared_with_all_its_reasons(self, store: Stores) -> None:
        same_id = replace(self.HELD, claim=Claim(Side.SALESFORCE, "101"))
        async with store.begin() as work:
            await work.parked.add(ONE, [self.HELD, replace(self.HELD, code="other"), same_id])
            await work.parked.clear(OTHER, [self.HELD.claim])
            await work.parked.clear(ONE, [])
        assert len(await store.parked()) == 3
        async with store.begin() as work:
            await work.parked.clear(ONE, [self.HELD.claim])
        assert await store.parked() == [same_id]

    async def test_an_unknown_row_is_about_nobody(self, store: Stores) -> None:
        async with store.begin() as work:
            assert await work.parked.claim_of(ONE, UUID(int=404)) is None


class TestImports:
    FIRST = Import(UUID(int=5), ONE, Side.SALESFORCE, "Contact", "walking")
    SECOND = Import(UUID(int=6), OTHER, Side.HUBSPOT, "contacts", "walking")

    async def test_the_oldest_that_nobody_holds_is_next(self, store: Stores) -> None:
        async with store.begin() as work:
            await work.imports.add(self.SECOND)
            await work.imports.add(self.FIRST)
        async with store.begin() as work:
            assert await work.imports.next(LEASE) == self.FIRST
            assert await work.imports.next(LEASE) == self.SECOND
            assert await work.imports.next(LEASE) is None
        await store.pass_time(LEASE + timedelta(seconds=1))
        async with store.begin() as work:
            assert await work.imports.next(LEASE) == self.FIRST

    async def test_progress_is_kept_and_lets_go(self, store: Stores) -> None:
        further = replace(self.FIRST, object_name="Lead", cursor="00Q9", noted=200, problem="slow")
        async with store.begin() as work:
            await work.imports.add(self.FIRST)
            await work.imports.next(LEASE)
            await work.imports.save(further)
            assert await work.imports.next(LEASE) == further

    async def test_one_that_stands_back_lets_others_go_first(self, store: Stores) -> None:
        async with store.begin() as work:
            await work.imports.add(self.FIRST)
            await work.imports.add(self.SECOND)
            await work.imports.save(self.FIRST, wait=timedelta(seconds=30))
        async with store.begin() as work:
            assert await work.imports.next(LEASE) == self.SECOND
            assert await work.imports.next(LEASE) is None
        await store.pass_time(timedelta(seconds=31))
        async with store.begin() as work:
            assert await work.imports.next(LEASE) == self.FIRST

    async def test_one_that_ended_is_never_next(self, store: Stores) -> None:
        async with store.begin() as work:
            await work.imports.add(replace(self.FIRST, state="noted"))
            await work.imports.add(replace(self.SECOND, state="failed"))
            assert await work.imports.next(LEASE) is None

    async def test_progress_of_another_tenant_changes_nothing(self, store: Stores) -> None:
        async with store.begin() as work:
            await work.imports.add(self.FIRST)
            await work.imports.save(replace(self.FIRST, connection_id=OTHER, state="failed"))
            assert await work.imports.next(LEASE) == self.FIRST


class TestMail:
    async def test_it_lives_in_the_same_transaction(self, store: Stores) -> None:
        """The mailbox' own contract is in tests/contracts/plumbing; here only the binding."""
        async with store.begin() as work:
            await work.mail.note([Note(ONE, "contact", "hubspot", "101", cause={"kind": "x"})])
        async with store.begin() as work:
            lane = await work.mail.claim_lane(holder=OTHER, lease=LEASE)
            assert lane is not None
            (claimed,) = await work.mail.claim(lane, limit=10, lease=LEASE)
            assert (claimed.record_id, claimed.cause, claimed.attempts) == ("101", {"kind": "x"}, 0)
            await work.mail.postpone(
                [claimed], due_in=timedelta(seconds=30), reason="r", count_attempt=True
            )
            await work.mail.release_lane(lane)
        async with store.begin() as work:
            assert await work.mail.claim_lane(holder=OTHER, lease=LEASE) is None
        await store.pass_time(timedelta(seconds=31))
        async with store.begin() as work:
            lane = await work.mail.claim_lane(holder=OTHER, lease=LEASE)
            assert lane is not None
            (claimed,) = await work.mail.claim(lane, limit=10, lease=LEASE)
            assert claimed.attempts == 1
            await work.mail.settle([claimed])
            await work.mail.settle([])
            await work.mail.postpone([], due_in=LEASE, reason="", count_attempt=True)
            await work.mail.release_lane(lane)
            assert await work.mail.claim_lane(holder=OTHER, lease=LEASE) is None
