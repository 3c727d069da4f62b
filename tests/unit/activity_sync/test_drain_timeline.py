"""Timeline events become finished Salesforce tasks, once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.activity_sync.domain.timeline import NamedAt
from services.activity_sync.ports import Record, Status
from shared.contracts.activity_sync import ActivitySynced
from shared.contracts.settings import ActivitySettings, Settings, TimelineRule
from shared.kernel.errors import RetriableError
from shared.kernel.records import Side
from tests.fakes.activity_sync.stage import (
    ADA,
    ADA_THERE,
    CONNECTION,
    GRACE,
    GRACE_THERE,
    LEASE,
    PORTAL,
    Stage,
    form,
)
from tests.fakes.activity_sync.store import WorkerDiedError

LOST = RetriableError("no answer", code="crm_unavailable")
KEY = "form:4711:101:1"


async def test_a_form_becomes_a_finished_task_about_the_contact(stage: Stage) -> None:
    at = stage.clock.now()
    stage.crms.forms.names[ADA] = (
        NamedAt("Newsletter", at + timedelta(hours=1)),
        NamedAt("Request a demo", at),
    )
    await stage.notice(form())
    await stage.drain_all()

    ((there, row),) = stage.salesforce.tasks.items()
    assert row.values == {
        "Subject": "HubSpot form submission: Request a demo",
        "Description": "Submitted in HubSpot at 2026-03-02 12:00 UTC.",
        "Status": "Completed",
        "Priority": "Normal",
        "ActivityDate": "2026-03-02",
        "Causeway_Key__c": f"{PORTAL}:timeline:{KEY}",
    }
    assert row.people == [ADA_THERE]
    assert stage.store.events == [
        ActivitySynced(hubspot_id=KEY, salesforce_id=there, kind="form_submission")
    ]


async def test_one_task_however_often_it_is_reported(stage: Stage) -> None:
    for _ in range(3):
        await stage.notice(form(), form())
        await stage.drain_all()
    ((there, row),) = stage.salesforce.tasks.items()
    stage.salesforce.edit(there, {"Description": "Called back"})
    await stage.notice(form())
    await stage.settle_down()

    assert stage.crms.writes == ["create_in_salesforce"]
    assert row.values["Description"] == "Called back"
    assert stage.hubspot.tasks == {}


async def test_two_forms_of_one_contact_are_two_tasks(stage: Stage) -> None:
    await stage.notice(form("form:4711:101:1"), form("form:4711:101:2"))
    await stage.settle_down()

    assert len(stage.salesforce.tasks) == 2


async def test_a_contact_without_a_link_waits_for_it(stage: Stage) -> None:
    await stage.notice(form(contact=GRACE), form("form:4711:101:2"))
    await stage.settle_down()
    (parked,) = stage.store.parked
    assert (parked.record, parked.lane) == (Record(Side.HUBSPOT, KEY), "timeline")
    assert parked.person_id == GRACE
    assert len(stage.salesforce.tasks) == 1

    await stage.link(GRACE, GRACE_THERE)
    await stage.settle_down()

    assert stage.store.parked == []
    assert [row.people for row in stage.salesforce.tasks.values()] == [[ADA_THERE], [GRACE_THERE]]


@pytest.mark.parametrize("commit", range(1, 6))
async def test_i6_a_crash_anywhere_makes_one_task(stage: Stage, commit: int) -> None:
    await stage.notice(form())
    stage.store.die_at_commit(commit)
    try:
        await stage.drain_once()
    except WorkerDiedError:
        stage.clock.advance(LEASE * 2)
    await stage.settle_down()

    assert len(stage.salesforce.tasks) == 1
    assert Status.INTENDED not in {entry.status for entry in stage.store.journal}


async def test_lost_answers_are_confirmed_by_what_stands_there(stage: Stage) -> None:
    stage.crms.faults.after["create_in_salesforce"] = [LOST, LOST]
    await stage.notice(form())
    await stage.settle_down()

    assert [(e.status, e.salesforce_id) for e in stage.store.journal] == [
        (Status.CONFIRMED, "00T1"),
        (Status.CONFIRMED, "00T1"),
        (Status.DONE, "00T1"),
    ]
    assert len(stage.salesforce.tasks) == 1


async def test_calls_that_never_arrived_were_not_made(stage: Stage) -> None:
    stage.crms.faults.before["create_in_salesforce"] = [LOST]
    await stage.notice(form())
    await stage.settle_down()

    assert [entry.status for entry in stage.store.journal] == [Status.NOT_MADE, Status.DONE]


async def test_a_refused_task_is_parked(stage: Stage) -> None:
    stage.crms.faults.refuse(f"{PORTAL}:timeline:{KEY}", "INSUFFICIENT_ACCESS")
    await stage.notice(form())
    await stage.settle_down()

    assert [parked.code for parked in stage.store.parked] == ["INSUFFICIENT_ACCESS"]
    assert stage.store.waiting == set()


async def test_a_link_that_comes_while_an_event_is_parked_is_not_missed(stage: Stage) -> None:
    await stage.notice(form(contact=GRACE))
    await stage.drain_all()
    await stage.link(GRACE, GRACE_THERE)
    await stage.drain_all()

    assert len(stage.salesforce.tasks) == 1


def with_rule(rule: TimelineRule) -> Stage:
    return Stage.build(ActivitySettings(timeline=(rule,), timeline_events=()))


async def test_the_timeline_table_decides_what_the_task_looks_like() -> None:
    stage = with_rule(
        TimelineRule(
            event_type="form_submission", task_type="Other", subject="Form: {name}", status="Done"
        )
    )
    stage.crms.forms.names[ADA] = (NamedAt("Request a demo", stage.clock.now()),)
    await stage.notice(form())
    await stage.settle_down()
    (row,) = stage.salesforce.tasks.values()
    told = (row.values["Subject"], row.values["Type"], row.values["Status"])
    assert told == ("Form: Request a demo", "Other", "Done")


@pytest.mark.parametrize(
    "activities",
    [
        ActivitySettings(timeline=(TimelineRule(event_type="form_submission", sync=False),)),
        ActivitySettings(timeline=(TimelineRule(event_type="call_made"),)),
        ActivitySettings(timeline_events=()),
    ],
)
async def test_an_event_that_is_not_told_is_done_without_a_task(
    activities: ActivitySettings,
) -> None:
    stage = Stage.build(activities)
    await stage.notice(form(), form(contact=GRACE))
    await stage.settle_down()
    assert stage.salesforce.tasks == {}
    assert stage.store.parked == []
    assert stage.store.events == []


async def test_a_version_from_before_the_table_tells_its_events_as_before() -> None:
    stage = Stage.build(ActivitySettings(timeline_events=("form_submission",)))
    await stage.notice(form())
    await stage.settle_down()
    (row,) = stage.salesforce.tasks.values()
    assert row.values["Subject"] == "HubSpot form submission: unknown form"
    assert "Type" not in row.values


async def test_a_try_that_broke_off_is_ended_though_the_kind_is_off_now() -> None:
    stage = with_rule(TimelineRule(event_type="form_submission"))
    await stage.notice(form())
    stage.crms.faults.after["create_in_salesforce"] = [LOST]
    await stage.drain_once()
    assert [entry.status for entry in stage.store.journal] == [Status.INTENDED]
    off = ActivitySettings(timeline=(TimelineRule(event_type="form_submission", sync=False),))
    connections = stage.store.state.connections
    connections[CONNECTION] = replace(
        connections[CONNECTION], settings=Settings(version=2, activities=off)
    )
    await stage.settle_down()
    assert len(stage.salesforce.tasks) == 1
    assert [e.status for e in stage.store.journal] == [Status.CONFIRMED, Status.DONE]
