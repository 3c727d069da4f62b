"""Walking all people of one side, and putting a parked record back."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.contact_sync.handlers.imports import (
    PAGE,
    import_page,
    retry_parked,
    start_import,
)
from services.contact_sync.ports import Import
from shared.crm.errors import CrmAuthError
from shared.kernel.errors import FatalError, RetriableError
from shared.kernel.records import Side
from shared.outbox.mail import Priority
from tests.fakes.contact_sync.stage import CONNECTION, LEASE, Stage
from tests.fakes.contact_sync.store import WorkerDiedError

IMPORT = UUID(int=9)


async def start(stage: Stage, side: Side) -> None:
    started = await start_import(stage.store, import_id=IMPORT, connection_id=CONNECTION, side=side)
    assert started is not None


async def walk(stage: Stage) -> int:
    """Pages until nothing is due; answers how many were noted."""
    pages = 0
    while await import_page(stage.importer):
        pages += 1
    return pages


def progress(stage: Stage) -> Import:
    return stage.store.state.imports[IMPORT][0]


async def test_an_unknown_connection_cannot_be_imported(stage: Stage) -> None:
    other = UUID(int=2)
    assert (
        await start_import(stage.store, import_id=IMPORT, connection_id=other, side=Side.HUBSPOT)
        is None
    )


async def test_all_hubspot_people_are_noted_a_page_at_a_time(stage: Stage) -> None:
    ones = {stage.crms.hubspot.add(email=f"{n}@x.test") for n in range(PAGE + 3)}
    await start(stage, Side.HUBSPOT)

    assert await walk(stage) == 2
    assert stage.store.waiting == {("hubspot", one) for one in ones}
    assert (progress(stage).state, progress(stage).noted) == ("noted", PAGE + 3)
    row = next(iter(stage.store.state.mail.rows.values()))
    assert row.priority == Priority.IMPORT
    assert row.note.cause == {"kind": "import", "import_id": str(IMPORT), "side": "hubspot"}
    assert set(stage.crms.purposes) == {"import"}


async def test_a_last_page_that_is_full_is_followed_by_an_empty_one(stage: Stage) -> None:
    for n in range(PAGE):
        stage.crms.hubspot.add(email=f"{n}@x.test")
    await start(stage, Side.HUBSPOT)

    assert await walk(stage) == 2
    assert (progress(stage).state, progress(stage).noted) == ("noted", PAGE)


async def test_salesforce_contacts_and_then_leads_are_walked(stage: Stage) -> None:
    people = {
        stage.crms.salesforce.add(name, Email=f"{name}@x.test") for name in ("Contact", "Lead")
    }
    await start(stage, Side.SALESFORCE)
    await import_page(stage.importer)
    assert (progress(stage).object_name, progress(stage).cursor) == ("Lead", "")

    assert await walk(stage) == 1
    assert stage.store.waiting == {("salesforce", one) for one in people}
    assert progress(stage).state == "noted"


async def test_a_worker_that_dies_between_two_pages_resumes_at_its_row(stage: Stage) -> None:
    for n in range(2 * PAGE + 1):
        stage.crms.hubspot.add(email=f"{n}@x.test")
    await start(stage, Side.HUBSPOT)
    await import_page(stage.importer)
    cursor = progress(stage).cursor
    stage.store.die_at_commit(2)
    with pytest.raises(WorkerDiedError):
        await import_page(stage.importer)
    assert progress(stage).cursor == cursor
    assert len(stage.store.waiting) == PAGE
    assert not await import_page(stage.importer)

    stage.clock.advance(LEASE + timedelta(seconds=1))
    await walk(stage)
    assert progress(stage).noted == 2 * PAGE + 1
    assert len(stage.store.waiting) == 2 * PAGE + 1


async def test_a_failed_page_is_asked_again_later_and_holds_up_no_other_import(
    stage: Stage,
) -> None:
    stage.crms.hubspot.add(email="a@x.test")
    await start(stage, Side.HUBSPOT)
    second = Import(UUID(int=10), CONNECTION, Side.HUBSPOT, "contacts", state="walking")
    async with stage.store.begin() as work:
        await work.imports.add(second)
    stage.crms.faults.before["page_of_ids"] = [RetriableError("busy", code="busy")]

    assert await import_page(stage.importer)
    assert (progress(stage).state, progress(stage).problem) == ("walking", "busy")
    assert await walk(stage) == 1
    assert stage.store.state.imports[second.id][0].state == "noted"

    stage.clock.advance(timedelta(minutes=1))
    await walk(stage)
    assert (progress(stage).state, progress(stage).problem) == ("noted", None)


async def test_a_page_that_was_told_when_to_come_back_comes_then(stage: Stage) -> None:
    stage.crms.hubspot.add(email="a@x.test")
    await start(stage, Side.HUBSPOT)
    full = RetriableError("the window is full", code="quota_exhausted", retry_after=0.5)
    stage.crms.faults.before["page_of_ids"] = [full]
    await import_page(stage.importer)
    assert not await import_page(stage.importer)

    stage.clock.advance(timedelta(seconds=0.6))
    assert await walk(stage) == 1
    assert progress(stage).state == "noted"


async def test_a_page_that_is_refused_ends_the_import_with_the_reason(stage: Stage) -> None:
    await start(stage, Side.SALESFORCE)
    stage.crms.faults.before["page_of_ids"] = [FatalError("no access to Lead", code="INVALID_TYPE")]
    await walk(stage)

    assert (progress(stage).state, progress(stage).problem) == ("failed", "no access to Lead")


async def test_an_imported_person_is_synced_like_any_other(stage: Stage) -> None:
    stage.crms.salesforce.add(Email="ada@x.test")
    stage.crms.news.clear()
    await start(stage, Side.SALESFORCE)
    await walk(stage)
    await stage.drain_all()

    assert len(stage.store.links) == 1
    assert stage.store.journal[0].cause["import_id"] == str(IMPORT)


async def test_a_parked_record_is_put_back_ahead_of_everything(stage: Stage) -> None:
    one = stage.crms.hubspot.add(email="a@x.test", lastname="L")
    stage.crms.faults.refuse(f"4711:contact:{one}", "DUPLICATES_DETECTED")
    await stage.settle_down()
    (parked_id,) = stage.store.state.parked

    assert await retry_parked(stage.store, CONNECTION, parked_id)

    (row,) = stage.store.state.mail.rows.values()
    assert row.priority == Priority.INTERACTIVE
    await stage.drain_all()
    assert stage.store.parked == []
    assert len(stage.store.links) == 1


async def test_a_retry_of_what_is_not_parked_says_so(stage: Stage) -> None:
    assert not await retry_parked(stage.store, CONNECTION, UUID(int=404))


async def test_a_retry_ends_the_hold_of_a_fought_over_record(stage: Stage) -> None:
    right = stage.crms.salesforce.add(Email="a@x.test", FirstName="Ada")
    await stage.settle_down()
    left = stage.store.links[0].hubspot_id
    for _ in range(6):
        stage.crms.hubspot.edit(left, firstname="Automation")
        await stage.tell_all()
        await stage.drain_all()
    (parked_id,) = stage.store.state.parked

    assert await retry_parked(stage.store, CONNECTION, parked_id)
    await stage.drain_all()

    assert stage.store.parked == []
    assert stage.crms.hubspot.value(left, "firstname") == "Ada"
    assert stage.crms.salesforce.value(right, "FirstName") == "Ada"


async def test_an_import_outlives_a_dead_grant(stage: Stage) -> None:
    stage.crms.hubspot.add(email="a@x.test")
    started = stage.new_id()
    await start_import(stage.store, import_id=started, connection_id=CONNECTION, side=Side.HUBSPOT)
    dead = CrmAuthError("Connect again.", code="connection_broken")
    stage.crms.faults.before["page_of_ids"] = [dead]
    assert await import_page(stage.importer)
    waiting, _ = stage.store.state.imports[started]
    assert (waiting.state, waiting.problem) == ("walking", "Connect again.")
    assert not await import_page(stage.importer)
    stage.clock.advance(timedelta(minutes=2))
    assert await import_page(stage.importer)
    done, _ = stage.store.state.imports[started]
    assert (done.state, done.noted, done.problem) == ("noted", 1, None)
