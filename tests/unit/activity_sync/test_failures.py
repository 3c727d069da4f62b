"""Refusals, lost answers and crashes: nothing doubled, nothing dropped (I6, I7)."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.activity_sync.handlers.batch import MAX_ATTEMPTS
from services.activity_sync.ports import Record, Status
from shared.crm.errors import CrmAuthError
from shared.kernel.errors import FatalError, RetriableError
from shared.kernel.records import Side
from tests.fakes.activity_sync.stage import (
    ADA,
    ADA_THERE,
    CONNECTION,
    LEASE,
    ORG,
    PORTAL,
    Stage,
)
from tests.fakes.activity_sync.store import WorkerDiedError

LOST = RetriableError("no answer", code="crm_unavailable")


async def test_a_refused_creation_is_parked_with_the_reason(stage: Stage) -> None:
    here = stage.hubspot.make({"hs_task_subject": "Call"}, ADA)
    stage.crms.faults.refuse(f"{PORTAL}:task:{here}", "FIELD_INTEGRITY_EXCEPTION")
    await stage.settle_down()

    (parked,) = stage.store.parked
    assert parked.record == Record(Side.HUBSPOT, here)
    assert parked.code == "FIELD_INTEGRITY_EXCEPTION"
    (entry,) = stage.store.journal
    assert entry.status is Status.REFUSED
    assert entry.error == "FIELD_INTEGRITY_EXCEPTION: Refused on demand."
    assert stage.store.links == []


async def test_one_refusal_does_not_touch_its_neighbours(stage: Stage) -> None:
    first = stage.hubspot.make({"hs_task_subject": "First"}, ADA)
    stage.hubspot.make({"hs_task_subject": "Second"}, ADA)
    stage.crms.faults.refuse(f"{PORTAL}:task:{first}", "REQUIRED_FIELD_MISSING")
    await stage.settle_down()

    assert [row.values["Subject"] for row in stage.salesforce.tasks.values()] == ["Second"]
    assert len(stage.store.parked) == 1


async def test_a_parked_task_leaves_the_list_when_it_succeeds(stage: Stage) -> None:
    here = stage.hubspot.make({"hs_task_subject": "Call"}, ADA)
    stage.crms.faults.refuse(f"{PORTAL}:task:{here}", "REQUIRED_FIELD_MISSING")
    await stage.settle_down()
    stage.hubspot.edit(here, {"hs_task_body": "now it fits"})
    await stage.settle_down()

    assert stage.store.parked == []
    assert len(stage.salesforce.tasks) == 1


async def test_a_parked_half_leaves_the_list_when_the_other_half_mends_the_pair(
    stage: Stage,
) -> None:
    here, there = await stage.pair()
    stage.crms.faults.refuse(there, "VALIDATION")
    stage.hubspot.edit(here, {"hs_task_body": "too much"})
    await stage.settle_down()
    assert [parked.record.side for parked in stage.store.parked] == [Side.HUBSPOT]

    stage.salesforce.edit(there, {"Subject": "Mended"})
    await stage.settle_down()

    assert stage.store.parked == []
    assert stage.salesforce.tasks[there].values["Description"] == "too much"


async def test_a_retriable_refusal_waits_and_then_succeeds(stage: Stage) -> None:
    here, there = await stage.pair()
    stage.crms.faults.refuse(there, "UNABLE_TO_LOCK_ROW", retriable=True)
    stage.hubspot.edit(here, {"hs_task_subject": "New"})
    await stage.tell_all()
    await stage.drain_all()
    row = stage.store.state.mail.rows[CONNECTION, "task", "hubspot", here]
    assert (row.attempts, row.reason) == (1, "refused for now")

    await stage.settle_down()
    assert stage.salesforce.tasks[there].values["Subject"] == "New"
    assert stage.store.parked == []


async def test_retriable_refusals_are_bounded(stage: Stage) -> None:
    here, there = await stage.pair()
    stage.crms.faults.refuse(there, "UNABLE_TO_LOCK_ROW", retriable=True, times=99)
    stage.hubspot.edit(here, {"hs_task_subject": "New"})
    await stage.settle_down()

    assert stage.crms.writes == ["update"] * (MAX_ATTEMPTS + 1)
    assert [parked.code for parked in stage.store.parked] == ["UNABLE_TO_LOCK_ROW"]


async def test_a_refusal_while_both_halves_are_claimed_settles_both(stage: Stage) -> None:
    here, there = await stage.pair()
    stage.crms.faults.refuse(there, "VALIDATION")
    stage.crms.faults.refuse(here, "UNABLE_TO_LOCK_ROW", retriable=True)
    stage.hubspot.edit(here, {"hs_task_subject": "New"})
    stage.salesforce.edit(there, {"Description": "New"})
    await stage.tell_all()
    assert await stage.drain_once() == 2

    assert stage.store.waiting == set()
    assert [parked.code for parked in stage.store.parked] == ["VALIDATION"]


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("heard_first", [True, False], ids=["echo first", "retry first"])
async def test_an_answer_that_was_lost_after_the_effect(
    stage: Stage, side: Side, *, heard_first: bool
) -> None:
    method = f"create_in_{side.other.value}"
    stage.crms.faults.after[method] = [LOST]
    if side is Side.HUBSPOT:
        stage.hubspot.make({"hs_task_subject": "Call", "hs_task_status": "WAITING"}, ADA)
    else:
        stage.salesforce.make({"Subject": "Offer", "Status": "Blocked"}, ADA_THERE)
    await stage.tell_all()
    await stage.drain_all()
    assert len(stage.store.waiting) == 1
    if heard_first:
        await stage.tell_all()
        await stage.drain_all()
    await stage.settle_down()

    assert (len(stage.hubspot.tasks), len(stage.salesforce.tasks)) == (1, 1)
    assert len(stage.store.links) == 1
    assert {entry.status for entry in stage.store.journal} <= {Status.CONFIRMED, Status.DONE}
    first = stage.store.journal[0]
    assert first.status is Status.CONFIRMED
    both = {*stage.hubspot.tasks, *stage.salesforce.tasks}
    assert {first.hubspot_id, first.salesforce_id} == both
    expected = "Waiting on someone else" if side is Side.HUBSPOT else "Blocked"
    assert stage.salesforce.tasks["00T1"].values["Status"] == expected
    (here,) = stage.hubspot.tasks.values()
    assert here.people == [ADA]


async def test_a_call_that_never_arrived_is_made_again(stage: Stage) -> None:
    stage.crms.faults.before["create_in_salesforce"] = [LOST, LOST]
    stage.hubspot.make({"hs_task_subject": "Call"}, ADA)
    await stage.settle_down()

    assert len(stage.salesforce.tasks) == 1
    assert [entry.status for entry in stage.store.journal] == [
        Status.NOT_MADE,
        Status.NOT_MADE,
        Status.DONE,
    ]


async def test_a_copy_whose_contact_could_not_be_associated_gets_it_later(stage: Stage) -> None:
    stage.crms.faults.before["associate"] = [LOST]
    there = stage.salesforce.make({"Subject": "Offer"}, ADA_THERE)
    await stage.settle_down()

    ((_, row),) = stage.hubspot.tasks.items()
    assert row.people == [ADA]
    assert row.values["causeway_key"] == f"{ORG}:{there}"
    assert stage.salesforce.tasks.keys() == {there}


@pytest.mark.parametrize("commit", range(1, 8))
@pytest.mark.parametrize("side", list(Side))
async def test_i6_a_worker_that_dies_anywhere_doubles_nothing(
    stage: Stage, side: Side, commit: int
) -> None:
    if side is Side.HUBSPOT:
        stage.hubspot.make({"hs_task_subject": "Call"}, ADA)
    else:
        stage.salesforce.make({"Subject": "Offer"}, ADA_THERE)
    await stage.tell_all()
    stage.store.die_at_commit(commit)
    try:
        await stage.drain_once()
    except WorkerDiedError:
        stage.clock.advance(LEASE * 2)
    await stage.settle_down()

    assert (len(stage.hubspot.tasks), len(stage.salesforce.tasks)) == (1, 1)
    assert len(stage.store.links) == 1
    assert Status.INTENDED not in {entry.status for entry in stage.store.journal}


@pytest.mark.parametrize("death", [False, True], ids=["lost answer", "death"])
async def test_an_update_that_was_made_before_the_crash_is_confirmed(
    stage: Stage, *, death: bool
) -> None:
    here, there = await stage.pair()
    stage.hubspot.edit(here, {"hs_task_subject": "New"})
    await stage.tell_all()
    if death:
        stage.store.die_at_commit(7)
        with pytest.raises(WorkerDiedError):
            await stage.drain_once()
        stage.clock.advance(LEASE * 2)
    else:
        stage.crms.faults.after["update"] = [LOST]
    await stage.settle_down()

    assert stage.salesforce.tasks[there].values["Subject"] == "New"
    assert stage.crms.writes == ["update"]
    assert [e.status for e in stage.store.journal] == [Status.DONE, Status.CONFIRMED]


async def test_a_copy_whose_original_went_away_before_the_link_is_left(stage: Stage) -> None:
    stage.crms.faults.after["create_in_hubspot"] = [LOST]
    there = stage.salesforce.make({"Subject": "Offer"}, ADA_THERE)
    await stage.tell_all()
    await stage.drain_all()
    stage.salesforce.delete(there)
    await stage.settle_down()

    assert stage.salesforce.tasks == {}
    assert len(stage.hubspot.tasks) == 1


@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        (RetriableError("busy", code="busy"), 1),
        (RetriableError("quota", code="quota_exhausted", retry_after=90.0), 0),
        (FatalError("no right", code="forbidden"), 1),
    ],
)
async def test_i7_a_batch_that_fails_as_a_whole_waits(
    stage: Stage, error: RetriableError | FatalError, attempts: int
) -> None:
    here = stage.hubspot.make({"hs_task_subject": "Call"}, ADA)
    stage.crms.faults.before["hubspot_tasks"] = [error]
    await stage.tell_all()
    await stage.drain_all()

    row = stage.store.state.mail.rows[CONNECTION, "task", "hubspot", here]
    assert (row.attempts, row.reason) == (attempts, error.code)
    assert row.due_at > stage.clock.now()
    await stage.settle_down()
    assert len(stage.salesforce.tasks) == 1


async def test_without_settings_everything_waits(stage: Stage) -> None:
    known = stage.store.state.connections.pop(CONNECTION)
    stage.hubspot.make({"hs_task_subject": "Call"}, ADA)
    await stage.tell_all()
    await stage.drain_all()
    assert len(stage.store.waiting) == 1
    assert stage.crms.calls == []

    stage.store.state.connections[CONNECTION] = known
    await stage.settle_down()
    assert len(stage.salesforce.tasks) == 1


async def test_a_change_during_the_drain_is_not_lost(stage: Stage) -> None:
    here, there = await stage.pair()
    stage.hubspot.edit(here, {"hs_task_subject": "First"})
    await stage.tell_all()

    def edit() -> None:
        stage.hubspot.edit(here, {"hs_task_subject": "Second"})

    stage.store.before_transaction(6, edit)
    await stage.drain_once()
    await stage.settle_down()

    assert stage.salesforce.tasks[there].values["Subject"] == "Second"


async def test_p9_a_task_that_breaks_the_drain_is_parked_and_its_neighbours_pass(
    stage: Stage,
) -> None:
    first = stage.hubspot.make({"hs_task_subject": "First"}, ADA)
    stage.hubspot.make({"hs_task_subject": "Second"}, ADA)
    well = stage.hash_of

    def breaks(connection_id: UUID, side: Side, record_id: str, field: str, value: object) -> str:
        if record_id == first:
            raise ValueError("First")
        return well(connection_id, side, record_id, field, value)

    await stage.tell_all()
    stage.hash_of = breaks
    await stage.settle_down()

    assert first in {parked.record.id for parked in stage.store.parked}
    assert {parked.code for parked in stage.store.parked} == {"unexpected"}
    assert "First" not in str(stage.store.parked)
    assert len(stage.store.links) == 1
    assert len(stage.salesforce.tasks) == 2


async def test_a_dead_grant_parks_no_activity_however_often_it_is_met(stage: Stage) -> None:
    here = [stage.hubspot.make({"hs_task_subject": f"Call {n}"}, ADA) for n in range(6)]
    await stage.tell_all()
    for _ in range(7):  # more tries than an activity has before it is parked
        stage.crms.faults.before["hubspot_tasks"] = [CrmAuthError("Connect again.", code="broken")]
        await stage.drain_once()
        stage.clock.advance(timedelta(minutes=2))
    assert stage.store.parked == []
    await stage.drain_all()
    assert {link.hubspot_id for link in stage.store.links} == set(here)
