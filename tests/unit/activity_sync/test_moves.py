"""A connection that is taken to another Salesforce org: people and pairs stay where they belong."""

import pytest

from services.activity_sync.handlers.batch import Batch, Ledger, OrgLeftError, finish
from services.activity_sync.handlers.note import TASKS
from services.activity_sync.ports import Parked, PersonLink, Record
from shared.contracts.connection import ConnectionEstablished
from shared.contracts.contact_sync import RecordLinked, RecordUnlinked
from shared.contracts.mapping import SyncStarted
from shared.db.aside import aside_id
from shared.kernel.records import ObjectType, Side
from tests.fakes.activity_sync.stage import (
    ADA,
    ADA_THERE,
    CONNECTION,
    GRACE,
    GRACE_THERE,
    ORG,
    PORTAL,
    Stage,
)

OTHER = "00D000000000002"
HERE = ConnectionEstablished(
    portal_id=PORTAL,
    org_id=ORG,
    environment="sandbox",
    instance_url="https://x.test",
    hubspot_app_id="9",
    salesforce_user_id="005A",
)
THERE = HERE.model_copy(update={"org_id": OTHER, "moved": True})
BACK = HERE.model_copy(update={"moved": True})


def linked(org_id: str, hubspot_id: str = GRACE, salesforce_id: str = GRACE_THERE) -> RecordLinked:
    return RecordLinked(
        object_type=ObjectType.CONTACT,
        hubspot_id=hubspot_id,
        salesforce_id=salesforce_id,
        salesforce_object="Contact",
        org_id=org_id,
    )


async def people(stage: Stage) -> dict[str, str]:
    async with stage.store.begin() as work:
        return await work.people.of(CONNECTION, Side.HUBSPOT, [ADA, GRACE])


async def pairs(stage: Stage, record: Record) -> int:
    async with stage.store.begin() as work:
        return len(await work.task_links.of(CONNECTION, [record]))


async def test_people_and_pairs_are_set_aside_and_found_again(stage: Stage) -> None:
    here, _ = await stage.pair()
    task = Record(Side.HUBSPOT, here)
    await stage.hear(THERE)
    assert (await people(stage), await pairs(stage, task)) == ({}, 0)
    await stage.hear(BACK)
    assert (await people(stage), await pairs(stage, task)) == ({ADA: ADA_THERE}, 1)


async def test_the_lanes_are_held_until_the_sync_is_started_there(stage: Stage) -> None:
    await stage.hear(SyncStarted())
    await stage.hear(THERE)
    pause = stage.store.state.mail.pauses[CONNECTION]
    assert pause.paused
    assert "moved to another Salesforce org" in pause.reason
    await stage.hear(SyncStarted())
    assert CONNECTION not in stage.store.state.mail.pauses


async def test_a_link_of_the_org_that_was_left_does_not_appear_in_the_other(stage: Stage) -> None:
    await stage.hear(THERE)
    await stage.hear(linked(ORG))
    assert await people(stage) == {}
    await stage.hear(BACK)
    assert await people(stage) == {ADA: ADA_THERE, GRACE: GRACE_THERE}


async def test_a_link_that_comes_before_the_news_of_the_move_is_there_afterwards(
    stage: Stage,
) -> None:
    await stage.hear(linked(OTHER))
    assert await people(stage) == {ADA: ADA_THERE}
    await stage.hear(THERE)
    assert await people(stage) == {GRACE: GRACE_THERE}


async def test_a_link_is_taken_apart_in_its_own_org(stage: Stage) -> None:
    gone = RecordUnlinked(
        object_type=ObjectType.CONTACT, hubspot_id=ADA, salesforce_id=ADA_THERE, org_id=ORG
    )
    await stage.hear(THERE)
    await stage.hear(linked(OTHER, ADA, ADA_THERE))
    await stage.hear(gone)
    assert await people(stage) == {ADA: ADA_THERE}
    await stage.hear(BACK)
    assert await people(stage) == {}


async def test_a_link_from_an_older_version_is_of_the_org_that_there_is(stage: Stage) -> None:
    await stage.hear(linked(""))
    assert await people(stage) == {ADA: ADA_THERE, GRACE: GRACE_THERE}


async def test_what_waits_of_salesforce_goes_and_what_waits_of_hubspot_stays(
    stage: Stage,
) -> None:
    there = stage.salesforce.make({"Subject": "Offer"}, GRACE_THERE)
    here = stage.hubspot.make({"hs_task_subject": "Call"}, GRACE)
    await stage.tell_all()
    parked = [Parked(Record(Side.SALESFORCE, there), TASKS, "refused", "no")]
    async with stage.store.begin() as work:
        await work.parked.add(CONNECTION, parked)
    await stage.hear(THERE)
    assert stage.store.waiting == {(TASKS, here)}
    assert {owner for owner, _, _ in stage.store.state.parked} == {aside_id(CONNECTION, ORG)}


async def test_a_batch_on_its_way_stores_nothing_in_the_org_that_was_entered(
    stage: Stage,
) -> None:
    known = stage.store.state.connections[CONNECTION]
    await stage.hear(THERE)
    with pytest.raises(OrgLeftError):
        await finish(Batch(stage.drain, known, TASKS, {}), Ledger())


async def test_a_person_is_one_in_each_org(stage: Stage) -> None:
    await stage.hear(THERE)
    await stage.hear(linked(OTHER, ADA, "003B"))
    assert await people(stage) == {ADA: "003B"}
    assert stage.store.state.people[aside_id(CONNECTION, ORG), ADA] == PersonLink(ADA, ADA_THERE)
