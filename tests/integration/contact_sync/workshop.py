"""The use cases over the real store and two little worlds; a worker may die at any commit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from services.contact_sync.handlers.drain import Drain, drain_batch
from services.contact_sync.handlers.note import LANE
from services.contact_sync.ports import Connection, Work
from services.contact_sync.store import PostgresStore
from shared.contracts.settings import Settings
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.kernel.records import Side
from shared.outbox.mail import Note
from shared.security.hashing import FieldHash
from tests.contracts.contact_sync.stores import OnPostgres
from tests.factories.standings import RUNNING
from tests.fakes.contact_sync.crm import FakeCrms
from tests.fakes.contact_sync.stage import CONNECTION, LEASE, MAPPINGS, ORG, PORTAL
from tests.fakes.contact_sync.store import WorkerDiedError

MOST_DRAINS = 20


@dataclass
class MortalStore:
    """The real store; it counts open transactions (I5), and may not live to a commit."""

    store: PostgresStore
    open: int = 0
    commits_left: int | None = None

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Work]:
        self.open += 1
        try:
            async with self.store.begin() as work:
                yield work
                if self.commits_left is not None:
                    self.commits_left -= 1
                    if self.commits_left == 0:
                        self.commits_left = None
                        raise WorkerDiedError
        finally:
            self.open -= 1


@dataclass
class Workshop:
    """One connection whose sync runs, on Postgres."""

    store: MortalStore
    behind: OnPostgres
    crms: FakeCrms = field(init=False)

    def __post_init__(self) -> None:
        self.crms = FakeCrms(SystemClock(), self.store)

    async def connect(self) -> None:
        """The connection with the usual mappings."""
        settings = Settings(version=1, mappings=MAPPINGS)
        async with self.store.begin() as work:
            await work.connections.save(Connection(CONNECTION, PORTAL, ORG, settings, RUNNING))

    async def note(self, side: Side, *record_ids: str) -> None:
        notes = [Note(CONNECTION, LANE, side.value, one) for one in record_ids]
        async with self.store.begin() as work:
            await work.mail.note(notes)

    async def drain_once(self) -> int:
        async with self.store.begin() as work:
            lane = await work.mail.claim_lane(holder=new_id(), lease=LEASE)
        if lane is None:
            return 0
        clock, hash_of = SystemClock(), FieldHash(b"k" * 32)
        drained = await drain_batch(
            Drain(self.store, self.crms, clock, new_id, hash_of, LEASE), lane
        )
        async with self.store.begin() as work:
            await work.mail.release_lane(lane)
        return drained

    async def drain_all(self) -> None:
        for _ in range(MOST_DRAINS):
            if not await self.drain_once():
                return
        raise AssertionError("the mailbox does not become empty")

    async def leases_end(self) -> None:
        await self.behind.pass_time(LEASE + timedelta(minutes=20))
