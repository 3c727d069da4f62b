from typing import Any

import pytest

from tests.contracts.simulators.salesforce.driver import Driver, error_of, rows_of

KEEP_OWNER = {"Sforce-Auto-Assign": "FALSE"}
SAVE_ANYWAY = {"Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=true"}
ADA = "0055g0000000001AAA"
RITA = "0055g0000000005AAA"
LEAD = {"LastName": "L", "Company": "C"}


def post(org: Driver, object_name: str, body: Any, **headers: Any) -> Any:
    return org.call("POST", f"/sobjects/{object_name}", body, headers=headers)


def test_line_5_a_write_reassigns_a_lead_unless_told_not_to(org: Driver) -> None:
    org.switch(assignment_rule=True)
    kept = post(org, "Lead", LEAD, **KEEP_OWNER).json()["id"]
    moved = post(org, "Lead", LEAD).json()["id"]
    assert org.get("Lead", kept)["OwnerId"] == ADA
    assert org.get("Lead", moved)["OwnerId"] == RITA
    org.call("PATCH", f"/sobjects/Lead/{kept}", {"Title": "T"}, headers=KEEP_OWNER)
    assert org.get("Lead", kept)["OwnerId"] == ADA
    org.call("PATCH", f"/sobjects/Lead/{kept}", {"Title": "U"})
    assert org.get("Lead", kept)["OwnerId"] == RITA
    contact = post(org, "Contact", {"LastName": "X"}).json()["id"]
    assert org.get("Contact", contact)["OwnerId"] == ADA


def test_line_5_without_a_rule_nobody_is_reassigned(org: Driver) -> None:
    assert org.get("Lead", post(org, "Lead", LEAD).json()["id"])["OwnerId"] == ADA


@pytest.mark.parametrize("object_name", ["Contact", "Lead"])
def test_line_5_a_duplicate_comes_with_the_misspelt_key(org: Driver, object_name: str) -> None:
    body = {"LastName": "X", "Email": "twin@example.com"}
    if object_name == "Lead":
        body["Company"] = "C"
    first = org.create(object_name, **body)
    org.switch(duplicate_rule="alert")
    answer = post(org, object_name, {**body, "Email": "TWIN@example.com"})
    assert error_of(answer) == (400, "DUPLICATES_DETECTED")
    found = answer.json()[0]["duplicateResut"]
    assert found["allowSave"] is True
    assert found["duplicateRule"] == f"Standard_{object_name}_Duplicate_Rule"
    match = found["matchResults"][0]["matchRecords"][0]
    assert match["record"]["Id"] == first
    assert "Email" not in match["record"]


def test_line_5_allow_save_overrides_an_alert_but_not_a_block(org: Driver) -> None:
    body = {"LastName": "X", "Email": "twin@example.com"}
    org.create("Contact", **body)
    org.switch(duplicate_rule="alert")
    assert post(org, "Contact", body, **SAVE_ANYWAY).status_code == 201
    org.switch(duplicate_rule="block")
    answer = post(org, "Contact", body, **SAVE_ANYWAY)
    assert error_of(answer) == (400, "DUPLICATES_DETECTED")
    found = answer.json()[0]["duplicateResut"]
    assert found["allowSave"] is False
    records = found["matchResults"][0]["matchRecords"]
    assert [one["record"]["Email"] for one in records] == ["twin@example.com"] * 2


def test_line_5_a_duplicate_in_collections(org: Driver) -> None:
    body = {"LastName": "X", "Email": "twin@example.com"}
    org.create("Contact", **body)
    org.switch(duplicate_rule="alert")
    answer = org.call("POST", "/composite/sobjects", {"records": rows_of("Contact", [body])})
    error = answer.json()[0]["errors"][0]
    assert error["statusCode"] == "DUPLICATES_DETECTED"
    assert error["duplicateResut"]["matchResults"][0]["size"] == 1


def test_line_5_an_edit_that_leaves_the_email_meets_no_duplicate_rule(org: Driver) -> None:
    ids = [org.create("Contact", LastName="X", Email="twin@example.com") for _ in range(2)]
    org.switch(duplicate_rule="block")
    body = {"Email": "twin@example.com", "Title": "T"}
    assert org.call("PATCH", f"/sobjects/Contact/{ids[0]}", body).status_code == 204


def test_line_5_a_converted_lead_is_read_only(org: Driver) -> None:
    lead = org.create("Lead", LastName="L", FirstName="F", Company="Org", Email="l@example.com")
    task = org.create("Task", WhoId=lead)
    made = org.control("convert-lead", {"id": lead, "opportunity": True})
    found = org.get("Lead", lead)
    assert found["IsConverted"] is True
    assert found["Status"] == "Closed - Converted"
    assert found["ConvertedContactId"] == made["contact_id"]
    assert found["ConvertedAccountId"] == made["account_id"]
    assert found["ConvertedOpportunityId"] == made["opportunity_id"]
    contact = org.get("Contact", made["contact_id"])
    assert (contact["Name"], contact["Email"]) == ("F L", "l@example.com")
    assert contact["AccountId"] == made["account_id"]
    assert org.get("Account", made["account_id"])["Name"] == "Org"
    assert org.get("Task", task)["WhoId"] == made["contact_id"]
    answer = org.call("PATCH", f"/sobjects/Lead/{lead}", {"Title": "T"})
    assert error_of(answer) == (400, "CANNOT_UPDATE_CONVERTED_LEAD")
    assert answer.json()[0]["message"] == "cannot reference converted lead"
    answer = post(org, "Task", {"WhoId": lead})
    assert error_of(answer) == (400, "CANNOT_UPDATE_CONVERTED_LEAD")


def test_line_5_a_lead_can_be_converted_into_a_contact_that_exists(org: Driver) -> None:
    account = org.create("Account", Name="Org")
    contact = org.create("Contact", LastName="X", AccountId=account)
    lead = org.create("Lead", **LEAD)
    body = {"id": lead, "account_id": account, "contact_id": contact}
    made = org.control("convert-lead", body)
    assert made["contact_id"] == contact
    assert made["opportunity_id"] is None
    again = org.http.post("/_control/convert-lead", json=body)
    assert again.json()[0]["errorCode"] == "CANNOT_UPDATE_CONVERTED_LEAD"


def test_line_5_a_deleted_record_says_so(org: Driver) -> None:
    record_id = org.create("Contact", LastName="X")
    org.control("delete", {"object": "Contact", "id": record_id})
    answer = org.call("PATCH", f"/sobjects/Contact/{record_id}", {"Title": "T"})
    assert error_of(answer) == (404, "ENTITY_IS_DELETED")
    assert answer.json()[0]["message"] == "entity is deleted"


def test_line_4_a_validation_rule_speaks_the_admins_words(org: Driver) -> None:
    rule = {"object": "Contact", "field": "Title", "value": "Boss", "message": "No bosses."}
    org.switch(validation_rule=rule)
    answer = post(org, "Contact", {"LastName": "X", "Title": "Boss"})
    assert error_of(answer) == (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    assert answer.json()[0]["message"] == "No bosses."
    assert post(org, "Contact", {"LastName": "X", "Title": "Clerk"}).status_code == 201
    org.control("create", {"object": "Contact", "fields": {"LastName": "X", "Title": "Boss"}})


def test_line_5_the_next_rows_can_be_locked(org: Driver) -> None:
    org.switch(locked_rows=2)
    rows = rows_of("Contact", [{"LastName": f"N{number}"} for number in range(3)])
    found = org.call("POST", "/composite/sobjects", {"records": rows}).json()
    assert [one["success"] for one in found] == [False, False, True]
    assert found[0]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert org.look("switches")["locked_rows"]["value"] == 0


def test_line_5_a_certain_row_can_be_locked(org: Driver) -> None:
    record_id = org.create("Contact", LastName="X")
    org.switch(locked_ids=[record_id])
    answer = org.call("PATCH", f"/sobjects/Contact/{record_id}", {"Title": "T"})
    assert error_of(answer) == (400, "UNABLE_TO_LOCK_ROW")
    assert answer.json()[0]["message"] == (
        f"unable to obtain exclusive access to this record or 1 records: {record_id}"
    )


def test_an_object_can_be_read_only(org: Driver) -> None:
    org.switch(read_only_objects=["Opportunity"])
    body = {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-01-01"}
    answer = post(org, "Opportunity", body)
    assert error_of(answer) == (400, "INSUFFICIENT_ACCESS_OR_READONLY")
