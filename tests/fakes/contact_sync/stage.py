"""A whole contact_sync on fakes: two worlds, a store, and the hands to drain it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from uuid import UUID

from services.contact_sync.handlers.drain import Drain, drain_batch
from services.contact_sync.handlers.imports import Importer
from services.contact_sync.handlers.note import LANE, Noticed, note_changes
from services.contact_sync.handlers.preview import Previewer
from services.contact_sync.ports import Connection, HashOf
from shared.contracts.ingress import (
    ChangeKind,
    CompanyChanged,
    ContactChanged,
    Origin,
    RecordChange,
)
from shared.contracts.settings import (
    CompanySettings,
    ContactSettings,
    FieldMapping,
    Settings,
    SyncRule,
    ValueType,
)
from shared.kernel.records import ObjectType, Side
from shared.outbox.mail import Note, Priority
from shared.security.hashing import FieldHash
from tests.factories.standings import RUNNING
from tests.fakes.clock import FixedClock
from tests.fakes.contact_sync.around import FakeAround
from tests.fakes.contact_sync.crm import FakeCrms
from tests.fakes.contact_sync.news import News
from tests.fakes.contact_sync.store import FakeStore

CONNECTION = UUID(int=1)
PORTAL, ORG = "4711", "00D000000000001"
LEASE = timedelta(seconds=60)
MOST_DRAINS = 50


def mapping(
    hubspot: str,
    salesforce: str,
    rule: SyncRule = SyncRule.PREFER_SALESFORCE_UNLESS_BLANK,
    value_type: ValueType = ValueType.TEXT,
    *,
    objects: tuple[str, ...] = ("Contact", "Lead"),
    max_length: int | None = None,
    salesforce_writable: bool = True,
    object_type: ObjectType = ObjectType.CONTACT,
) -> FieldMapping:
    """One mapping."""
    return FieldMapping(
        object_type=object_type,
        hubspot_property=hubspot,
        salesforce_field=salesforce,
        rule=rule,
        value_type=value_type,
        salesforce_objects=objects,
        max_length=max_length,
        salesforce_writable=salesforce_writable,
    )


MAPPINGS = (
    mapping("email", "Email", value_type=ValueType.EMAIL),
    mapping("firstname", "FirstName"),
    mapping("lastname", "LastName"),
    mapping("company", "Company", objects=("Lead",)),
    mapping("phone", "Phone", SyncRule.TWO_WAY),
    mapping("jobtitle", "Title", SyncRule.ALWAYS_SALESFORCE),
)


def company_mapping(
    hubspot: str,
    salesforce: str,
    rule: SyncRule = SyncRule.PREFER_SALESFORCE_UNLESS_BLANK,
) -> FieldMapping:
    """One company mapping."""
    return mapping(hubspot, salesforce, rule, objects=("Account",), object_type=ObjectType.COMPANY)


COMPANY_MAPPINGS = (
    company_mapping("name", "Name"),
    company_mapping("domain", "Website"),
    company_mapping("phone", "Phone", SyncRule.TWO_WAY),
)


@dataclass
class Stage:
    """One connection whose sync runs."""

    clock: FixedClock
    store: FakeStore
    crms: FakeCrms
    hash_of: HashOf
    around: FakeAround = field(default_factory=FakeAround)
    ids: Iterator[int] = field(default_factory=lambda: count(1000))

    @classmethod
    def build(
        cls,
        *mappings: FieldMapping,
        contacts: ContactSettings | None = None,
        companies: CompanySettings | None = None,
    ) -> "Stage":
        """Settings of version 1 with these mappings, or with the usual ones."""
        clock = FixedClock()
        store = FakeStore(clock)
        settings = Settings(
            version=1,
            contacts=contacts or ContactSettings(),
            companies=companies or CompanySettings(),
            mappings=(mappings or MAPPINGS) + (COMPANY_MAPPINGS if companies else ()),
        )
        store.state.connections[CONNECTION] = Connection(CONNECTION, PORTAL, ORG, settings, RUNNING)
        return cls(clock, store, FakeCrms(clock, store), FieldHash(b"k" * 32))

    @property
    def drain(self) -> Drain:
        """What draining needs."""
        return Drain(self.store, self.crms, self.clock, self.new_id, self.hash_of, LEASE)

    @property
    def importer(self) -> Importer:
        """What importing needs."""
        return Importer(self.store, self.crms, LEASE)

    @property
    def previewer(self) -> Previewer:
        """What previews need."""
        return Previewer(self.store, self.crms, self.around, self.clock)

    def new_id(self) -> UUID:
        """Ids that only grow."""
        return UUID(int=next(self.ids))

    async def note(
        self,
        side: Side,
        *record_ids: str,
        priority: int = Priority.LIVE,
        kind: str = "updated",
        lane: str = LANE,
    ) -> None:
        """Puts records straight into the mailbox."""
        cause = {"kind": kind}
        notes = [Note(CONNECTION, lane, side.value, one, priority, cause) for one in record_ids]
        async with self.store.begin() as work:
            await work.mail.note(notes)

    async def tell(self, *news: News) -> int:
        """Hands news in as ingress does; answers how many were dropped as echoes."""
        noticed = [Noticed(CONNECTION, self.new_id(), self.event(item)) for item in news]
        async with self.store.begin() as work:
            return await note_changes(work, noticed)

    async def tell_all(self) -> int:
        """Hands in everything that the worlds have to tell."""
        news, self.crms.news[:] = list(self.crms.news), []
        return await self.tell(*news)

    def event(self, news: News, *, complete: bool = False) -> RecordChange:
        """The change event of some news, with the hashes of the changed values."""
        company = news.object_type is ObjectType.COMPANY
        return (CompanyChanged if company else ContactChanged)(
            side=news.side,
            record_id=news.record_id,
            kind=ChangeKind(news.kind),
            origin=Origin.OURS if news.ours else Origin.OTHER,
            occurred_at=self.clock.now(),
            field_hashes={
                name: self.hash_of(CONNECTION, news.side, news.record_id, name, value)
                for name, value in news.fields.items()
            },
            complete=complete,
            merged_ids=news.merged_ids,
        )

    async def drain_once(self) -> int:
        """Serves the due lane once, as the worker's loop does; 0 when nothing is due."""
        async with self.store.begin() as work:
            lane = await work.mail.claim_lane(holder=self.new_id(), lease=LEASE)
        if lane is None:
            return 0
        drained = await drain_batch(self.drain, lane)
        async with self.store.begin() as work:
            await work.mail.release_lane(lane)
        return drained

    async def drain_all(self) -> None:
        """Drains until nothing is due."""
        for _ in range(MOST_DRAINS):
            if not await self.drain_once():
                return
        raise AssertionError("the mailbox does not become empty")

    async def settle_down(self) -> None:
        """Tells and drains until both worlds have nothing to tell and nothing waits."""
        for _ in range(MOST_DRAINS):
            await self.tell_all()
            if not self.store.state.mail.rows:
                return
            self.clock.advance(timedelta(minutes=20))
            await self.drain_all()
        raise AssertionError("the two sides never come to rest")
