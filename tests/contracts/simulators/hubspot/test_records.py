import re

import httpx2
import pytest

from tests.contracts.simulators.hubspot.driver import Json, Sim

CONTACTS = "/crm/v3/objects/contacts"


def test_an_answer_carries_the_id_of_its_call_in_header_and_error(sim: Sim) -> None:
    answer = sim.api.get(f"{CONTACTS}/424242")
    assert answer.status_code == 404
    body = answer.json()
    assert body.pop("correlationId") == answer.headers["X-HubSpot-Correlation-Id"]
    assert body == {"status": "error", "message": "resource not found"}
    assert answer.headers["content-type"] == "application/json;charset=utf-8"


def test_create_answers_201_with_a_location_and_what_hubspot_fills_in(sim: Sim) -> None:
    answer = sim.post(CONTACTS, {"properties": {"email": "Ada@Example.com", "firstname": "Ada"}})
    assert answer.status_code == 201
    body = answer.json()
    assert answer.headers["location"].endswith(f"/contacts/{body['id']}")
    values = body["properties"]
    assert values["email"] == "ada@example.com"
    assert values["hs_object_id"] == values["hs_all_contact_vids"] == body["id"]
    assert values["hs_object_source"] == "INTEGRATION"
    assert values["hs_object_source_id"] == "222"
    assert values["lifecyclestage"] == "lead"
    assert values["hs_email_domain"] == "example.com"
    assert values["createdate"] == body["createdAt"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", body["createdAt"])
    assert body["archived"] is False


def test_defaults_and_asked_for_properties(sim: Sim) -> None:
    record_id = sim.contact(email="ada@example.com")
    plain = sim.api.get(f"{CONTACTS}/{record_id}").json()["properties"]
    assert sorted(plain) == [
        "createdate",
        "email",
        "firstname",
        "hs_object_id",
        "lastmodifieddate",
        "lastname",
    ]
    asked = sim.api.get(
        f"{CONTACTS}/{record_id}", params={"properties": ["phone,fax", "nonsense"]}
    ).json()["properties"]
    assert sorted(asked) == ["createdate", "fax", "hs_object_id", "lastmodifieddate", "phone"]
    assert asked["phone"] is None


@pytest.mark.parametrize("name", ["contact", "contacts", "CONTACTS", "0-1"])
@pytest.mark.parametrize(
    "root", ["/crm/v3/objects", "/crm/objects/2026-03", "/crm/objects/2026-09"]
)
def test_line_10_every_version_and_name_reaches_the_same_record(
    sim: Sim, root: str, name: str
) -> None:
    record_id = sim.contact(email="ada@example.com")
    answer = sim.api.get(f"{root}/{name}/{record_id}")
    assert answer.json()["properties"]["email"] == "ada@example.com"


def test_line_10_admin_rules_bite_on_2026_09_only(sim: Sim) -> None:
    rules = {"object": "contacts", "required": ["phone"], "conditional": {"state": ["city"]}}
    sim.control("rules", rules)
    body = {"properties": {"email": "ada@example.com"}}
    refused = sim.post("/crm/objects/2026-09/contacts", body)
    assert refused.status_code == 400
    assert refused.json()["message"] == "The property values provided are invalid"
    assert refused.json()["errors"][0]["code"] == "MISSING_REQUIRED_PROPERTY"
    made = sim.post("/crm/objects/2026-03/contacts", body)
    assert made.status_code == 201
    path = f"/crm/objects/2026-09/contacts/{made.json()['id']}"
    refused = sim.api.patch(path, json={"properties": {"city": "Rīga"}})
    assert refused.json()["errors"][0] == {
        "message": "state is required because of a conditional property rule based on [city]",
        "code": "MISSING_CONDITIONAL_REQUIRED_PROPERTY",
        "context": {"propertyName": ["state"]},
    }


def test_all_bad_properties_are_listed_twice(sim: Sim) -> None:
    record_id = sim.contact(email="ada@example.com")
    body = {"properties": {"nope": "1", "createdate": "5", "email": "x", "numemployees": "many"}}
    answer = sim.api.patch(f"{CONTACTS}/{record_id}", json=body)
    assert answer.status_code == 400
    error = answer.json()
    assert error["category"] == "VALIDATION_ERROR"
    assert error["message"].startswith('Property values were not valid: [{"isValid":false,')
    assert [(one["code"], one["message"]) for one in error["errors"]] == [
        ("PROPERTY_DOESNT_EXIST", 'Property "nope" does not exist'),
        ("READ_ONLY_VALUE", '"createdate" is a read only property; its value cannot be set.'),
        ("INVALID_EMAIL", "Email address x is invalid"),
        ("INVALID_LONG", "many was not a valid long."),
    ]
    assert error["errors"][0]["context"] == {"propertyName": ["nope"]}


def test_line_2_a_second_create_says_which_contact_is_there(sim: Sim) -> None:
    record_id = sim.contact(email="ada@example.com")
    answer = sim.post(CONTACTS, {"properties": {"email": "ADA@example.com"}})
    assert answer.status_code == 409
    assert answer.json()["message"] == f"Contact already exists. Existing ID: {record_id}"
    assert answer.json()["category"] == "CONFLICT"


def test_line_2_an_update_names_the_holder_in_coordinates(sim: Sim) -> None:
    holder = sim.contact(email="ada@example.com")
    other = sim.contact(email="bob@example.com")
    answer = sim.api.patch(f"{CONTACTS}/{other}", json={"properties": {"email": "Ada@example.com"}})
    assert answer.status_code == 400
    assert answer.json()["message"] == (
        "Cannot set PropertyValueCoordinates{portalId=111, "
        "objectTypeId=ObjectTypeId{legacyObjectType=CONTACT}, "
        f"propertyName=email, value=ada@example.com}} on {other}. {holder} already has that value."
    )


def test_line_2_secondary_addresses_identify_too(sim: Sim) -> None:
    record_id = sim.contact(email="ada@example.com", hs_additional_emails="Lady@example.com")
    answer = sim.post(CONTACTS, {"properties": {"email": "lady@example.com"}})
    assert answer.status_code == 409
    found = sim.api.get(f"{CONTACTS}/LADY@example.com", params={"idProperty": "email"})
    assert found.json()["id"] == record_id
    promoted = {"properties": {"email": "lady@example.com"}}
    assert sim.api.patch(f"{CONTACTS}/{record_id}", json=promoted).status_code == 200
    assert "hs_additional_emails" not in sim.values("contacts", record_id)


def test_line_3_two_companies_may_share_a_domain(sim: Sim) -> None:
    body = {"properties": {"domain": "example.com"}}
    first, second = (sim.post("/crm/v3/objects/companies", body) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]


@pytest.mark.parametrize(
    ("kind", "properties", "missing"),
    [
        ("contacts", {"phone": "1"}, ["email", "firstname", "lastname"]),
        ("companies", {"phone": "1"}, ["name", "domain"]),
        ("deals", {"dealname": "Big"}, ["dealstage"]),
        ("tasks", {"hs_task_subject": "Call"}, ["hs_timestamp"]),
        ("notes", {"hs_note_body": "Hm"}, ["hs_timestamp"]),
    ],
)
def test_required_properties(sim: Sim, kind: str, properties: Json, missing: list[str]) -> None:
    answer = sim.post(f"/crm/v3/objects/{kind}", {"properties": properties})
    assert answer.status_code == 400
    assert answer.json()["context"] == {"properties": missing}


def test_values_are_stored_as_text_and_cleared_with_an_empty_one(sim: Sim) -> None:
    record_id = sim.contact(email="ada@example.com", numemployees=12, hs_email_optout=True)
    assert sim.values("contacts", record_id)["numemployees"] == "12"
    assert sim.values("contacts", record_id)["hs_email_optout"] == "true"
    answer = sim.api.patch(f"{CONTACTS}/{record_id}", json={"properties": {"numemployees": ""}})
    assert answer.json()["properties"]["numemployees"] == ""
    read = sim.api.get(f"{CONTACTS}/{record_id}", params={"properties": "numemployees"})
    assert read.json()["properties"]["numemployees"] is None


def test_a_checkbox_is_replaced_or_appended(sim: Sim) -> None:
    record_id = sim.contact(email="ada@example.com", hs_buying_role="CHAMPION")
    body = {"properties": {"hs_buying_role": ";BLOCKER"}}
    sim.api.patch(f"{CONTACTS}/{record_id}", json=body)
    assert sim.values("contacts", record_id)["hs_buying_role"] == "CHAMPION;BLOCKER"
    sim.api.patch(f"{CONTACTS}/{record_id}", json={"properties": {"hs_buying_role": "BLOCKER"}})
    assert sim.values("contacts", record_id)["hs_buying_role"] == "BLOCKER"


def test_the_lifecycle_only_moves_forward_until_it_is_cleared(sim: Sim) -> None:
    record_id = sim.contact(email="ada@example.com", lifecyclestage="customer")
    path = f"{CONTACTS}/{record_id}"
    sim.api.patch(path, json={"properties": {"lifecyclestage": "lead"}})
    assert sim.values("contacts", record_id)["lifecyclestage"] == "customer"
    sim.api.patch(path, json={"properties": {"lifecyclestage": ""}})
    sim.api.patch(path, json={"properties": {"lifecyclestage": "lead"}})
    assert sim.values("contacts", record_id)["lifecyclestage"] == "lead"


def test_history_is_newest_first_and_says_who(sim: Sim) -> None:
    record_id = sim.contact(email="ada@example.com", phone="1")
    sim.control("edit", {"object": "contacts", "id": record_id, "fields": {"phone": "2"}})
    read = sim.api.get(f"{CONTACTS}/{record_id}", params={"propertiesWithHistory": "phone"}).json()
    history = read["propertiesWithHistory"]["phone"]
    assert [(one["value"], one["sourceType"]) for one in history] == [
        ("2", "CRM_UI"),
        ("1", "INTEGRATION"),
    ]
    assert history[0]["updatedByUserId"] == 9001
    assert history[1]["sourceId"] == "222"


def test_line_4_deleting_what_is_missing_answers_204(sim: Sim) -> None:
    assert sim.api.delete(f"{CONTACTS}/424242").status_code == 204
    assert sim.api.delete(f"{CONTACTS}/nonsense").status_code == 204


def test_line_6_archived_records_are_listed_apart_and_free_their_address(sim: Sim) -> None:
    record_id = sim.contact(email="ada@example.com")
    assert sim.api.delete(f"{CONTACTS}/{record_id}").status_code == 204
    assert sim.api.get(CONTACTS).json() == {"results": []}
    archived = sim.api.get(CONTACTS, params={"archived": "true"}).json()["results"]
    assert [(one["id"], one["archived"]) for one in archived] == [(record_id, True)]
    assert "archivedAt" in archived[0]
    assert sim.contact(email="ada@example.com") != record_id


def test_line_6_a_merge_makes_a_new_record_that_both_old_ids_lead_to(sim: Sim) -> None:
    primary = sim.contact(email="ada@example.com", firstname="Ada")
    other = sim.contact(email="bob@example.com", firstname="Bob", phone="123")
    answer = sim.post(f"{CONTACTS}/merge", {"primaryObjectId": primary, "objectIdToMerge": other})
    assert answer.status_code == 200
    merged = answer.json()["id"]
    assert merged not in {primary, other}
    values = sim.values("contacts", merged)
    assert values["firstname"] == "Ada"
    assert values["phone"] == "123"
    assert values["hs_additional_emails"] == "bob@example.com"
    assert values["hs_merged_object_ids"] == f"{primary};{other}"
    for old in (primary, other):
        assert sim.api.get(f"{CONTACTS}/{old}").json()["id"] == merged
    by_email = sim.api.get(f"{CONTACTS}/bob@example.com", params={"idProperty": "email"})
    assert by_email.json()["id"] == merged


def test_line_6_gdpr_delete_leaves_nothing(sim: Sim) -> None:
    record_id = sim.contact(email="ada@example.com")
    body = {"objectId": "ada@example.com", "idProperty": "email"}
    assert sim.post(f"{CONTACTS}/gdpr-delete", body).status_code == 204
    assert sim.post(f"{CONTACTS}/gdpr-delete", body).status_code == 204
    assert sim.api.get(f"{CONTACTS}/{record_id}").status_code == 404
    archived = sim.api.get(CONTACTS, params={"archived": "true"}).json()["results"]
    assert record_id not in {one["id"] for one in archived}


def test_ids_and_types_that_do_not_exist(sim: Sim) -> None:
    odd = sim.api.get(f"{CONTACTS}/abc")
    assert odd.status_code == 404
    assert odd.json()["message"] == "Object not found.  objectId are usually numeric."
    assert odd.json()["category"] == "OBJECT_NOT_FOUND"
    unknown = sim.api.get("/crm/v3/objects/widgets")
    assert unknown.json()["message"] == "Unable to infer object type from: widgets"


@pytest.mark.parametrize("raw", [b"{", b"[1]", b'{"properties": }', b"\xff\xfe"])
def test_broken_json(sim: Sim, raw: bytes) -> None:
    answer = sim.api.post(CONTACTS, content=raw)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Invalid input JSON on line 1, column ")
    assert "category" not in answer.json()


def test_properties_that_are_no_object(sim: Sim) -> None:
    answer = sim.post(CONTACTS, {"properties": ["email"]})
    assert answer.status_code == 400
    assert answer.json()["message"] == "There was a problem with the request."


def test_pages_by_id(sim: Sim) -> None:
    ids = sim.control("seed", {"people": 5})["ids"]
    first = sim.api.get(CONTACTS, params={"limit": 2}).json()
    assert [one["id"] for one in first["results"]] == ids[:2]
    second = httpx2.get(first["paging"]["next"]["link"], headers=sim.api.headers).json()
    assert [one["id"] for one in second["results"]] == ids[2:4]
    last = sim.api.get(CONTACTS, params={"limit": "2", "after": ids[3]}).json()
    assert [one["id"] for one in last["results"]] == ids[4:]
    assert "paging" not in last


def test_histories_make_pages_smaller(sim: Sim) -> None:
    wanted: dict[str, str | int] = {"limit": 51, "propertiesWithHistory": "email"}
    assert sim.api.get(CONTACTS, params=wanted).status_code == 400
    assert sim.api.get(CONTACTS, params={"limit": 100}).status_code == 200
    assert sim.api.get(CONTACTS, params={"limit": 101}).status_code == 400
