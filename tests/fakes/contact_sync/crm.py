"""Both worlds behind the `Crm` port, with refusals and failures on demand."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from collections.abc import Mapping as Map
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol, TypeVar

from services.contact_sync.domain.model import HubSpotPerson, Owners, SalesforcePerson
from services.contact_sync.domain.objects import ALL_OBJECTS
from services.contact_sync.ports import Connection, Crm, Lookup
from shared.crm.writes import Refused, WriteResult
from shared.kernel.clock import Clock
from shared.kernel.records import ObjectType, Side
from tests.fakes.contact_sync.hubspot import Contact, HubSpotWorld
from tests.fakes.contact_sync.news import News
from tests.fakes.contact_sync.salesforce import SalesforceWorld

Answer = TypeVar("Answer")
WRITES = frozenset(
    {"create_in_hubspot", "update_in_hubspot", "create_in_salesforce", "update_in_salesforce"}
)


class OpenTransactionError(BaseException):
    """A CRM was called while a transaction was open (I5). No handler of errors may hide it."""


@dataclass
class Faults:
    """What goes wrong next: whole calls before or after their effect, and single records."""

    before: dict[str, list[Exception]] = field(default_factory=lambda: defaultdict(list))
    after: dict[str, list[Exception]] = field(default_factory=lambda: defaultdict(list))
    refusals: dict[str, list[Refused]] = field(default_factory=lambda: defaultdict(list))
    meanwhile: dict[str, list[Callable[[], Awaitable[None]]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def refuse(
        self,
        key: str,
        code: str,
        *,
        retriable: bool = False,
        times: int = 1,
        message: str = "Refused on demand.",
    ) -> None:
        """The next writes to that record id or key are refused."""
        refusal = Refused(key, code, message, None, None, retriable=retriable)
        self.refusals[key].extend([refusal] * times)


class Transactions(Protocol):
    """Whatever counts the transactions that are open."""

    open: int


class FakeCrms:
    """The `Crms` port over one portal and one org."""

    def __init__(self, clock: Clock, store: Transactions) -> None:
        self.news: list[News] = []
        self.hubspot = HubSpotWorld(clock, self.news.append)
        self.companies = HubSpotWorld(clock, self.news.append, ObjectType.COMPANY)
        self.salesforce = SalesforceWorld(clock, self.news.append)
        self.owners = Owners()
        self.faults = Faults()
        self.calls: list[str] = []
        self.purposes: list[str] = []
        self.wanted_times: list[dict[str, tuple[str, ...]]] = []
        self._store = store

    @property
    def writes(self) -> list[str]:
        """The names of the calls that write."""
        return [name for name in self.calls if name in WRITES]

    @asynccontextmanager
    async def open(
        self,
        connection: Connection,
        *,
        purpose: str,
        object_type: ObjectType = ObjectType.CONTACT,
    ) -> AsyncIterator[Crm]:
        """Both worlds; the purpose is kept for the test."""
        assert connection.settings is not None
        self.purposes.append(purpose)
        by_domain = connection.settings.companies.match_by_domain
        self.companies.by_domain = self.salesforce.by_domain = by_domain
        yield FakeCrm(self, object_type)

    async def call(self, name: str, effect: Callable[[], Answer]) -> Answer:
        """One call: fails before or after its effect when told so."""
        if self._store.open:
            raise OpenTransactionError(name)
        self.calls.append(name)
        if self.faults.before[name]:
            raise self.faults.before[name].pop(0)
        answer = effect()
        for happen in self.faults.meanwhile.pop(name, []):
            await happen()
        if self.faults.after[name]:
            raise self.faults.after[name].pop(0)
        return answer


class FakeCrm:
    """The `Crm` port."""

    def __init__(self, crms: FakeCrms, object_type: ObjectType) -> None:
        people = object_type is ObjectType.CONTACT
        self._crms = crms
        self._hubspot = crms.hubspot if people else crms.companies
        self._objects = ALL_OBJECTS[object_type]
        self._before = len(crms.calls)
        self._listed: Counter[Side] = Counter()

    @property
    def calls(self) -> Map[Side, int]:
        """One a method, whatever it carries; counts are read on both sides, owners are kept."""
        made = self._crms.calls[self._before :]
        both = made.count("counts")
        named = {side: sum(side.value in name for name in made) for side in Side}
        return {side: named[side] + self._listed[side] + both for side in Side}

    async def hubspot_by_id(self, ids: Collection[str]) -> dict[str, HubSpotPerson]:
        world = self._hubspot
        return await self._crms.call(
            "hubspot_by_id",
            lambda: {one: world.person(one) for one in ids if one in world.contacts},
        )

    async def hubspot_by_email(self, emails: Collection[str]) -> list[HubSpotPerson]:
        world = self._hubspot

        def read() -> list[HubSpotPerson]:
            people = (world.person(one) for one in world.contacts)
            return [one for one in people if set(one.emails) & {e.lower() for e in emails}]

        return await self._crms.call("hubspot_by_email", read)

    async def hubspot_by_key(self, keys: Collection[str]) -> list[HubSpotPerson]:
        world = self._hubspot
        return await self._crms.call(
            "hubspot_by_key",
            lambda: [world.person(c.id) for c in world.contacts.values() if c.key in keys],
        )

    async def hubspot_times(
        self, wanted: Map[str, Collection[str]]
    ) -> dict[str, dict[str, datetime | None]]:
        world = self._hubspot
        self._crms.wanted_times.append({one: tuple(names) for one, names in wanted.items()})
        return await self._crms.call(
            "hubspot_times",
            lambda: {
                one: {name: world.contacts[one].times.get(name) for name in names}
                for one, names in wanted.items()
                if one in world.contacts
            },
        )

    async def salesforce(self, lookup: Lookup) -> dict[str, SalesforcePerson]:
        world = self._crms.salesforce
        return await self._crms.call(
            "salesforce",
            lambda: {
                one: world.person(one)
                for one in world.records
                if world.records[one].object_name in self._objects.salesforce
                and (one in lookup.ids or world.matches(one, lookup.emails, lookup.keys))
            },
        )

    async def owners(self) -> Owners:
        return await self._crms.call("owners", lambda: self._crms.owners)

    async def create_in_hubspot(self, rows: Map[str, Map[str, object]]) -> dict[str, WriteResult]:
        return await self._write("create_in_hubspot", rows, self._hubspot.upsert)

    async def update_in_hubspot(self, rows: Map[str, Map[str, object]]) -> dict[str, WriteResult]:
        return await self._write("update_in_hubspot", rows, self._hubspot.update)

    async def create_in_salesforce(
        self, object_name: str, rows: Map[str, Map[str, object]]
    ) -> dict[str, WriteResult]:
        world = self._crms.salesforce
        return await self._write(
            "create_in_salesforce", rows, lambda key, row: world.upsert(object_name, key, row)
        )

    async def update_in_salesforce(
        self, object_name: str, rows: Map[str, Map[str, object]]
    ) -> dict[str, WriteResult]:
        world = self._crms.salesforce
        return await self._write(
            "update_in_salesforce", rows, lambda key, row: world.update(object_name, key, row)
        )

    async def page_of_ids(self, side: Side, object_name: str, after: str, limit: int) -> list[str]:
        self._listed[side] += 1
        return await self._crms.call(
            "page_of_ids", lambda: self._ids(side, object_name, after)[:limit]
        )

    async def latest_ids(self, side: Side, limit: int) -> list[str]:
        def read() -> list[str]:
            if side is Side.HUBSPOT:
                contacts = self._crms.hubspot.contacts.values()
                return [c.id for c in sorted(contacts, key=_set_at, reverse=True)]
            records = self._crms.salesforce.records.values()
            return [r.id for r in sorted(records, key=lambda r: r.modified_at, reverse=True)]

        self._listed[side] += 1
        return (await self._crms.call("latest_ids", read))[:limit]

    async def counts(self) -> Map[str, int]:
        def read() -> dict[str, int]:
            made = Counter(r.object_name for r in self._crms.salesforce.records.values())
            here = len(self._crms.hubspot.contacts)
            return {"contacts": here, "Contact": made["Contact"], "Lead": made["Lead"]}

        return await self._crms.call("counts", read)

    def _ids(self, side: Side, object_name: str, after: str) -> list[str]:
        if side is Side.HUBSPOT:
            numbers = sorted(int(one) for one in self._hubspot.contacts)
            return [str(number) for number in numbers if number > int(after or 0)]
        records = self._crms.salesforce.records.values()
        return sorted(r.id for r in records if r.object_name == object_name and r.id > after)

    async def _write(
        self,
        name: str,
        rows: Map[str, Map[str, object]],
        write: Callable[[str, Map[str, object]], WriteResult],
    ) -> dict[str, WriteResult]:
        refusals = self._crms.faults.refusals

        def effect() -> dict[str, WriteResult]:
            return {
                key: replace(refusals[key].pop(0), key=key) if refusals[key] else write(key, row)
                for key, row in rows.items()
            }

        return await self._crms.call(name, effect)


def _set_at(contact: Contact) -> datetime:
    return max(contact.times.values())
