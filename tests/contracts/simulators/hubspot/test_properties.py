from collections.abc import Iterator
from typing import Any

import pytest

from tests.contracts.simulators.hubspot.driver import Json, Sim, driving
from tests.simulators.machinery.launch import running

ROOT = "/crm/v3/properties/contacts"
TEA = {
    "name": "tea",
    "label": "Tea",
    "type": "enumeration",
    "fieldType": "select",
    "groupName": "contactinformation",
    "options": [{"label": "Assam", "value": "assam", "displayOrder": 0, "hidden": False}],
}


@pytest.fixture(scope="module")
def own_url() -> Iterator[str]:
    """Definitions survive a reset, so these tests have a portal of their own."""
    with running("tests.simulators.hubspot", ["--burst-limit", "100000"]) as url:
        yield url


@pytest.fixture
def sim(own_url: str) -> Iterator[Sim]:
    with driving(own_url) as driver:
        for one in driver.api.get(ROOT).json()["results"]:
            if not one["hubspotDefined"]:
                driver.api.delete(f"{ROOT}/{one['name']}")
        yield driver


def _definition(sim: Sim, name: str) -> Any:
    return sim.api.get(f"{ROOT}/{name}").json()


@pytest.mark.parametrize(
    "root",
    [ROOT, "/crm/properties/2026-03/contact", "/crm/properties/2026-09/0-1", f"{ROOT}/"],
)
def test_the_list_has_what_a_sync_maps(sim: Sim, root: str) -> None:
    found = {one["name"]: one for one in sim.api.get(root).json()["results"]}
    assert {
        "salutation",
        "fax",
        "mobilephone",
        "annualrevenue",
        "numemployees",
        "industry",
        "hs_email_optout",
        "hubspot_owner_id",
        "first_conversion_event_name",
        "hs_additional_emails",
    } <= set(found)
    assert found["createdate"]["modificationMetadata"]["readOnlyValue"] is True
    assert found["hubspot_owner_id"]["externalOptions"] is True
    assert found["lifecyclestage"]["options"][1]["value"] == "lead"
    assert found["hs_object_id"]["hasUniqueValue"] is True


def test_tasks_have_the_properties_of_the_guide(sim: Sim) -> None:
    found = {one["name"] for one in sim.api.get("/crm/v3/properties/tasks").json()["results"]}
    assert {
        "hs_timestamp",
        "hs_task_subject",
        "hs_task_body",
        "hs_task_status",
        "hs_task_priority",
        "hs_task_type",
        "hs_task_reminders",
        "hubspot_owner_id",
    } <= found


def test_create_read_change_archive(sim: Sim) -> None:
    made = sim.post(ROOT, TEA)
    assert made.status_code == 201
    assert made.json()["options"][0]["value"] == "assam"
    changed = sim.api.patch(f"{ROOT}/tea", json={"label": "Cha", "hasUniqueValue": True})
    assert changed.status_code == 200
    assert changed.json()["label"] == "Cha"
    assert changed.json()["hasUniqueValue"] is False
    replaced = sim.api.patch(f"{ROOT}/tea", json={"options": [{"label": "D", "value": "d"}]})
    assert [one["value"] for one in replaced.json()["options"]] == ["d"]
    assert sim.api.delete(f"{ROOT}/tea").status_code == 204
    missing = sim.api.get(f"{ROOT}/tea")
    assert missing.status_code == 404
    assert missing.json()["category"] == "OBJECT_NOT_FOUND"


def test_an_existing_name_is_a_409(sim: Sim) -> None:
    sim.post(ROOT, TEA)
    answer = sim.post(ROOT, TEA)
    assert answer.status_code == 409
    body = answer.json()
    assert body["category"] == "OBJECT_ALREADY_EXISTS"
    assert body["subCategory"] == "Properties.PROPERTY_WITH_NAME_EXISTS"
    assert body["message"] == "A property named 'tea' already exists."


def test_an_archived_name_comes_back_with_the_new_definition(sim: Sim) -> None:
    sim.post(ROOT, TEA)
    sim.api.delete(f"{ROOT}/tea")
    assert sim.post(ROOT, {**TEA, "label": "New tea"}).status_code == 201
    assert _definition(sim, "tea")["label"] == "New tea"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"fieldType": "number"}, "cannot have field type number"),
        ({"type": "bool", "fieldType": "booleancheckbox"}, "exactly the options true and false"),
        ({"groupName": "nowhere"}, "Property group nowhere does not exist"),
        ({"label": ""}, "Required fields are missing: label"),
    ],
)
def test_bad_definitions(sim: Sim, change: Json, text: str) -> None:
    answer = sim.post(ROOT, {**TEA, **change})
    assert answer.status_code == 400
    assert text in answer.json()["message"]


def test_ten_unique_properties_at_most(sim: Sim) -> None:
    unique = {**TEA, "type": "string", "fieldType": "text", "options": [], "hasUniqueValue": True}
    codes = [sim.post(ROOT, {**unique, "name": f"u{n}"}).status_code for n in range(11)]
    assert codes == [201] * 10 + [400]


def test_batches(sim: Sim) -> None:
    inputs = [TEA, {**TEA, "name": "coffee"}, {**TEA, "name": "email"}]
    made = sim.post(f"{ROOT}/batch/create", {"inputs": inputs})
    assert made.status_code == 207
    assert {one["name"] for one in made.json()["results"]} == {"tea", "coffee"}
    assert made.json()["errors"][0]["category"] == "OBJECT_ALREADY_EXISTS"
    names = [{"name": "tea"}, {"name": "cocoa"}]
    read = sim.post(f"{ROOT}/batch/read", {"inputs": names, "archived": False})
    assert read.status_code == 207
    assert [one["name"] for one in read.json()["results"]] == ["tea"]
    assert sim.post(f"{ROOT}/batch/archive", {"inputs": names}).status_code == 204
    assert sim.api.get(f"{ROOT}/tea").status_code == 404


def test_groups(sim: Sim) -> None:
    groups = f"{ROOT}/groups"
    made = sim.post(groups, {"name": "causeway", "label": "Causeway"})
    assert made.status_code == 201
    assert sim.post(groups, {"name": "causeway", "label": "Causeway"}).status_code == 409
    sim.post(ROOT, {**TEA, "groupName": "causeway"})
    refused = sim.api.delete(f"{groups}/causeway")
    assert refused.status_code == 400
    assert refused.json()["subCategory"] == "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES"
    sim.api.delete(f"{ROOT}/tea")
    changed = sim.api.patch(f"{groups}/causeway", json={"label": "C"})
    assert changed.json() == {
        "name": "causeway",
        "label": "C",
        "displayOrder": -1,
        "archived": False,
    }
    assert sim.api.delete(f"{groups}/causeway").status_code == 204
    assert {one["name"] for one in sim.api.get(groups).json()["results"]} == {"contactinformation"}


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("closedate", "1767225600000", "2026-01-01T00:00:00Z"),
        ("closedate", "2026-01-01T00:00:00.250+01:00", "2025-12-31T23:00:00.250Z"),
        ("numemployees", 5.5, "5.5"),
        ("numemployees", "007", "7"),
        ("hs_email_optout", True, "true"),
        ("hs_lead_status", "NEW", "NEW"),
    ],
)
def test_values_are_read_generously(sim: Sim, name: str, value: Any, stored: str) -> None:
    record_id = sim.contact(firstname="Ada", **{name: value})
    assert sim.values("contacts", record_id)[name] == stored


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("closedate", "soon", "INVALID_LONG"),
        ("numemployees", "NaN", "INVALID_LONG"),
        ("hs_email_optout", "maybe", "INVALID_OPTION"),
        ("hs_lead_status", "new", "INVALID_OPTION"),
        ("hubspot_owner_id", "9001", "INVALID_OPTION"),
        ("firstname", "x" * 65_537, "INVALID_STRING"),
    ],
)
def test_values_that_do_not_suit(sim: Sim, name: str, value: str, code: str) -> None:
    answer = sim.post("/crm/v3/objects/contacts", {"properties": {"lastname": "A", name: value}})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == code


def test_a_record_is_owned_by_an_owner_id_not_by_a_user_id(sim: Sim) -> None:
    owner = sim.api.get("/crm/v3/owners").json()["results"][0]
    record_id = sim.contact(firstname="Ada", hubspot_owner_id=owner["id"])
    assert sim.values("contacts", record_id)["hubspot_owner_id"] == owner["id"]
    assert "hubspot_owner_assigneddate" in sim.values("contacts", record_id)


def test_owners_by_page_address_and_user(sim: Sim) -> None:
    added = sim.control("owners", {"email": "New@example.com", "first_name": "New"})
    page = sim.api.get("/crm/v3/owners/", params={"limit": 1}).json()
    assert page["results"][0]["type"] == "PERSON"
    assert page["paging"]["next"]["after"] == page["results"][0]["id"]
    found = sim.api.get("/crm/owners/2026-03", params={"email": "new@example.com"}).json()
    assert [one["id"] for one in found["results"]] == [added["id"]]
    by_user = sim.api.get(f"/crm/v3/owners/{added['user_id']}", params={"idProperty": "userId"})
    assert by_user.json()["id"] == added["id"]
    assert sim.api.get("/crm/v3/owners/1").status_code == 404
