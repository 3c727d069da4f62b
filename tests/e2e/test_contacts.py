"""An edit in one CRM arrives in the other, and nobody answers back."""

import pytest

from tests.e2e.conftest import World

pytestmark = [pytest.mark.xdist_group("broker"), pytest.mark.timeout(300)]


async def writes_of_the_app(world: World) -> int:
    changes = [*await world.hubspot.changes(), *await world.salesforce.changes()]
    return sum(1 for change in changes if change["by"] == "app")


async def test_a_hubspot_contact_and_its_edit_arrive_in_salesforce(world: World) -> None:
    email = "grace@e2e.example"
    fields = {"email": email, "firstname": "Grace", "lastname": "Hopper"}
    contact = await world.hubspot.create("contacts", fields)
    await world.quiet()
    assert (await world.salesforce_person(email))["LastName"] == "Hopper"

    await world.hubspot.edit_many("contacts", [(contact, {"fax": "+1 555 0100"})])
    await world.quiet()

    assert (await world.salesforce_person(email))["Fax"] == "+1 555 0100"


async def test_a_salesforce_contact_and_its_edit_arrive_in_hubspot(world: World) -> None:
    email = "alan@e2e.example"
    fields = {"Email": email, "FirstName": "Alan", "LastName": "Turing", "Title": "Reader"}
    person = await world.salesforce.create("Contact", fields)
    await world.quiet()
    assert (await world.hubspot_person(email))["jobtitle"] == "Reader"

    await world.salesforce.edit_many("Contact", [(person, {"Title": "Fellow"})])
    await world.quiet()

    assert (await world.hubspot_person(email))["jobtitle"] == "Fellow"


async def test_p7_neither_side_answers_back(world: World) -> None:
    """After the edit has arrived, the echoes of our own write cause no call to write."""
    email = "ada@e2e.example"
    fields = {"email": email, "firstname": "Ada", "lastname": "Lovelace"}
    contact = await world.hubspot.create("contacts", fields)
    await world.quiet()
    before = await writes_of_the_app(world)

    await world.hubspot.edit_many("contacts", [(contact, {"email": "ada.l@e2e.example"})])
    await world.quiet()

    assert await writes_of_the_app(world) == before + 1
    assert (await world.salesforce_person("ada.l@e2e.example"))["LastName"] == "Lovelace"


async def test_two_people_of_one_address_become_one_pair(world: World) -> None:
    email = "same@e2e.example"
    await world.hubspot.create("contacts", {"email": email, "lastname": "Here"})
    await world.salesforce.create("Contact", {"Email": email.upper(), "LastName": "There"})
    await world.quiet()

    people = await world.salesforce.records("Contact")
    assert sum(1 for p in people.values() if str(p.get("Email")).lower() == email) == 1
    assert (await world.hubspot_person(email))["lastname"] == "There"


async def test_every_write_is_in_the_journal_with_its_reason(world: World) -> None:
    email = "why@e2e.example"
    contact = await world.hubspot.create("contacts", {"email": email, "lastname": "Why"})
    await world.quiet()

    journal = await world.admin.get(
        "/api/v1/journal", connection_id=world.connection_id, record=contact
    )

    (entry,) = journal["items"]
    assert (entry["status"], entry["operation"], entry["side"]) == ("done", "create", "salesforce")
    assert entry["cause"]["side"] == "hubspot"
    assert all(write["why"] for write in entry["fields"])


async def test_a_record_without_an_address_is_parked_and_syncs_when_it_gets_one(
    world: World,
) -> None:
    contact = await world.hubspot.create("contacts", {"firstname": "No", "lastname": "Address"})
    await world.quiet()
    errors = await world.admin.get("/api/v1/errors", connection_id=world.connection_id)
    assert [e["code"] for e in errors["items"] if e["record_id"] == contact] == ["no_email"]

    await world.hubspot.edit_many("contacts", [(contact, {"email": "late@e2e.example"})])
    await world.quiet()

    assert (await world.salesforce_person("late@e2e.example"))["LastName"] == "Address"
    errors = await world.admin.get("/api/v1/errors", connection_id=world.connection_id)
    assert [e for e in errors["items"] if e["record_id"] == contact] == []


async def test_an_import_brings_people_that_were_there_before(world: World) -> None:
    await world.hubspot.seed(people=30, seed=11, email_domain="old.example")
    await world.quiet()
    body = {"connection_id": world.connection_id, "side": "hubspot"}
    await world.admin.post("/api/v1/imports", body)
    await world.quiet()

    imports = await world.admin.get("/api/v1/imports", connection_id=world.connection_id)
    assert imports[0]["state"] == "noted"
    assert imports[0]["waiting"] == 0
    people = (await world.salesforce.records("Contact")).values()
    assert sum(1 for p in people if str(p.get("Email")).endswith("@old.example")) == 30
