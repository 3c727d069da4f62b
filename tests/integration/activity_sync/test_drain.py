"""The use cases on the real store: one task each way, a crash, a form, a late link."""

from uuid import UUID, uuid4

import pytest

from services.activity_sync.handlers.batch import Drain
from services.activity_sync.handlers.drain import drain_batch
from services.activity_sync.handlers.lifecycle import note_lifecycle
from services.activity_sync.handlers.note import Noticed, note_activities
from services.activity_sync.ports import Connection, PersonLink
from services.activity_sync.store import PostgresStore
from services.activity_sync.store.views import PostgresViews
from shared.contracts.contact_sync import RecordLinked
from shared.contracts.settings import Settings
from shared.db.database import Database
from shared.kernel.clock import SystemClock
from shared.kernel.errors import RetriableError
from shared.kernel.ids import new_id
from shared.kernel.records import ObjectType, Side
from shared.outbox.mail import Note
from shared.security.hashing import FieldHash
from tests.factories.standings import RUNNING
from tests.fakes.activity_sync.crm import FakeCrms
from tests.fakes.activity_sync.stage import (
    ADA,
    ADA_THERE,
    GRACE,
    GRACE_THERE,
    LEASE,
    ORG,
    PORTAL,
    form,
)
from tests.fakes.activity_sync.store import FakeStore

LOST = RetriableError("no answer", code="crm_unavailable", retry_after=0.0)
MOST_DRAINS = 20


class Real:
    """One running connection on Postgres, over two worlds in memory."""

    def __init__(self, store: PostgresStore, tenant: UUID) -> None:
        clock = SystemClock()
        self.store, self.tenant = store, tenant
        self.crms = FakeCrms(clock, FakeStore(clock))
        self.drain = Drain(store, self.crms, clock, new_id, FieldHash(b"k" * 32), LEASE)

    async def note(self, *records: tuple[Side, str]) -> None:
        notes = [Note(self.tenant, "task", side.value, one) for side, one in records]
        async with self.store.begin() as work:
            await work.mail.note(notes)

    async def drain_all(self) -> None:
        for _ in range(MOST_DRAINS):
            async with self.store.begin() as work:
                lane = await work.mail.claim_lane(holder=new_id(), lease=LEASE)
            if lane is None:
                return
            await drain_batch(self.drain, lane)
            async with self.store.begin() as work:
                await work.mail.release_lane(lane)
        raise AssertionError("the mailbox does not become empty")


@pytest.fixture
async def real(store: PostgresStore) -> Real:
    tenant = uuid4()
    async with store.begin() as work:
        known = Connection(tenant, PORTAL, ORG, Settings(version=1), RUNNING)
        await work.connections.save(known)
        await work.people.save(tenant, PersonLink(ADA, ADA_THERE))
    return Real(store, tenant)


async def test_a_task_each_way_and_a_second_drain_writes_nothing(real: Real) -> None:
    here = real.crms.hubspot.make({"hs_task_subject": "Call", "hs_timestamp": "2026-12-01"}, ADA)
    there = real.crms.salesforce.make({"Subject": "Offer", "Status": "Blocked"}, ADA_THERE)
    await real.note((Side.HUBSPOT, here), (Side.SALESFORCE, there))
    await real.drain_all()

    assert (len(real.crms.hubspot.tasks), len(real.crms.salesforce.tasks)) == (2, 2)
    real.crms.calls.clear()
    await real.note(*((Side.HUBSPOT, one) for one in real.crms.hubspot.tasks))
    await real.note(*((Side.SALESFORCE, one) for one in real.crms.salesforce.tasks))
    await real.drain_all()
    assert real.crms.writes == []


async def test_a_lost_answer_is_one_task_and_a_confirmed_entry(
    real: Real, database: Database
) -> None:
    real.crms.faults.after["create_in_hubspot"] = [LOST]
    there = real.crms.salesforce.make({"Subject": "Offer"}, ADA_THERE)
    await real.note((Side.SALESFORCE, there))
    await real.drain_all()

    ((here, row),) = real.crms.hubspot.tasks.items()
    assert row.people == [ADA]
    entries = await PostgresViews(database).journal(real.tenant, limit=10, before=None)
    assert [(e["status"], e["hubspot_id"], e["salesforce_id"]) for e in entries] == [
        ("done", here, there),
        ("confirmed", here, there),
    ]


async def test_a_form_waits_for_its_contact_and_is_told_once(
    real: Real, store: PostgresStore
) -> None:
    for _ in range(2):
        async with store.begin() as work:
            await note_activities(work, [Noticed(real.tenant, new_id(), form(contact=GRACE))])
        await real.drain_all()
    async with store.begin() as work:
        assert len(await work.parked.waiting_for(real.tenant, [GRACE])) == 1
        linked = RecordLinked(
            object_type=ObjectType.CONTACT,
            hubspot_id=GRACE,
            salesforce_id=GRACE_THERE,
            salesforce_object="Contact",
        )
        await note_lifecycle(work, real.tenant, linked, "")
    await real.drain_all()

    (row,) = real.crms.salesforce.tasks.values()
    assert row.people == [GRACE_THERE]
    async with store.begin() as work:
        assert await work.parked.waiting_for(real.tenant, [GRACE]) == []
