import re
from typing import Any

import pytest

from tests.contracts.simulators.salesforce.driver import Driver, error_of

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000")
ADMIN = "0055g0000000001AAA"
SELMA = "0055g0000000002AAA"
NOBODY = "003000000000000AAA"


def refusal(org: Driver, object_name: str, **fields: Any) -> dict[str, Any]:
    answer = org.call("POST", f"/sobjects/{object_name}", fields)
    assert answer.status_code == 400, answer.text
    found: dict[str, Any] = answer.json()[0]
    return found


def test_line_5_create_read_change_delete(org: Driver) -> None:
    answer = org.call("POST", "/sobjects/Contact", {"LastName": "Meier", "FirstName": "Änne"})
    record_id = answer.json()["id"]
    assert answer.status_code == 201
    assert answer.json() == {"id": record_id, "success": True, "errors": []}
    assert answer.headers["location"] == f"/services/data/v66.0/sobjects/Contact/{record_id}"
    found = org.get("Contact", record_id)
    assert found["attributes"]["type"] == "Contact"
    assert found["Name"] == "Änne Meier"
    assert found["OwnerId"] == found["CreatedById"] == found["LastModifiedById"] == ADMIN
    assert found["Email"] is None
    assert found["HasOptedOutOfEmail"] is False
    assert STAMP.fullmatch(found["SystemModstamp"])
    change = org.call("PATCH", f"/sobjects/Contact/{record_id}", {"FirstName": None})
    assert (change.status_code, change.content) == (204, b"")
    assert org.get("Contact", record_id)["Name"] == "Meier"
    gone = org.call("DELETE", f"/sobjects/Contact/{record_id}")
    assert (gone.status_code, gone.content) == (204, b"")
    again = org.call("GET", f"/sobjects/Contact/{record_id}")
    assert error_of(again) == (404, "ENTITY_IS_DELETED")
    assert again.json()[0]["fields"] == []


def test_some_fields_can_be_read(org: Driver) -> None:
    record_id = org.create("Contact", LastName="Few")
    url = f"/sobjects/Contact/{record_id}"
    found = org.call("GET", url, params={"fields": "Id,lastname"}).json()
    assert set(found) == {"attributes", "Id", "LastName"}
    wrong = org.call("GET", url, params={"fields": "Id,Nothing"})
    assert error_of(wrong) == (400, "INVALID_FIELD")


def test_line_3_15_and_18_characters_name_the_same_record(org: Driver) -> None:
    record_id = org.create("Contact", LastName="Short")
    assert len(record_id) == 18
    assert org.get("Contact", record_id[:15])["Id"] == record_id
    task = org.create("Task", WhoId=record_id[:15])
    assert org.get("Task", task)["WhoId"] == record_id


def test_line_3_every_write_bumps_the_modstamp(org: Driver) -> None:
    record_id = org.create("Contact", LastName="Same")
    first = org.get("Contact", record_id)["SystemModstamp"]
    org.control("clock", {"advance_seconds": 5})
    org.call("PATCH", f"/sobjects/Contact/{record_id}", {"LastName": "Same"})
    found = org.get("Contact", record_id)
    assert found["SystemModstamp"] > first
    assert found["LastModifiedDate"] == found["SystemModstamp"]
    assert found["CreatedDate"] <= first


def test_line_3_missing_records(org: Driver) -> None:
    url = f"/sobjects/Contact/{NOBODY}"
    assert error_of(org.call("GET", url)) == (404, "NOT_FOUND")
    assert error_of(org.call("PATCH", url, {"LastName": "X"})) == (404, "NOT_FOUND")
    assert error_of(org.call("DELETE", url)) == (404, "NOT_FOUND")
    assert error_of(org.call("GET", "/sobjects/Contact/rubbish")) == (404, "NOT_FOUND")


def test_line_4_required_fields(org: Driver) -> None:
    found = refusal(org, "Lead", FirstName="Only")
    assert found["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert found["message"] == "Required fields are missing: [LastName, Company]"
    assert found["fields"] == ["LastName", "Company"]
    record_id = org.create("Contact", LastName="X")
    answer = org.call("PATCH", f"/sobjects/Contact/{record_id}", {"LastName": "  "})
    assert error_of(answer) == (400, "REQUIRED_FIELD_MISSING")


def test_line_4_an_unknown_column(org: Driver) -> None:
    found = refusal(org, "Contact", LastName="X", Shoe__c=1)
    assert found["errorCode"] == "INVALID_FIELD"
    assert found["message"] == "No such column 'Shoe__c' on sobject of type Contact"


def test_line_4_text_that_is_too_long(org: Driver) -> None:
    found = refusal(org, "Contact", LastName="X" * 81)
    assert found["errorCode"] == "STRING_TOO_LONG"
    shown = f"Last Name: data value too large: {'X' * 81} (max length=80)"
    assert found["message"] == shown
    assert found["fields"] == ["LastName"]


def test_line_4_a_restricted_picklist(org: Driver) -> None:
    found = refusal(org, "Lead", LastName="X", Company="Y", Rating="Lukewarm")
    assert found["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert found["message"] == "Rating: bad value for restricted picklist field: Lukewarm"
    record_id = org.create("Lead", LastName="X", Company="Y", LeadSource="Made up")
    assert org.get("Lead", record_id)["LeadSource"] == "Made up"


@pytest.mark.parametrize("value", ["nobody", "a@b", "a b@c.de", "a@b..de", "@b.de", "a@b.d"])
def test_line_4_bad_email_addresses(org: Driver, value: str) -> None:
    found = refusal(org, "Contact", LastName="X", Email=value)
    assert found["errorCode"] == "INVALID_EMAIL_ADDRESS"
    assert found["message"] == f"Email: invalid email address: {value}"
    assert found["fields"] == ["Email"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("HasOptedOutOfEmail", "maybe"),
        ("HasOptedOutOfEmail", None),
        ("Birthdate", "yesterday"),
        ("Birthdate", "2026-02-30"),
        ("Birthdate", 7),
        ("LastName", {"a": 1}),
    ],
)
def test_line_4_values_of_the_wrong_kind(org: Driver, field: str, value: Any) -> None:
    found = refusal(org, "Contact", **{"LastName": "X", field: value})
    assert found["errorCode"] == "JSON_PARSER_ERROR"


def test_line_4_numbers(org: Driver) -> None:
    fields = {"Name": "Num", "AnnualRevenue": "12.345", "NumberOfEmployees": 7}
    found = org.get("Account", org.create("Account", **fields))
    assert (found["AnnualRevenue"], found["NumberOfEmployees"]) == (12.35, 7)
    bad = refusal(org, "Account", Name="N", NumberOfEmployees=1.5)
    assert bad["errorCode"] == "JSON_PARSER_ERROR"
    big = refusal(org, "Account", Name="N", NumberOfEmployees=10**8)
    assert big["errorCode"] == "NUMBER_OUTSIDE_VALID_RANGE"


def test_line_4_blank_text_is_null_and_text_is_trimmed(org: Driver) -> None:
    found = org.get("Contact", org.create("Contact", LastName=" X ", Title="", Phone="  "))
    assert (found["LastName"], found["Title"], found["Phone"]) == ("X", None, None)


def test_line_3_datetimes_are_stored_in_utc(org: Driver) -> None:
    task = org.create("Task", ReminderDateTime="2026-03-01T10:00:00+02:00", IsReminderSet=True)
    assert org.get("Task", task)["ReminderDateTime"] == "2026-03-01T08:00:00.000+0000"


def test_line_4_what_salesforce_sets_itself_cannot_be_set(org: Driver) -> None:
    for name in ("CreatedDate", "SystemModstamp", "Name", "MailingAddress", "IsDeleted"):
        found = refusal(org, "Contact", LastName="X", **{name: "2026-01-01"})
        assert found["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert refusal(org, "Contact", LastName="X", Id=NOBODY)["errorCode"] == "INVALID_FIELD"
    lead = refusal(org, "Lead", LastName="X", Company="Y", IsConverted=True)
    assert lead["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_line_4_references(org: Driver) -> None:
    account = org.create("Account", Name="Org")
    contact = org.create("Contact", LastName="X", AccountId=account)
    wrong = refusal(org, "Contact", LastName="X", AccountId=contact)
    assert wrong["errorCode"] == "MALFORMED_ID"
    assert wrong["message"] == f"Account ID: id value of incorrect type: {contact}"
    unknown = refusal(org, "Contact", LastName="X", AccountId="001000000000000AAA")
    assert unknown["errorCode"] == "INVALID_CROSS_REFERENCE_KEY"
    assert refusal(org, "Contact", LastName="X", AccountId="x")["errorCode"] == "MALFORMED_ID"
    org.call("DELETE", f"/sobjects/Account/{account}")
    answer = org.call("POST", "/sobjects/Opportunity", deal(AccountId=account))
    assert error_of(answer) == (404, "ENTITY_IS_DELETED")


def deal(**more: Any) -> dict[str, Any]:
    return {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-12-31", **more}


def test_a_task_knows_its_account_and_whom_it_is_about(org: Driver) -> None:
    account = org.create("Account", Name="Org")
    contact = org.create("Contact", LastName="X", AccountId=account)
    lead = org.create("Lead", LastName="L", Company="C")
    task = org.create("Task", Subject="Call", WhoId=contact)
    assert org.get("Task", task)["AccountId"] == account
    assert refusal(org, "Task", WhoId=account)["errorCode"] == "MALFORMED_ID"
    assert refusal(org, "Task", WhatId=contact)["errorCode"] == "MALFORMED_ID"
    both = refusal(org, "Task", WhoId=lead, WhatId=account)
    assert both["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"


def test_computed_fields_of_tasks_and_deals(org: Driver) -> None:
    task = org.create("Task", Subject="Do it", Priority="High")
    found = org.get("Task", task)
    assert (found["Status"], found["IsClosed"]) == ("Not Started", False)
    assert found["IsHighPriority"] is True
    org.call("PATCH", f"/sobjects/Task/{task}", {"Status": "Completed"})
    found = org.get("Task", task)
    assert found["IsClosed"] is True
    assert STAMP.fullmatch(found["CompletedDateTime"])
    opportunity = org.create("Opportunity", **deal())
    assert org.get("Opportunity", opportunity)["Probability"] == 10
    org.call("PATCH", f"/sobjects/Opportunity/{opportunity}", {"StageName": "Closed Won"})
    found = org.get("Opportunity", opportunity)
    assert (found["IsWon"], found["IsClosed"], found["Probability"]) == (True, True, 100)
    assert (found["FiscalYear"], found["FiscalQuarter"]) == (2026, 4)


def test_line_5_a_deleted_account_takes_its_contacts_with_it(org: Driver) -> None:
    account = org.create("Account", Name="Org")
    contact = org.create("Contact", LastName="X", AccountId=account)
    org.call("DELETE", f"/sobjects/Account/{account}")
    answer = org.call("GET", f"/sobjects/Contact/{contact}")
    assert error_of(answer) == (404, "ENTITY_IS_DELETED")
    org.control("undelete", {"object": "Contact", "id": contact})
    assert org.get("Contact", contact)["IsDeleted"] is False


def test_a_user_cannot_be_made_by_an_integration(org: Driver) -> None:
    found = refusal(org, "User", Alias="x")
    assert found["errorCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_line_5_a_record_goes_to_the_owner_that_was_named(org: Driver) -> None:
    record_id = org.create("Contact", LastName="Owned", OwnerId=SELMA)
    assert org.get("Contact", record_id)["OwnerId"] == SELMA


def test_a_permission_set_is_assigned_once(org: Driver) -> None:
    org.install()
    sets = org.rows("SELECT Id FROM PermissionSet WHERE Name = 'Causeway_Integration'")
    fields = {"PermissionSetId": sets[0]["Id"], "AssigneeId": org.user_id}
    org.create("PermissionSetAssignment", **fields)
    assert refusal(org, "PermissionSetAssignment", **fields)["errorCode"] == "DUPLICATE_VALUE"
    soql = "SELECT Assignee.Name FROM PermissionSetAssignment WHERE Assignee.IsActive = true"
    assert org.rows(soql)[0]["Assignee"]["Name"] == "Ada Admin"
