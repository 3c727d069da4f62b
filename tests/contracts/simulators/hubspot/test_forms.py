from typing import Any

import httpx2
import pytest

from tests.contracts.simulators.hubspot.driver import Json, Sim

FORMS = "/marketing/v3/forms"
OPEN = "/submissions/v3/integration/submit/111"
SECURE = "/submissions/v3/integration/secure/submit/111"
FIELDS = ["email", "firstname", {"name": "lastname", "required": True}, "numemployees"]


def _form(sim: Sim, **more: Any) -> str:
    body = {"name": "Request a demo", "fields": FIELDS, **more}
    return str(sim.control("forms", body)["id"])


def _submit(sim: Sim, form_id: str, root: str = OPEN, **values: str) -> httpx2.Response:
    fields = [
        {"objectTypeId": "0-1", "name": name, "value": value} for name, value in values.items()
    ]
    body = {"fields": fields, "context": {"pageUri": "https://example.com/demo"}}
    if root == SECURE:
        return sim.post(f"{root}/{form_id}", body)
    with sim.anonymous() as visitor:
        return visitor.post(f"{root}/{form_id}", json=body)


def _submissions(sim: Sim, form_id: str, **query: str | int) -> Json:
    path = f"/form-integrations/v1/submissions/forms/{form_id}"
    answer = sim.api.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("root", [FORMS, "/marketing/forms/2026-09-beta"])
def test_definitions_are_listed_by_page_and_read_by_id(sim: Sim, root: str) -> None:
    ids = [_form(sim, name=f"Form {number}") for number in range(3)]
    first = sim.api.get(root, params={"limit": 2}).json()
    assert [one["id"] for one in first["results"]] == ids[:2]
    after = first["paging"]["next"]["after"]
    second = sim.api.get(root, params={"limit": 2, "after": after}).json()
    assert [one["id"] for one in second["results"]] == ids[2:]
    assert "paging" not in second
    form = sim.api.get(f"{root}/{ids[0]}").json()
    assert form["formType"] == "hubspot"
    assert [group["fields"][0]["name"] for group in form["fieldGroups"]][:2] == [
        "email",
        "firstname",
    ]
    assert sim.api.get(root, params={"archived": "true"}).json() == {"results": []}
    assert sim.api.get(root, params={"formTypes": "captured"}).json() == {"results": []}
    assert sim.api.get(f"{root}/nonsense").status_code == 404


@pytest.mark.parametrize("root", [OPEN, SECURE])
def test_a_submission_makes_a_contact_and_is_kept(sim: Sim, root: str) -> None:
    form_id = _form(sim)
    values = {"email": "Ada@Example.com", "firstname": "Ada", "lastname": "Lovelace"}
    answer = _submit(sim, form_id, root, **values)
    assert answer.status_code == 200
    assert answer.json() == {"inlineMessage": "<p>Thanks for submitting the form.</p>"}
    [contact] = sim.look("records/contacts")
    assert contact["fields"]["email"] == "ada@example.com"
    assert contact["fields"]["hs_object_source"] == "FORM"
    assert contact["fields"]["recent_conversion_event_name"] == "Request a demo"
    [kept] = _submissions(sim, form_id)["results"]
    assert kept["pageUrl"] == "https://example.com/demo"
    assert kept["values"][0] == {"objectTypeId": "0-1", "name": "email", "value": "Ada@Example.com"}


def test_a_submission_changes_the_contact_with_that_address(sim: Sim) -> None:
    record_id = sim.contact(email="ada@example.com", firstname="Ada", city="London")
    _submit(sim, _form(sim), email="ADA@example.com", firstname="", lastname="Lovelace")
    values = sim.values("contacts", record_id)
    assert (values["firstname"], values["lastname"], values["city"]) == (
        "Ada",
        "Lovelace",
        "London",
    )
    assert values["num_conversion_events"] == "1"


def test_a_submission_without_an_address_makes_no_contact(sim: Sim) -> None:
    form_id = _form(sim, fields=["firstname"])
    assert _submit(sim, form_id, firstname="Ada").status_code == 200
    assert sim.look("records/contacts") == []
    assert len(_submissions(sim, form_id)["results"]) == 1


def test_every_mistake_is_told_and_nothing_is_kept(sim: Sim) -> None:
    form_id = _form(sim)
    answer = _submit(sim, form_id, email="not-an-email", city="Rīga", numemployees="many")
    assert answer.status_code == 400
    body = answer.json()
    assert (body["status"], body["message"]) == ("error", "The request is not valid")
    assert body["correlationId"] == answer.headers["X-HubSpot-Correlation-Id"]
    assert {one["errorType"]: one["message"] for one in body["errors"]} == {
        "INVALID_EMAIL": "Error in 'fields.email'. Invalid email address",
        "REQUIRED_FIELD": "Error in 'fields.lastname'. Required field 'lastname' is missing",
        "FIELD_NOT_IN_FORM_DEFINITION": "Error in 'fields.city'. Property \"city\" does not exist",
        "INVALID_NUMBER": "Error in 'fields.numemployees'. many was not a valid long.",
    }
    assert sim.look("records/contacts") == []
    assert _submissions(sim, form_id) == {"results": []}


def test_with_a_token_fields_need_not_be_in_the_form(sim: Sim) -> None:
    form_id = _form(sim)
    values = {"email": "ada@example.com", "lastname": "Lovelace", "city": "Rīga"}
    assert _submit(sim, form_id, OPEN, **values).status_code == 400
    assert _submit(sim, form_id, SECURE, **values).status_code == 200
    [contact] = sim.look("records/contacts")
    assert contact["fields"]["city"] == "Rīga"
    assert _submit(sim, form_id, SECURE, **values, nope="1").json()["errors"][0]["errorType"] == (
        "FIELD_NOT_IN_FORM_DEFINITION"
    )


def test_a_captcha_keeps_programs_out(sim: Sim) -> None:
    form_id = _form(sim, captcha=True)
    refused = _submit(sim, form_id, email="ada@example.com", lastname="Lovelace")
    assert refused.json()["errors"][0]["errorType"] == "FORM_HAS_RECAPTCHA_ENABLED"
    assert sim.api.get(f"{FORMS}/{form_id}").json()["configuration"]["recaptchaEnabled"] is True


def test_submissions_are_paged_the_latest_first(sim: Sim) -> None:
    form_id = _form(sim, fields=["email"])
    for number in range(25):
        _submit(sim, form_id, email=f"p{number}@example.com")
    first = _submissions(sim, form_id)
    assert len(first["results"]) == 20
    assert first["results"][0]["values"][0]["value"] == "p24@example.com"
    rest = _submissions(sim, form_id, after=first["paging"]["next"]["after"])
    assert [one["values"][0]["value"] for one in rest["results"]] == [
        f"p{number}@example.com" for number in (4, 3, 2, 1, 0)
    ]
    path = f"/form-integrations/v1/submissions/forms/{form_id}"
    assert sim.api.get(path, params={"limit": 51}).status_code == 400


def test_a_form_filled_in_through_the_control_plane_is_one_of_the_forms(sim: Sim) -> None:
    body = {"email": "ada@example.com", "form_name": "Newsletter", "fields": {"city": "Rīga"}}
    sim.control("submit-form", body)
    sim.control("submit-form", body)
    [form] = sim.api.get(FORMS).json()["results"]
    assert form["name"] == "Newsletter"
    assert len(_submissions(sim, form["id"])["results"]) == 2


def test_the_open_endpoint_takes_50_submissions_in_ten_seconds(sim: Sim) -> None:
    form_id = _form(sim, fields=["email"])
    answers = [_submit(sim, form_id, email="ada@example.com").status_code for _ in range(51)]
    assert answers == [200] * 50 + [429]
    assert _submit(sim, form_id, SECURE, email="ada@example.com").status_code == 200


def test_another_portal_and_unknown_forms_are_not_found(sim: Sim) -> None:
    form_id = _form(sim)
    other = "/submissions/v3/integration/submit/999"
    assert _submit(sim, form_id, other, email="ada@example.com").status_code == 404
    assert _submit(sim, "nonsense", email="ada@example.com").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", FORMS),
        ("GET", "/form-integrations/v1/submissions/forms/1"),
        ("POST", f"{SECURE}/1"),
    ],
)
def test_forms_have_a_scope_of_their_own(sim: Sim, method: str, path: str) -> None:
    token = sim.token(["oauth", "crm.objects.contacts.read", "crm.objects.contacts.write"])
    refused = sim.api.request(method, path, headers={"Authorization": f"Bearer {token}"})
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["context"]["requiredGranularScopes"] == ["forms"]
