"""Record types, users, archived activities, picklists with labels: what admins make of an org."""

from typing import Any

from tests.contracts.simulators.salesforce.driver import Driver, error_of

MASTER = "012000000000000AAA"


def infos(org: Driver, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = org.call("GET", f"/sobjects/{name}/describe").json()[
        "recordTypeInfos"
    ]
    return found


def add(org: Driver, name: str, **more: Any) -> str:
    made: dict[str, str] = org.control("record-types", {"object": "Lead", "name": name, **more})
    return made["id"]


def test_line_4_every_object_has_the_master_record_type(org: Driver) -> None:
    assert [(one["recordTypeId"], one["master"]) for one in infos(org, "Lead")] == [(MASTER, True)]
    answer = org.call("GET", "/query", params={"q": "SELECT RecordTypeId FROM Lead"})
    assert error_of(answer) == (400, "INVALID_FIELD")


def test_line_4_record_types_are_described_and_given_to_new_records(org: Driver) -> None:
    partner = add(org, "Partner Lead", default=True)
    old = add(org, "Old", active=False)
    shown = infos(org, "Lead")
    assert [one["developerName"] for one in shown] == ["Partner_Lead", "Old", "Master"]
    assert [one["defaultRecordTypeMapping"] for one in shown] == [True, False, False]
    assert [one["active"] for one in shown] == [True, False, True]
    assert partner.startswith("012")
    lead = org.create("Lead", LastName="L", Company="C")
    row = org.rows("SELECT RecordTypeId, RecordType.DeveloperName FROM Lead")[0]
    assert row["RecordTypeId"] == partner
    assert row["RecordType"]["DeveloperName"] == "Partner_Lead"
    answer = org.call("PATCH", f"/sobjects/Lead/{lead}", {"RecordTypeId": old})
    assert error_of(answer) == (400, "INVALID_CROSS_REFERENCE_KEY")
    rows = org.rows("SELECT Name, SobjectType FROM RecordType WHERE IsActive = true")
    assert [(one["Name"], one["SobjectType"]) for one in rows] == [("Partner Lead", "Lead")]


def test_line_4_a_record_type_of_another_object_is_refused(org: Driver) -> None:
    lead_type = add(org, "Partner")
    org.control("record-types", {"object": "Contact", "name": "Person"})
    body = {"LastName": "X", "RecordTypeId": lead_type}
    answer = org.call("POST", "/sobjects/Contact", body)
    assert error_of(answer) == (400, "INVALID_CROSS_REFERENCE_KEY")


def test_line_4_the_value_of_a_picklist_is_written_not_its_label(org: Driver) -> None:
    field = {
        "object": "Lead",
        "name": "Size__c",
        "type": "picklist",
        "picklist": ["s", "m", "old"],
        "labels": [["s", "Small"]],
        "inactive": ["old"],
        "restricted": True,
    }
    org.control("fields", field)
    fields = org.call("GET", "/sobjects/Lead/describe").json()["fields"]
    shown = next(one for one in fields if one["name"] == "Size__c")["picklistValues"]
    assert [(one["value"], one["label"], one["active"]) for one in shown] == [
        ("s", "Small", True),
        ("m", "m", True),
        ("old", "old", False),
    ]
    assert org.create("Lead", LastName="L", Company="C", Size__c="s")
    for bad in ("Small", "old"):
        body = {"LastName": "L", "Company": "C", "Size__c": bad}
        answer = org.call("POST", "/sobjects/Lead", body)
        assert error_of(answer) == (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")


def test_line_5_a_record_cannot_go_to_an_inactive_user(org: Driver) -> None:
    gone = org.rows("SELECT Id FROM User WHERE IsActive = false")[0]["Id"]
    answer = org.call("POST", "/sobjects/Contact", {"LastName": "X", "OwnerId": gone})
    assert error_of(answer) == (400, "INACTIVE_OWNER_OR_USER")
    sales = org.rows("SELECT Id FROM User WHERE Email = 'sales@example.com'")[0]["Id"]
    contact = org.create("Contact", LastName="X", OwnerId=sales)
    org.control("users", {"id": sales, "fields": {"IsActive": False}})
    inactive = [one["Id"] for one in org.rows("SELECT Id FROM User WHERE IsActive = false")]
    assert sales in inactive
    same = {"OwnerId": sales, "Title": "T"}
    assert org.call("PATCH", f"/sobjects/Contact/{contact}", same).status_code == 204
    refused = org.http.post("/_control/users", json={"id": sales, "fields": {"ProfileId": "x"}})
    assert refused.status_code == 400


def test_line_6_archived_activities_are_in_query_all_only(org: Driver) -> None:
    task = org.create("Task", Subject="Old", Status="Completed")
    body = {"object": "Task", "id": task, "fields": {"IsArchived": True}}
    org.control("change-events/change-database", body)
    assert org.rows("SELECT Id FROM Task") == []
    soql = "SELECT Id, IsArchived, IsDeleted FROM Task"
    found = org.query(soql, resource="queryAll")["records"]
    assert [(one["IsArchived"], one["IsDeleted"]) for one in found] == [(True, False)]
