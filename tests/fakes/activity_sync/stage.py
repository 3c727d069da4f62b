"""A whole activity_sync on fakes: two worlds, a store, and the hands to drain it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from uuid import UUID

from services.activity_sync.handlers.batch import Drain
from services.activity_sync.handlers.drain import drain_batch
from services.activity_sync.handlers.lifecycle import note_lifecycle
from services.activity_sync.handlers.note import Noticed, note_activities
from services.activity_sync.ports import Connection, HashOf, PersonLink
from shared.contracts.base import Event
from shared.contracts.contact_sync import RecordLinked
from shared.contracts.ingress import ChangeKind, RecordChange, TaskChanged, TimelineEventRecorded
from shared.contracts.settings import ActivitySettings, Settings
from shared.kernel.records import ObjectType, Side
from shared.security.hashing import FieldHash
from tests.factories.standings import RUNNING, stamps
from tests.fakes.activity_sync.crm import FakeCrms
from tests.fakes.activity_sync.store import FakeStore
from tests.fakes.activity_sync.worlds import News, World
from tests.fakes.clock import FixedClock

CONNECTION = UUID(int=1)
PORTAL, ORG = "4711", "00D000000000001"
ADA, ADA_THERE = "101", "003A"
GRACE, GRACE_THERE = "102", "003G"
LEASE = timedelta(seconds=60)
MOST_DRAINS = 50


@dataclass
class Stage:
    """One connection whose sync runs; Ada is linked, Grace is not."""

    clock: FixedClock
    store: FakeStore
    crms: FakeCrms
    hash_of: HashOf
    stamps: Iterator[str] = field(default_factory=stamps)
    ids: Iterator[int] = field(default_factory=lambda: count(1000))

    @classmethod
    def build(cls, activities: ActivitySettings | None = None) -> "Stage":
        """Settings of version 1."""
        clock = FixedClock()
        store = FakeStore(clock)
        settings = Settings(version=1, activities=activities or ActivitySettings())
        state = store.state
        state.connections[CONNECTION] = Connection(CONNECTION, PORTAL, ORG, settings, RUNNING)
        state.people[CONNECTION, ADA] = PersonLink(ADA, ADA_THERE)
        return cls(clock, store, FakeCrms(clock, store), FieldHash(b"k" * 32))

    @property
    def drain(self) -> Drain:
        """What draining needs."""
        return Drain(self.store, self.crms, self.clock, self.new_id, self.hash_of, LEASE)

    @property
    def hubspot(self) -> World:
        """The portal's tasks."""
        return self.crms.hubspot

    @property
    def salesforce(self) -> World:
        """The org's tasks."""
        return self.crms.salesforce

    def new_id(self) -> UUID:
        """Ids that only grow."""
        return UUID(int=next(self.ids))

    async def pair(self) -> tuple[str, str]:
        """A linked pair about Ada, at rest; the ids of both halves."""
        here = self.hubspot.make({"hs_task_subject": "Call", "hs_timestamp": "2026-12-01"}, ADA)
        await self.settle_down()
        link = next(link for link in self.store.links if link.hubspot_id == here)
        self.crms.calls.clear()
        return link.hubspot_id, link.salesforce_id

    async def tell(self, *news: News) -> int:
        """Hands news in as ingress does; answers how many were dropped as echoes."""
        return await self.notice(*(self.event(item) for item in news))

    async def notice(self, *events: RecordChange | TimelineEventRecorded) -> int:
        """Hands events in; answers how many were dropped as echoes."""
        noticed = [Noticed(CONNECTION, self.new_id(), event, "00-trace") for event in events]
        async with self.store.begin() as work:
            return await note_activities(work, noticed)

    async def tell_all(self) -> int:
        """Hands in everything that the worlds have to tell."""
        news, self.crms.news[:] = list(self.crms.news), []
        return await self.tell(*news)

    def event(self, news: News) -> TaskChanged:
        """The change event of some news, complete as a poll's is."""
        return TaskChanged(
            side=news.side,
            record_id=news.record_id,
            kind=ChangeKind(news.kind),
            occurred_at=self.clock.now(),
            field_hashes={
                name: self.hash_of(CONNECTION, news.side, news.record_id, name, value)
                for name, value in news.values.items()
            },
            complete=bool(news.values),
        )

    async def hear(self, event: Event) -> None:
        """Hands in an event of another service."""
        async with self.store.begin() as work:
            await note_lifecycle(work, CONNECTION, event, next(self.stamps))

    async def link(self, hubspot_id: str, salesforce_id: str) -> None:
        """contact_sync linked a person."""
        await self.hear(
            RecordLinked(
                object_type=ObjectType.CONTACT,
                hubspot_id=hubspot_id,
                salesforce_id=salesforce_id,
                salesforce_object="Contact",
            )
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
            if not self.store.waiting:
                return
            await self.drain_all()
            self.clock.advance(timedelta(minutes=20))
        raise AssertionError("the two sides never come to rest")


def form(key: str = "form:4711:101:1", contact: str = ADA) -> TimelineEventRecorded:
    """A form that a contact sent at noon."""
    return TimelineEventRecorded(
        kind="form_submission",
        contact_id=contact,
        occurred_at=FixedClock().now(),
        event_key=key,
    )


def side_world(stage: Stage, side: Side) -> World:
    """The world of one side."""
    return stage.hubspot if side is Side.HUBSPOT else stage.salesforce
