"""Tasks cross over, both ways, one at a time and together."""

import pytest

from services.activity_sync.ports import PersonLink, Record, Status
from shared.contracts.activity_sync import ActivityParked, ActivitySynced
from shared.contracts.settings import ActivitySettings
from shared.kernel.records import Side
from tests.fakes.activity_sync.stage import (
    ADA,
    ADA_THERE,
    CONNECTION,
    GRACE,
    GRACE_THERE,
    ORG,
    PORTAL,
    Stage,
    side_world,
)

FINISH = 6
"""The transaction of one drain that ends it; the people were read in the fourth."""


async def test_a_hubspot_task_becomes_a_salesforce_task(stage: Stage) -> None:
    here = stage.hubspot.make(
        {
            "hs_task_subject": "Call",
            "hs_task_body": "<p>about the <b>offer</b></p>",
            "hs_task_status": "IN_PROGRESS",
            "hs_task_priority": "HIGH",
            "hs_timestamp": "2026-12-01T09:00:00Z",
        },
        ADA,
    )
    await stage.settle_down()

    ((there, row),) = stage.salesforce.tasks.items()
    assert row.values == {
        "Subject": "Call",
        "Description": "about the offer",
        "Status": "In Progress",
        "Priority": "High",
        "ActivityDate": "2026-12-01",
        "Causeway_Key__c": f"{PORTAL}:task:{here}",
    }
    assert row.people == [ADA_THERE]
    assert len(stage.hubspot.tasks) == 1
    assert stage.store.events == [ActivitySynced(hubspot_id=here, salesforce_id=there, kind="task")]


async def test_a_salesforce_task_becomes_a_hubspot_task(stage: Stage) -> None:
    there = stage.salesforce.make({"Subject": "Offer", "Description": "a < b"}, ADA_THERE)
    await stage.settle_down()

    ((here, row),) = stage.hubspot.tasks.items()
    assert row.values == {
        "hs_task_subject": "Offer",
        "hs_task_body": "a &lt; b",
        "hs_task_status": "NOT_STARTED",
        "hs_task_priority": "MEDIUM",
        "hs_timestamp": "2026-03-02T00:00:00Z",
        "causeway_key": f"{ORG}:{there}",
    }
    assert row.people == [ADA]
    assert stage.salesforce.tasks[there].values.get("ActivityDate") is None
    assert len(stage.salesforce.tasks) == 1
    (link,) = stage.store.links
    assert (link.hubspot_id, link.salesforce_id) == (here, there)


async def test_the_write_stands_in_the_journal_with_its_cause(stage: Stage) -> None:
    here = stage.hubspot.make({"hs_task_subject": "Call"}, ADA)
    await stage.settle_down()

    (entry,) = stage.store.journal
    assert (entry.side, entry.operation, entry.status) == (Side.SALESFORCE, "create", Status.DONE)
    assert (entry.hubspot_id, entry.salesforce_id) == (here, "00T1")
    assert {w.field: w.after for w in entry.fields}["subject"] == "Call"
    assert entry.cause["kind"] == "created"
    assert entry.traceparent == "00-trace"


@pytest.mark.parametrize("side", list(Side))
async def test_an_edit_crosses_over(stage: Stage, side: Side) -> None:
    here, there = await stage.pair()
    if side is Side.HUBSPOT:
        stage.hubspot.edit(here, {"hs_task_status": "COMPLETED"})
    else:
        stage.salesforce.edit(there, {"Status": "Completed"})
    await stage.settle_down()

    assert stage.hubspot.tasks[here].values["hs_task_status"] == "COMPLETED"
    assert stage.salesforce.tasks[there].values["Status"] == "Completed"
    assert stage.crms.writes == ["update"]


async def test_both_halves_claimed_together_are_planned_once(stage: Stage) -> None:
    here, there = await stage.pair()
    stage.hubspot.edit(here, {"hs_task_subject": "Call today"})
    stage.salesforce.edit(there, {"Description": "about the offer"})
    await stage.tell_all()
    assert await stage.drain_once() == 2

    assert stage.salesforce.tasks[there].values["Subject"] == "Call today"
    assert stage.hubspot.tasks[here].values["hs_task_body"] == "about the offer"
    assert stage.crms.writes == ["update", "update"]
    assert len(stage.store.journal) == 3
    assert stage.store.waiting == set()


async def test_a_pair_without_a_difference_costs_no_write(stage: Stage) -> None:
    here, _ = await stage.pair()
    stage.hubspot.edit(here, {"hs_task_type": "CALL"})
    await stage.settle_down()

    assert stage.crms.writes == []


async def test_a_custom_status_leaves_hubspot_alone(stage: Stage) -> None:
    here, there = await stage.pair()
    stage.salesforce.edit(there, {"Status": "Blocked", "Description": "no budget"})
    await stage.settle_down()
    stage.hubspot.edit(here, {"hs_task_subject": "Call again"})
    await stage.settle_down()

    assert stage.hubspot.tasks[here].values.get("hs_task_status") is None
    assert stage.hubspot.tasks[here].values["hs_task_body"] == "no budget"
    assert stage.salesforce.tasks[there].values["Status"] == "Blocked"
    assert stage.salesforce.tasks[there].values["Subject"] == "Call again"


async def test_a_task_about_somebody_unlinked_is_parked_and_told(stage: Stage) -> None:
    here = stage.hubspot.make({"hs_task_subject": "Call"}, GRACE)
    await stage.tell_all()
    await stage.drain_all()

    (parked,) = stage.store.parked
    assert (parked.record, parked.person_id) == (Record(Side.HUBSPOT, here), GRACE)
    (event,) = stage.store.events
    assert isinstance(event, ActivityParked)
    assert event.code == "contact_not_linked"
    assert stage.store.waiting == set()
    assert stage.salesforce.tasks == {}


async def test_one_of_two_people_is_linked(stage: Stage) -> None:
    stage.hubspot.make({"hs_task_subject": "Call"}, GRACE, ADA)
    await stage.settle_down()

    (row,) = stage.salesforce.tasks.values()
    assert row.people == [ADA_THERE]


@pytest.mark.parametrize("side", list(Side))
async def test_a_direction_that_is_switched_off(side: Side) -> None:
    stage = Stage.build(
        ActivitySettings(
            hubspot_tasks_to_salesforce=side is not Side.HUBSPOT,
            salesforce_tasks_to_hubspot=side is not Side.SALESFORCE,
        )
    )
    stage.hubspot.make({"hs_task_subject": "Call"}, ADA)
    stage.salesforce.make({"Subject": "Offer"}, ADA_THERE)
    await stage.settle_down()

    assert len(side_world(stage, side).tasks) == 2
    assert len(side_world(stage, side.other).tasks) == 1
    assert stage.store.parked == []

    (link,) = stage.store.links
    stage.hubspot.edit(link.hubspot_id, {"hs_task_subject": "New"})
    stage.salesforce.edit(link.salesforce_id, {"Description": "New"})
    await stage.settle_down()

    crossed = stage.salesforce.tasks[link.salesforce_id].values["Subject"] == "New"
    back = stage.hubspot.tasks[link.hubspot_id].values.get("hs_task_body") == "New"
    assert (crossed, back) == (side is not Side.HUBSPOT, side is not Side.SALESFORCE)


@pytest.mark.parametrize("side", list(Side))
async def test_a_deleted_half_is_not_made_again(stage: Stage, side: Side) -> None:
    here, there = await stage.pair()
    side_world(stage, side).delete(here if side is Side.HUBSPOT else there)
    await stage.settle_down()
    left = side_world(stage, side.other)
    left.edit(*(here, {"hs_task_body": "x"}) if side.other is Side.HUBSPOT else (there, {"a": "x"}))
    await stage.settle_down()

    assert side_world(stage, side).tasks == {}
    assert len(left.tasks) == 1
    assert stage.crms.writes == []
    assert len(stage.store.links) == 1


async def test_a_pair_that_is_gone_on_both_sides_is_forgotten(stage: Stage) -> None:
    here, there = await stage.pair()
    stage.hubspot.delete(here)
    stage.salesforce.delete(there)
    await stage.settle_down()

    assert stage.store.links == []
    assert stage.store.waiting == set()


async def test_a_told_timeline_event_never_crosses_back(stage: Stage) -> None:
    stage.salesforce.make(
        {"Subject": "Form", "Causeway_Key__c": f"{PORTAL}:timeline:form:1"}, ADA_THERE
    )
    await stage.settle_down()

    assert stage.hubspot.tasks == {}
    assert stage.store.parked == []


async def test_a_task_of_another_portal_of_the_org_is_a_task(stage: Stage) -> None:
    stage.salesforce.make({"Subject": "Offer", "Causeway_Key__c": "8888:task:9"}, ADA_THERE)
    await stage.settle_down()

    assert len(stage.hubspot.tasks) == 1


async def test_a_task_that_is_about_nobody_stays(stage: Stage) -> None:
    stage.hubspot.make({"hs_task_subject": "Tidy up"})
    stage.salesforce.make({"Subject": "Tidy up"})
    await stage.settle_down()

    assert stage.crms.writes == []
    assert stage.store.parked == []


async def test_a_link_that_comes_while_a_task_is_parked_is_not_missed(stage: Stage) -> None:
    stage.hubspot.make({"hs_task_subject": "Call"}, GRACE)
    await stage.tell_all()
    grace = {(CONNECTION, GRACE): PersonLink(GRACE, GRACE_THERE)}
    stage.store.before_transaction(FINISH, lambda: stage.store.state.people.update(grace))
    await stage.drain_once()

    assert stage.store.parked == []
    assert stage.store.events == []
    await stage.settle_down()
    assert len(stage.salesforce.tasks) == 1
