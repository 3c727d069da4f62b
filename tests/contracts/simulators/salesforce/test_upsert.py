import pytest

from tests.contracts.simulators.salesforce.driver import Driver, error_of

KEY = "/sobjects/Contact/Causeway_Key__c"


@pytest.fixture
def ready(org: Driver) -> Driver:
    org.install()
    return org


def test_line_5_upsert_creates_and_then_updates(ready: Driver) -> None:
    first = ready.call("PATCH", f"{KEY}/p:contact:1", {"LastName": "New"})
    record_id = first.json()["id"]
    assert first.status_code == 201
    assert first.json() == {"id": record_id, "success": True, "errors": [], "created": True}
    second = ready.call("PATCH", f"{KEY}/P:CONTACT:1", {"LastName": "Newer"})
    assert second.status_code == 200
    assert second.json() == {"id": record_id, "success": True, "errors": [], "created": False}
    found = ready.get("Contact", record_id)
    assert (found["LastName"], found["Causeway_Key__c"]) == ("Newer", "p:contact:1")


def test_line_5_an_old_version_answers_204_to_an_update(ready: Driver) -> None:
    old = "/services/data/v45.0"
    assert ready.call("PATCH", f"{KEY}/1", {"LastName": "X"}, version=old).status_code == 201
    answer = ready.call("PATCH", f"{KEY}/1", {"LastName": "X"}, version=old)
    assert (answer.status_code, answer.content) == (204, b"")


def test_line_5_update_only_refuses_to_create(ready: Driver) -> None:
    only = {"updateOnly": "true"}
    answer = ready.call("PATCH", f"{KEY}/1", {"LastName": "X"}, params=only)
    assert error_of(answer) == (404, "NOT_FOUND")
    ready.call("PATCH", f"{KEY}/1", {"LastName": "X"})
    assert ready.call("PATCH", f"{KEY}/1", {"LastName": "Y"}, params=only).status_code == 200


def test_line_5_several_matches_are_300_and_nothing_is_written(ready: Driver) -> None:
    ids = [ready.create("Contact", LastName="Twin", Email="twin@example.com") for _ in range(2)]
    answer = ready.call("PATCH", "/sobjects/Contact/Email/TWIN@example.com", {"LastName": "X"})
    assert answer.status_code == 300
    assert answer.json() == [f"/services/data/v66.0/sobjects/Contact/{one}" for one in ids]
    assert {ready.get("Contact", one)["LastName"] for one in ids} == {"Twin"}
    assert ready.call("GET", "/sobjects/Contact/Email/twin@example.com").status_code == 300


def test_line_5_a_key_may_hold_any_character(ready: Driver) -> None:
    answer = ready.call("PATCH", f"{KEY}/a%2Fb%20c%3F%25", {"LastName": "X"})
    assert ready.get("Contact", answer.json()["id"])["Causeway_Key__c"] == "a/b c?%"
    assert ready.call("GET", f"{KEY}/a%2Fb%20c%3F%25").json()["LastName"] == "X"


def test_line_5_the_key_does_not_belong_into_the_body(ready: Driver) -> None:
    answer = ready.call("PATCH", f"{KEY}/1", {"LastName": "X", "Causeway_Key__c": "1"})
    assert error_of(answer) == (400, "INVALID_FIELD")


def test_line_5_before_the_package_there_is_no_key(org: Driver) -> None:
    answer = org.call("PATCH", f"{KEY}/1", {"LastName": "X"})
    assert error_of(answer) == (404, "NOT_FOUND")
    answer = org.call("POST", "/sobjects/Contact", {"LastName": "X", "Causeway_Key__c": "1"})
    assert error_of(answer) == (400, "INVALID_FIELD")


def test_line_5_the_key_is_unique_in_any_case(ready: Driver) -> None:
    first = ready.create("Contact", LastName="X", Causeway_Key__c="key")
    body = {"LastName": "Y", "Causeway_Key__c": "KEY"}
    answer = ready.call("POST", "/sobjects/Contact", body)
    assert error_of(answer) == (400, "DUPLICATE_VALUE")
    assert answer.json()[0]["message"] == (
        f"duplicate value found: Causeway_Key__c duplicates value on record with id: {first}"
    )
    ready.create("Lead", LastName="Y", Company="Z", Causeway_Key__c="KEY")


def test_line_5_delete_and_read_by_key(ready: Driver) -> None:
    record_id = ready.create("Contact", LastName="X", Causeway_Key__c="k")
    assert ready.call("GET", f"{KEY}/k").json()["Id"] == record_id
    assert ready.call("DELETE", f"{KEY}/k").status_code == 204
    assert error_of(ready.call("GET", f"{KEY}/k")) == (404, "NOT_FOUND")
    assert ready.call("PATCH", f"{KEY}/k", {"LastName": "X"}).json()["created"] is True


def test_line_5_insert_through_the_upsert_resource(org: Driver) -> None:
    assert org.call("POST", "/sobjects/Contact/Id", {"LastName": "X"}).status_code == 201


def test_line_5_a_parent_can_be_named_by_its_key(ready: Driver) -> None:
    account = ready.create("Account", Name="Parent", Causeway_Key__c="acc")
    parent = {"Account": {"Causeway_Key__c": "ACC"}}
    answer = ready.call("PATCH", f"{KEY}/1", {"LastName": "X", **parent})
    assert ready.get("Contact", answer.json()["id"])["AccountId"] == account
    unknown = {"Account": {"Causeway_Key__c": "none"}}
    answer = ready.call("PATCH", f"{KEY}/2", {"LastName": "X", **unknown})
    assert error_of(answer) == (400, "INVALID_FIELD")
    assert "Foreign key external ID: none not found" in answer.json()[0]["message"]


def test_line_5_upsert_never_takes_record_ids(ready: Driver) -> None:
    record_id = ready.create("Contact", LastName="X")
    answer = ready.call("PATCH", f"/sobjects/Contact/Id/{record_id}", {"LastName": "Y"})
    assert error_of(answer) == (404, "NOT_FOUND")
    assert ready.get("Contact", record_id)["LastName"] == "X"
