"""Draining on fakes: values that change, conflicts, what is skipped, fights over a field."""

from datetime import timedelta

from services.contact_sync.domain.journal import Status
from shared.contracts.contact_sync import RecordSynced
from shared.contracts.settings import ContactSettings, SyncRule
from shared.kernel.records import Side
from tests.fakes.contact_sync.stage import CONNECTION, MAPPINGS, Stage, mapping


async def synced(stage: Stage, **values: object) -> tuple[str, str]:
    """One person on both sides, at rest; the calls so far are forgotten."""
    right = stage.crms.salesforce.add(Email="ada@x.test", **values)
    await stage.settle_down()
    stage.crms.calls.clear()
    stage.store.state.outbox.clear()
    stage.clock.advance(timedelta(hours=1))
    return stage.store.links[0].hubspot_id, right


async def test_an_edit_crosses_over_and_is_explained(stage: Stage) -> None:
    left, right = await synced(stage, Phone="1")
    stage.crms.hubspot.edit(left, phone="2")
    await stage.tell_all()
    await stage.drain_once()

    assert stage.crms.salesforce.value(right, "Phone") == "2"
    (write,) = stage.store.journal[-1].fields
    assert (write.field, write.before, write.after) == ("Phone", "1", "2")
    assert (write.rule, write.why) == ("two_way", "only HubSpot changed")
    assert stage.store.events == [
        RecordSynced(
            object_type="contact",
            hubspot_id=left,
            salesforce_id=right,
            hubspot_fields=0,
            salesforce_fields=1,
        )
    ]


async def test_a_record_that_does_not_differ_is_skipped_without_a_write(stage: Stage) -> None:
    left, right = await synced(stage)
    await stage.note(Side.HUBSPOT, left)
    await stage.note(Side.SALESFORCE, right)
    journal = len(stage.store.journal)
    await stage.drain_once()

    assert stage.crms.writes == []
    assert stage.crms.calls.count("hubspot_by_id") == 1
    assert stage.crms.calls.count("salesforce") == 1
    assert "hubspot_times" not in stage.crms.calls
    assert len(stage.store.journal) == journal
    assert stage.store.events == []
    assert stage.store.waiting == set()


async def test_clearing_crosses_over(stage: Stage) -> None:
    left, right = await synced(stage, Phone="1", FirstName="Ada")
    stage.crms.hubspot.edit(left, phone="")
    stage.crms.salesforce.edit(right, FirstName=None)
    await stage.settle_down()

    assert stage.crms.salesforce.value(right, "Phone") is None
    assert stage.crms.hubspot.value(left, "firstname") is None


async def test_history_is_read_once_and_only_for_records_in_conflict(stage: Stage) -> None:
    fought = [await synced(stage, Phone="1")]
    for number in range(2):
        right = stage.crms.salesforce.add(Email=f"{number}@x.test", Phone="1")
        await stage.settle_down()
        left = next(x.hubspot_id for x in stage.store.links if x.salesforce_id == right)
        fought.append((left, right))
    stage.crms.calls.clear()
    (first, first_sf), (second, _), (third, third_sf) = fought
    for record_id, value in ((first_sf, "early"), (third_sf, "late")):
        if value == "early":
            stage.crms.salesforce.edit(record_id, Phone=value)
    stage.clock.advance(timedelta(minutes=1))
    for record_id in (first, second, third):
        stage.crms.hubspot.edit(record_id, phone="h")
    stage.clock.advance(timedelta(minutes=1))
    stage.crms.salesforce.edit(third_sf, Phone="late")
    await stage.tell_all()
    await stage.drain_once()

    assert stage.crms.wanted_times == [{first: ("phone",), third: ("phone",)}]
    assert stage.crms.salesforce.value(first_sf, "Phone") == "h"
    assert stage.crms.hubspot.value(third, "phone") == "late"
    assert stage.crms.calls.count("hubspot_times") == 1


async def test_changes_that_cannot_be_ordered_go_to_salesforce_or_to_a_person() -> None:
    for setting, hubspot_value in (("salesforce_wins", "s"), ("review", "h")):
        stage = Stage.build(
            contacts=ContactSettings.model_validate({"undecidable": setting}),
        )
        left, right = await synced(stage, Phone="1")
        stage.crms.hubspot.edit(left, phone="h")
        stage.clock.advance(timedelta(seconds=1))
        stage.crms.salesforce.edit(right, Phone="s")
        await stage.tell_all()
        await stage.drain_once()

        assert stage.crms.hubspot.value(left, "phone") == hubspot_value
        assert stage.crms.salesforce.value(right, "Phone") == "s"
        parked = [(p.code, p.field) for p in stage.store.parked]
        assert parked == ([] if setting == "salesforce_wins" else [("needs_review", "phone")])


async def test_a_value_that_cannot_cross_parks_its_field_and_lets_the_others_pass() -> None:
    stage = Stage.build(*MAPPINGS, mapping("motto", "Motto__c", SyncRule.TWO_WAY, max_length=5))
    left, right = await synced(stage)
    stage.crms.hubspot.edit(left, motto="much too long", phone="2")
    await stage.tell_all()
    await stage.drain_once()

    assert stage.crms.salesforce.value(right, "Phone") == "2"
    assert stage.crms.salesforce.value(right, "Motto__c") is None
    assert [(p.code, p.field) for p in stage.store.parked] == [("value_too_long", "motto")]

    stage.crms.hubspot.edit(left, motto="short")
    await stage.settle_down()
    assert stage.crms.salesforce.value(right, "Motto__c") == "short"
    assert stage.store.parked == []


async def test_an_edit_during_the_work_is_not_lost(stage: Stage) -> None:
    left, right = await synced(stage, Phone="1")
    stage.crms.hubspot.edit(left, phone="2")
    await stage.tell_all()

    async def edit_and_tell() -> None:
        stage.crms.hubspot.edit(left, phone="3")
        await stage.tell_all()

    stage.crms.faults.meanwhile["update_in_salesforce"] = [edit_and_tell]
    await stage.drain_once()
    assert ("hubspot", left) in stage.store.waiting
    await stage.drain_once()

    assert stage.crms.salesforce.value(right, "Phone") == "3"


async def test_a_field_that_is_changed_back_five_times_holds_the_record(stage: Stage) -> None:
    left, right = await synced(stage, FirstName="Ada")
    for _ in range(8):
        stage.clock.advance(timedelta(seconds=30))
        stage.crms.hubspot.edit(left, firstname="Automation")
        await stage.tell_all()
        await stage.drain_all()

    assert [p.code for p in stage.store.parked] == ["write_war"]
    assert stage.store.links[0].near_misses == {"hubspot:firstname": 5}
    assert len(stage.crms.writes) == 5
    assert stage.crms.hubspot.value(left, "firstname") == "Automation"
    assert stage.crms.salesforce.value(right, "FirstName") == "Ada"


async def test_edits_that_are_hours_apart_are_no_fight(stage: Stage) -> None:
    left, _ = await synced(stage, FirstName="Ada")
    for _ in range(8):
        stage.clock.advance(timedelta(hours=1))
        stage.crms.hubspot.edit(left, firstname="Automation")
        await stage.tell_all()
        await stage.drain_all()

    assert stage.store.parked == []
    assert stage.crms.hubspot.value(left, "firstname") == "Ada"


async def test_every_entry_of_the_journal_is_settled_in_quiet_times(stage: Stage) -> None:
    left, _ = await synced(stage, Phone="1")
    stage.crms.hubspot.edit(left, phone="2")
    await stage.settle_down()

    assert {entry.status for entry in stage.store.journal} == {Status.DONE}
    assert CONNECTION in {owner for owner, _ in stage.store.state.journal.values()}
