from typing import Any

from tests.contracts.simulators.salesforce.driver import Driver, error_of, rows_of

MANY = "/composite/sobjects"
BY_KEY = f"{MANY}/Contact/Causeway_Key__c"
NOBODY = "003000000000000AAA"


def write(
    org: Driver, method: str, url: str, records: list[dict[str, Any]], **more: Any
) -> list[dict[str, Any]]:
    answer = org.call(method, url, {"records": records, **more})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    assert len(found) == len(records)
    return found


def test_line_4_replies_come_in_request_order_and_one_failure_stays_alone(org: Driver) -> None:
    records = rows_of("Contact", [{"LastName": "A"}, {"FirstName": "B"}, {"LastName": "C"}])
    first, second, third = write(org, "POST", MANY, records)
    assert (first["success"], first["errors"]) == (True, [])
    assert org.get("Contact", third["id"])["LastName"] == "C"
    assert second == {
        "success": False,
        "errors": [
            {
                "statusCode": "REQUIRED_FIELD_MISSING",
                "message": "Required fields are missing: [LastName]",
                "fields": ["LastName"],
            }
        ],
    }


def test_line_4_the_code_is_called_status_code_here(org: Driver) -> None:
    failed = write(org, "POST", MANY, rows_of("Contact", [{"LastName": "A", "Nope": 1}]))[0]
    assert failed["errors"][0]["statusCode"] == "INVALID_FIELD"
    assert "errorCode" not in failed["errors"][0]


def test_line_4_all_or_none_takes_everything_back(org: Driver) -> None:
    records = rows_of("Contact", [{"LastName": "A"}, {"FirstName": "B"}])
    good, bad = write(org, "POST", MANY, records, allOrNone=True)
    assert good["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert bad["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert org.rows("SELECT Id FROM Contact") == []
    assert org.look("changes") == []


def test_updates_by_id(org: Driver) -> None:
    ids = [org.create("Contact", LastName=f"N{number}") for number in range(3)]
    org.call("DELETE", f"/sobjects/Contact/{ids[2]}")
    changes = [{"Id": ids[0], "Title": "T"}, {"id": ids[1][:15], "Title": "U"}]
    changes += [{"Id": ids[2], "Title": "V"}, {"Id": NOBODY, "Title": "W"}, {"Title": "X"}]
    found = write(org, "PATCH", MANY, rows_of("Contact", changes))
    assert [one["success"] for one in found] == [True, True, False, False, False]
    codes = [one["errors"][0]["statusCode"] for one in found[2:]]
    assert codes == ["ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "MISSING_ARGUMENT"]
    assert org.get("Contact", ids[1])["Title"] == "U"


def test_line_5_upsert_by_key_says_what_was_created(org: Driver) -> None:
    org.install()
    known = org.create("Contact", LastName="K", Causeway_Key__c="k1")
    rows = [{"Causeway_Key__c": "k1", "Title": "T"}, {"Causeway_Key__c": "k2", "LastName": "N"}]
    first, second, third = write(
        org, "PATCH", BY_KEY, rows_of("Contact", [*rows, {"LastName": "none"}])
    )
    assert (first["id"], first["created"]) == (known, False)
    assert second["created"] is True
    assert third["errors"][0]["statusCode"] == "MISSING_ARGUMENT"


def test_line_5_a_key_twice_in_one_call_fails_those_rows(org: Driver) -> None:
    org.install()
    keys = ["same", "other", "SAME"]
    rows = rows_of("Contact", [{"Causeway_Key__c": key, "LastName": "X"} for key in keys])
    found = write(org, "PATCH", BY_KEY, rows)
    assert [one["success"] for one in found] == [False, True, False]
    assert found[0]["errors"][0]["statusCode"] == "DUPLICATE_VALUE"


def test_line_5_several_matches_fail_the_row(org: Driver) -> None:
    for _ in range(2):
        org.create("Contact", LastName="Twin", Email="twin@example.com")
    rows = rows_of("Contact", [{"Email": "twin@example.com", "Title": "T"}])
    found = write(org, "PATCH", f"{MANY}/Contact/Email", rows)
    assert found[0]["errors"][0]["statusCode"] == "DUPLICATE_EXTERNAL_ID"


def test_deletes_by_id(org: Driver) -> None:
    ids = [org.create("Contact", LastName=f"N{number}") for number in range(2)]
    given = ",".join([*ids, NOBODY])
    found = org.call("DELETE", MANY, params={"ids": given, "allOrNone": "false"}).json()
    assert [one["success"] for one in found] == [True, True, False]
    assert org.rows("SELECT Id FROM Contact") == []


def test_reads_put_null_where_nothing_is(org: Driver) -> None:
    record_id = org.create("Contact", LastName="Here")
    params = {"ids": f"{NOBODY},{record_id}", "fields": "LastName"}
    found = org.call("GET", f"{MANY}/Contact", params=params).json()
    assert found[0] is None
    assert found[1]["LastName"] == "Here"
    body = {"ids": [record_id], "fields": ["Name"]}
    assert org.call("POST", f"{MANY}/Contact", body).json()[0]["Name"] == "Here"
    wrong = org.call("GET", f"{MANY}/Contact", params={"ids": record_id, "fields": "No"})
    assert error_of(wrong) == (400, "INVALID_FIELD")


def test_200_records_are_the_limit(org: Driver) -> None:
    rows = rows_of("Contact", [{"LastName": "X"}] * 201)
    answer = org.call("POST", MANY, {"records": rows})
    assert error_of(answer) == (400, "EXCEEDED_ID_LIMIT")
    assert org.rows("SELECT Id FROM Contact") == []


def test_types_may_change_ten_times(org: Driver) -> None:
    one = rows_of("Contact", [{"LastName": "X"}]) + rows_of("Account", [{"Name": "Y"}])
    assert org.call("POST", MANY, {"records": one * 5}).status_code == 200
    answer = org.call("POST", MANY, {"records": one * 6})
    assert error_of(answer) == (400, "LIMIT_EXCEEDED")


def test_an_unreadable_value_can_fail_the_whole_call(org: Driver) -> None:
    rows = rows_of("Contact", [{"LastName": "A"}, {"LastName": "B", "Birthdate": "x"}])
    assert write(org, "POST", MANY, rows)[1]["errors"][0]["statusCode"] == "JSON_PARSER_ERROR"
    org.switch(collections_parse_strictly=True)
    answer = org.call("POST", MANY, {"records": rows})
    assert error_of(answer) == (400, "JSON_PARSER_ERROR")
    assert len(org.rows("SELECT Id FROM Contact")) == 1


def test_the_type_has_to_be_given(org: Driver) -> None:
    answer = org.call("POST", MANY, {"records": [{"LastName": "X"}]})
    assert error_of(answer) == (400, "INVALID_INPUT")
    answer = org.call("POST", MANY, {"records": "x"})
    assert error_of(answer) == (400, "JSON_PARSER_ERROR")
