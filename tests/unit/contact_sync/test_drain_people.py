"""Draining on fakes: who is created, matched, followed, held back."""

import pytest

from services.contact_sync.domain.journal import Operation, Status
from shared.contracts.contact_sync import (
    RecordLinked,
    RecordParked,
    RecordSynced,
    RecordUnlinked,
)
from shared.contracts.settings import ContactSettings
from shared.kernel.records import Side
from shared.outbox.mail import Priority
from tests.fakes.contact_sync.stage import ORG, Stage


def pairs(stage: Stage) -> set[tuple[str, str]]:
    return {(link.hubspot_id, link.salesforce_id) for link in stage.store.links}


def codes(stage: Stage) -> set[tuple[str, str, str]]:
    return {(p.claim.side.value, p.claim.record_id, p.code) for p in stage.store.parked}


async def test_a_hubspot_contact_makes_a_salesforce_contact(stage: Stage) -> None:
    one = stage.crms.hubspot.add(
        email="Ada@x.test", firstname="Ada", lastname="L", phone="1", jobtitle="Countess"
    )
    await stage.note(Side.HUBSPOT, one)

    assert await stage.drain_once() == 1

    ((made, record),) = stage.crms.salesforce.records.items()
    assert record.object_name == "Contact"
    assert record.values == {
        "Email": "ada@x.test",
        "FirstName": "Ada",
        "LastName": "L",
        "Phone": "1",
        "Causeway_Key__c": f"4711:contact:{one}",
    }
    assert pairs(stage) == {(one, made)}
    assert stage.store.waiting == set()


async def test_a_creation_is_journalled_and_told(stage: Stage) -> None:
    one = stage.crms.hubspot.add(email="ada@x.test", lastname="L")
    await stage.note(Side.HUBSPOT, one)
    await stage.drain_once()

    made = next(iter(stage.crms.salesforce.records))
    (entry,) = stage.store.journal
    assert (entry.side, entry.operation, entry.status) == (
        Side.SALESFORCE,
        Operation.CREATE,
        Status.DONE,
    )
    assert (entry.hubspot_id, entry.salesforce_id) == (one, made)
    assert [(w.field, w.before, w.after) for w in entry.fields] == [
        ("Email", None, "ada@x.test"),
        ("LastName", None, "L"),
    ]
    assert entry.cause == {"kind": "updated"}
    assert entry.settings_version == 1
    linked, synced = stage.store.events
    assert isinstance(linked, RecordLinked)
    assert isinstance(synced, RecordSynced)
    assert linked.org_id == ORG


async def test_a_salesforce_contact_makes_a_hubspot_contact(stage: Stage) -> None:
    one = stage.crms.salesforce.add(Email="ada@x.test", FirstName="Ada", LastName="L", Title="Dr")
    await stage.note(Side.SALESFORCE, one)

    await stage.drain_once()

    ((made, contact),) = stage.crms.hubspot.contacts.items()
    assert contact.values == {
        "email": "ada@x.test",
        "firstname": "Ada",
        "lastname": "L",
        "jobtitle": "Dr",
        "causeway_key": f"00D000000000001:{one}",
    }
    assert pairs(stage) == {(made, one)}


async def test_a_lead_makes_a_hubspot_contact_with_its_company(stage: Stage) -> None:
    one = stage.crms.salesforce.add("Lead", Email="ada@x.test", Company="Engines")
    await stage.note(Side.SALESFORCE, one)
    await stage.drain_once()

    (contact,) = stage.crms.hubspot.contacts.values()
    assert contact.values["company"] == "Engines"
    assert stage.store.links[0].salesforce_object == "Lead"


async def test_the_setting_makes_leads_and_what_they_need_is_filled_and_carried_back() -> None:
    stage = Stage.build(contacts=ContactSettings(create_in_salesforce="lead"))
    one = stage.crms.hubspot.add(email="ada@x.test", firstname="Ada")
    await stage.note(Side.HUBSPOT, one)
    await stage.drain_once()

    (record,) = stage.crms.salesforce.records.values()
    assert (record.object_name, record.values["LastName"]) == ("Lead", "Ada")
    assert record.values["Company"] == "[not provided]"
    assert stage.crms.hubspot.value(one, "lastname") == "Ada"
    assert stage.crms.hubspot.value(one, "company") == "[not provided]"

    stage.crms.news.clear()
    await stage.note(Side.HUBSPOT, one)
    await stage.drain_once()
    assert sorted(stage.crms.writes) == ["create_in_salesforce", "update_in_hubspot"]


@pytest.mark.parametrize(
    ("side", "contacts"),
    [
        (Side.HUBSPOT, ContactSettings(create_in_salesforce="nothing")),
        (Side.SALESFORCE, ContactSettings(create_in_hubspot=False)),
    ],
)
async def test_creation_that_is_switched_off_makes_nothing_and_parks_nothing(
    side: Side, contacts: ContactSettings
) -> None:
    stage = Stage.build(contacts=contacts)
    if side is Side.HUBSPOT:
        one = stage.crms.hubspot.add(email="ada@x.test")
    else:
        one = stage.crms.salesforce.add(Email="ada@x.test")
    await stage.note(side, one)

    await stage.drain_once()

    assert stage.crms.writes == []
    assert stage.store.waiting == set()
    assert stage.store.parked == []


async def test_people_without_an_address_are_parked_until_they_have_one(stage: Stage) -> None:
    left = stage.crms.hubspot.add(lastname="L")
    right = stage.crms.salesforce.add(LastName="R")
    await stage.note(Side.HUBSPOT, left)
    await stage.note(Side.SALESFORCE, right)
    await stage.drain_once()

    assert codes(stage) == {("hubspot", left, "no_email"), ("salesforce", right, "no_email")}
    assert [type(event) for event in stage.store.events] == [RecordParked, RecordParked]

    stage.crms.hubspot.edit(left, email="l@x.test")
    await stage.settle_down()
    assert codes(stage) == {("salesforce", right, "no_email")}
    assert len(pairs(stage)) == 1


async def test_the_same_person_on_both_sides_is_linked_not_made_again(stage: Stage) -> None:
    left = stage.crms.hubspot.add(email="ada@x.test", firstname="Ada")
    right = stage.crms.salesforce.add(Email="ADA@x.test", LastName="Lovelace")
    await stage.note(Side.HUBSPOT, left)
    await stage.note(Side.SALESFORCE, right)
    await stage.drain_once()

    assert pairs(stage) == {(left, right)}
    assert stage.crms.hubspot.value(left, "lastname") == "Lovelace"
    assert stage.crms.salesforce.value(right, "FirstName") == "Ada"
    assert sorted(stage.crms.writes) == ["update_in_hubspot", "update_in_salesforce"]


async def test_a_secondary_address_is_the_same_person(stage: Stage) -> None:
    left = stage.crms.hubspot.add(email="new@x.test", lastname="L", more_emails=("old@x.test",))
    right = stage.crms.salesforce.add(Email="old@x.test", LastName="L")
    await stage.note(Side.SALESFORCE, right)
    await stage.drain_once()

    assert pairs(stage) == {(left, right)}


async def test_two_salesforce_records_of_one_contacts_addresses_share_no_pair(
    stage: Stage,
) -> None:
    """One is linked, the other is held: never two links of one HubSpot contact."""
    left = stage.crms.hubspot.add(email="new@x.test", lastname="L", more_emails=("old@x.test",))
    old = stage.crms.salesforce.add(Email="old@x.test", LastName="L")
    new = stage.crms.salesforce.add(Email="new@x.test", LastName="L")
    await stage.note(Side.HUBSPOT, left)
    await stage.note(Side.SALESFORCE, old, new)
    await stage.drain_all()

    assert pairs(stage) == {(left, new)}
    assert codes(stage) == {("salesforce", old, "duplicate_person")}


async def test_twins_in_salesforce_make_one_contact_and_the_other_is_held(stage: Stage) -> None:
    first = stage.crms.salesforce.add(Email="ada@x.test")
    second = stage.crms.salesforce.add(Email="ada@x.test")
    await stage.note(Side.SALESFORCE, first, second)
    await stage.drain_once()

    (made,) = stage.crms.hubspot.contacts
    assert pairs(stage) == {(made, second)}
    assert codes(stage) == {("salesforce", first, "duplicate_person")}
    assert stage.store.links[0].ambiguous


async def test_a_contact_goes_before_a_lead_of_the_same_address(stage: Stage) -> None:
    contact = stage.crms.salesforce.add("Contact", Email="ada@x.test")
    lead = stage.crms.salesforce.add("Lead", Email="ada@x.test")
    left = stage.crms.hubspot.add(email="ada@x.test", lastname="Somebody")
    await stage.note(Side.HUBSPOT, left)
    await stage.note(Side.SALESFORCE, lead)
    await stage.drain_all()

    assert pairs(stage) == {(left, contact)}
    assert codes(stage) == {("salesforce", lead, "duplicate_person")}


async def test_a_converted_lead_is_followed_to_its_contact(stage: Stage) -> None:
    lead = stage.crms.salesforce.add("Lead", Email="ada@x.test", LastName="L")
    await stage.settle_down()
    (left,) = stage.crms.hubspot.contacts
    contact = stage.crms.salesforce.convert(lead)
    await stage.settle_down()

    assert pairs(stage) == {(left, contact)}
    assert stage.store.links[0].salesforce_object == "Contact"
    assert stage.store.parked == []


@pytest.mark.parametrize("told", ["lead", "contact"])
async def test_a_conversion_is_followed_whichever_record_tells_of_it(
    stage: Stage, told: str
) -> None:
    lead = stage.crms.salesforce.add("Lead", Email="ada@x.test", LastName="L")
    await stage.settle_down()
    (left,) = stage.crms.hubspot.contacts
    contact = stage.crms.salesforce.convert(lead)
    await stage.note(Side.SALESFORCE, {"lead": lead, "contact": contact}[told])
    await stage.drain_all()
    await stage.note(Side.SALESFORCE, lead, contact)
    await stage.drain_all()

    assert pairs(stage) == {(left, contact)}
    assert len(stage.crms.hubspot.contacts) == 1
    assert stage.store.parked == []


async def test_a_lead_converted_to_somebody_elses_contact_is_held(stage: Stage) -> None:
    lead = stage.crms.salesforce.add("Lead", Email="lead@x.test")
    contact = stage.crms.salesforce.add("Contact", Email="contact@x.test")
    await stage.settle_down()
    before = pairs(stage)
    stage.crms.salesforce.convert(lead, contact)
    await stage.settle_down()

    assert pairs(stage) == before
    assert codes(stage) == {("salesforce", lead, "duplicate_person")}


async def test_a_deleted_half_ends_the_link_and_leaves_the_other(stage: Stage) -> None:
    right = stage.crms.salesforce.add(Email="ada@x.test")
    await stage.settle_down()
    (left,) = stage.crms.hubspot.contacts
    stage.crms.salesforce.delete(right)
    await stage.settle_down()

    assert pairs(stage) == set()
    assert list(stage.crms.hubspot.contacts) == [left]
    (told,) = [event for event in stage.store.events if isinstance(event, RecordUnlinked)]
    assert (told.hubspot_id, told.salesforce_id) == (left, right)


async def test_a_salesforce_merge_moves_the_contact_to_the_winner(stage: Stage) -> None:
    """Salesforce deletes the loser and updates the winner; both come in one batch."""
    loser = stage.crms.salesforce.add(Email="ada@x.test", LastName="L")
    await stage.settle_down()
    (left,) = stage.crms.hubspot.contacts
    winner = stage.crms.salesforce.add(Email="ada@x.test", LastName="L")
    stage.crms.salesforce.delete(loser)
    stage.crms.salesforce.edit(winner, Phone="1")
    await stage.settle_down()

    assert pairs(stage) == {(left, winner)}
    assert stage.store.parked == []
    assert list(stage.crms.hubspot.contacts) == [left]


async def test_a_record_that_is_gone_and_was_never_linked_leaves_quietly(stage: Stage) -> None:
    await stage.note(Side.HUBSPOT, "999")
    await stage.note(Side.SALESFORCE, "003000000000999AAA")
    await stage.drain_once()

    assert stage.store.waiting == set()
    assert stage.store.parked == []
    assert stage.crms.writes == []


async def test_an_error_of_one_half_is_cleared_when_the_other_half_syncs(stage: Stage) -> None:
    left = stage.crms.hubspot.add(email="ada@x.test", lastname="L")
    await stage.settle_down()
    (right,) = stage.crms.salesforce.records
    stage.crms.hubspot.edit(left, phone="1")
    stage.crms.faults.refuse(right, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    await stage.settle_down()
    assert codes(stage) == {("hubspot", left, "FIELD_CUSTOM_VALIDATION_EXCEPTION")}

    stage.crms.salesforce.edit(right, Phone="1")
    await stage.settle_down()
    assert codes(stage) == set()


async def test_calls_for_an_import_say_so(stage: Stage) -> None:
    left = stage.crms.hubspot.add(email="a@x.test")
    await stage.note(Side.HUBSPOT, left, priority=Priority.IMPORT)
    await stage.drain_once()
    await stage.note(Side.HUBSPOT, left, priority=Priority.IMPORT)
    await stage.note(Side.HUBSPOT, stage.crms.hubspot.add(email="b@x.test"))
    await stage.drain_once()

    assert stage.crms.purposes == ["import", "live"]
