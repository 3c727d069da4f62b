"""Steps that people, the CRMs and a mortal worker take on a stage, and what must hold at rest."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from services.contact_sync.domain.journal import Status
from services.contact_sync.domain.model import Link
from services.contact_sync.domain.values import canonical
from services.contact_sync.handlers.translate import mappings_of
from shared.contracts.settings import SyncRule, ValueType
from shared.kernel.errors import RetriableError
from shared.kernel.records import Side
from tests.fakes.contact_sync.news import News
from tests.fakes.contact_sync.salesforce import KEY
from tests.fakes.contact_sync.stage import CONNECTION, LEASE, Stage, mapping
from tests.fakes.contact_sync.store import WorkerDiedError

FIELDS = (
    mapping("firstname", "FirstName"),
    mapping("phone", "Phone", SyncRule.TWO_WAY),
    mapping("jobtitle", "Title", SyncRule.ALWAYS_SALESFORCE),
    mapping("fax", "Fax", SyncRule.PREFER_HUBSPOT_UNLESS_BLANK),
    mapping("website", "Website__c", SyncRule.ALWAYS_HUBSPOT),
    mapping("kids", "Kids__c", SyncRule.TWO_WAY, ValueType.NUMBER),
)
MAPPINGS = (
    mapping("email", "Email", value_type=ValueType.EMAIL),
    mapping("lastname", "LastName"),
    mapping("company", "Company", objects=("Lead",)),
    *FIELDS,
)
MOST_RETRIES = 5
Item = TypeVar("Item")
LOST = RetriableError("the answer was lost", code="timeout")


@dataclass
class Village:
    """A stage whose steps are plain functions, for a state machine."""

    stage: Stage = field(default_factory=lambda: Stage.build(*MAPPINGS))
    runner: asyncio.Runner = field(default_factory=asyncio.Runner)
    told: list[News] = field(default_factory=list)
    addresses: int = 0

    def close(self) -> None:
        self.runner.close()

    def create(self, side: Side, email: str, value: str, *, lead: bool) -> None:
        """A person types a new record in; HubSpot refuses an address that it has."""
        self._later()
        world = self.stage.crms
        if side is Side.SALESFORCE:
            name = "Lead" if lead else "Contact"
            world.salesforce.add(name, Email=email.upper(), FirstName=value, Phone=value)
        elif world.hubspot.by_email(email) is None:
            world.hubspot.add(email=email, firstname=value, phone=value, website=value)

    def edit(self, side: Side, number: int, which: int, value: str) -> None:
        """A person changes or clears one value of one record."""
        self._later()
        names = FIELDS[which % len(FIELDS)]
        world = self.stage.crms
        if side is Side.HUBSPOT and world.hubspot.contacts:
            record_id = _pick(list(world.hubspot.contacts), number)
            world.hubspot.edit(record_id, **{names.hubspot_property: value})
        elif side is Side.SALESFORCE and world.salesforce.records:
            record_id = _pick(list(world.salesforce.records), number)
            typed: object = value or None
            if names.value_type is ValueType.NUMBER and value:
                typed = float(value)
            world.salesforce.edit(record_id, **{names.salesforce_field: typed})

    def readdress(self, side: Side, number: int) -> None:
        """A person gives a record an address that nobody has had."""
        self._later()
        self.addresses += 1
        email = f"new{self.addresses}@x.test"
        world = self.stage.crms
        if side is Side.HUBSPOT and world.hubspot.contacts:
            world.hubspot.edit(_pick(list(world.hubspot.contacts), number), email=email)
        elif side is Side.SALESFORCE and world.salesforce.records:
            world.salesforce.edit(_pick(list(world.salesforce.records), number), Email=email)

    def deliver(self, picks: list[int], *, again: bool) -> None:
        """Some of the news arrives, in any order, and some of what was told before, again."""
        news = self.stage.crms.news
        chosen = [news.pop(pick % len(news)) for pick in picks if news]
        repeated = [_pick(self.told, pick) for pick in picks] if again and self.told else []
        self.told += chosen
        self.runner.run(self.stage.tell(*chosen, *repeated))

    def drain(
        self,
        prelude: tuple[bool, int],
        *,
        fail: tuple[str, str] | None = None,
        die_at: int | None = None,
        meanwhile: tuple[str, Callable[[], Awaitable[None]]] | None = None,
    ) -> None:
        """The worker serves the lane once; a call may fail, the worker may die, people go on.

        `prelude`: whether all news arrives first, and how many minutes pass before.
        """
        everything, minutes = prelude
        if everything:
            self.deliver([0] * len(self.stage.crms.news), again=False)
        self.stage.clock.advance(timedelta(minutes=minutes))
        faults = self.stage.crms.faults
        if fail is not None:
            getattr(faults, fail[0])[fail[1]].append(LOST)
        if meanwhile is not None:
            faults.meanwhile[meanwhile[0]].append(meanwhile[1])
        if die_at is not None:
            self.stage.store.die_at_commit(die_at)
        try:
            self.runner.run(self.stage.drain_once())
        except WorkerDiedError:
            pass
        finally:
            self.stage.store.live()
            faults.before.clear()
            faults.after.clear()
            faults.meanwhile.clear()

    def come_to_rest(self) -> None:
        """Everything arrives, nothing fails any more, and people retry what they are shown."""
        self.stage.clock.advance(LEASE + timedelta(minutes=20))
        self.runner.run(self.stage.settle_down())
        for _ in range(MOST_RETRIES):
            before = self.people()
            for parked in self.stage.store.parked:
                self.runner.run(self.stage.note(parked.claim.side, parked.claim.record_id))
            self.runner.run(self.stage.settle_down())
            if self.people() == before:
                return
        raise AssertionError("retrying what is parked never ends")

    def _later(self) -> None:
        self.stage.clock.advance(timedelta(seconds=3))

    def check(self) -> None:
        """What must hold at rest, whatever happened before.

        A record may differ only where a person is shown why: its field is fought over, or its
        address belongs to another contact.
        """
        self._everybody_is_linked_once_or_shown()
        self._nothing_was_made_twice()
        shown = self._with_error("write_war") | self._with_error("CONFLICT")
        for link in self.stage.store.links:
            if link.hubspot_id not in shown:
                self._agrees(link)
        assert Status.INTENDED not in {entry.status for entry in self.stage.store.journal}

    def check_that_more_work_writes_nothing(self) -> None:
        """Looking at everybody again finds nothing to do (I9)."""
        world = self.stage.crms
        before, people = len(world.writes), self.people()
        self.runner.run(self.stage.note(Side.HUBSPOT, *world.hubspot.contacts))
        self.runner.run(self.stage.note(Side.SALESFORCE, *world.salesforce.records))
        self.runner.run(self.stage.drain_all())
        assert self.people() == people
        if not self._with_error("CONFLICT"):
            assert world.writes[before:] == []

    def _everybody_is_linked_once_or_shown(self) -> None:
        """Every record is in exactly one link, or parked for a person to look at."""
        links = self.stage.store.links
        parked = {(p.claim.side, p.claim.record_id) for p in self.stage.store.parked}
        for side, record_ids, halves in (
            (Side.HUBSPOT, self.stage.crms.hubspot.contacts, [x.hubspot_id for x in links]),
            (Side.SALESFORCE, self.stage.crms.salesforce.records, [x.salesforce_id for x in links]),
        ):
            times = Counter(halves)
            for record_id in record_ids:
                assert times[record_id] == 1 or (side, record_id) in parked, (side, record_id)
                assert times[record_id] <= 1

    def _nothing_was_made_twice(self) -> None:
        """Of what Causeway created, each has another origin, and that one is its other half."""
        pairs = {link.salesforce_id: link.hubspot_id for link in self.stage.store.links}
        halves = {link.hubspot_id: link.salesforce_id for link in self.stage.store.links}
        for record in self.stage.crms.salesforce.records.values():
            if KEY in record.values:
                assert pairs[record.id] == str(record.values[KEY]).rsplit(":", 1)[1]
        for contact in self.stage.crms.hubspot.contacts.values():
            if "causeway_key" in contact.values:
                assert halves[contact.id] == contact.values["causeway_key"].rsplit(":", 1)[1]

    def _with_error(self, code: str) -> set[str]:
        """Contacts one half of which is parked with that reason."""
        parked = {p.claim for p in self.stage.store.parked if p.code == code}
        return {
            link.hubspot_id
            for link in self.stage.store.links
            if any(claim.record_id in {link.hubspot_id, link.salesforce_id} for claim in parked)
        }

    def people(self) -> dict[str, dict[str, object]]:
        """All values of both worlds."""
        world = self.stage.crms
        left: dict[str, dict[str, object]] = {
            c.id: dict(c.values) for c in world.hubspot.contacts.values()
        }
        right = {r.id: dict(r.values) for r in world.salesforce.records.values()}
        return {**left, **right}

    def _agrees(self, link: Link) -> None:
        """Both sides hold the same in every mapped field, and the base says so."""
        hubspot = self.stage.crms.hubspot.person(link.hubspot_id)
        salesforce = self.stage.crms.salesforce.person(link.salesforce_id)
        settings = self.stage.store.state.connections[CONNECTION].settings
        assert settings is not None
        for one in mappings_of(settings):
            if salesforce.object_name in one.salesforce_objects:
                owners = self.stage.crms.owners
                raw = hubspot.values.get(one.hubspot_property)
                left = canonical(one.kind, raw, Side.HUBSPOT, owners)
                raw_right = salesforce.values.get(one.salesforce_field)
                right = canonical(one.kind, raw_right, Side.SALESFORCE, owners)
                assert left == right, one.hubspot_property
                assert link.base[one.hubspot_property] == left


def _pick(items: Sequence[Item], number: int) -> Item:
    return items[number % len(items)]
