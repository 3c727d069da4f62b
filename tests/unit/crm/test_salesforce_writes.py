from decimal import Decimal
from typing import Any

import httpx2
import pytest

from shared.crm.errors import CrmFatalError
from shared.crm.salesforce.client import SalesforceClient
from shared.crm.salesforce.collections import Row
from shared.crm.salesforce.ids import id18
from shared.crm.writes import Refused, Written
from tests.unit.crm.fakes import SalesforceLine, in_turn, reply, sent

SECRET = "Ada Augusta King"
KEY = "Causeway_Key__c"
OK = {"id": "00Q000000000001AAA", "success": True, "errors": []}


def failed(code: str, message: str = "no", **more: Any) -> dict[str, Any]:
    return {"success": False, "errors": [{"statusCode": code, "message": message, **more}]}


async def test_upsert_is_one_call_with_the_headers_that_a_sync_needs() -> None:
    line = SalesforceLine(
        lambda _request: reply([{**OK, "created": True}, {**OK, "created": False}])
    )
    results = await line.client.upsert(
        "Lead",
        KEY,
        [
            Row("1:contact:5", {"LastName": SECRET, "Phone": None}),
            Row("k2", {"N": Decimal("1.50")}),
        ],
    )
    [request] = line.requests
    assert results == {
        "1:contact:5": Written("1:contact:5", "00Q000000000001AAA", created=True),
        "k2": Written("k2", "00Q000000000001AAA", created=False),
    }
    assert line.paths == [f"PATCH /services/data/v66.0/composite/sobjects/Lead/{KEY}"]
    assert request.headers["sforce-auto-assign"] == "FALSE"
    assert request.headers["sforce-call-options"] == "client=causeway"
    assert "sforce-duplicate-rule-header" not in request.headers
    assert line.bodies == [
        {
            "allOrNone": False,
            "records": [
                {
                    "attributes": {"type": "Lead"},
                    "LastName": SECRET,
                    "Phone": None,
                    KEY: "1:contact:5",
                },
                {"attributes": {"type": "Lead"}, "N": 1.5, KEY: "k2"},
            ],
        }
    ]


@pytest.mark.parametrize(
    ("object_name", "value"),
    [("Lead", "FALSE"), ("Account", "FALSE"), ("Case", "FALSE"), ("Contact", None), ("Task", None)],
)
async def test_assignment_rules_are_off_where_they_would_run(
    object_name: str, value: str | None
) -> None:
    line = SalesforceLine(lambda _request: reply([OK]))
    await line.client.update(object_name, [Row("00Q000000000001AAA", {"X": 1})])
    await line.client.create(object_name, [Row("a", {"X": 1})])
    assert [one.headers.get("sforce-auto-assign") for one in line.requests] == [value, value]


async def test_duplicate_rules_are_overruled_only_if_asked() -> None:
    line = SalesforceLine(lambda _request: reply([OK]))
    await line.client.create("Lead", [Row("a", {"X": 1})], allow_duplicates=True)
    assert line.requests[0].headers["sforce-duplicate-rule-header"] == "allowSave=true"


async def test_create_and_update() -> None:
    line = SalesforceLine(lambda _request: reply([OK]))
    created = await line.client.create("Contact", [Row("mine", {"LastName": "x"})])
    updated = await line.client.update("Contact", [Row("00Q000000000001AAA", {"LastName": "x"})])
    assert created == {"mine": Written("mine", "00Q000000000001AAA", created=True)}
    assert updated == {
        "00Q000000000001AAA": Written("00Q000000000001AAA", "00Q000000000001AAA", created=False)
    }
    assert line.paths == [
        "POST /services/data/v66.0/composite/sobjects",
        "PATCH /services/data/v66.0/composite/sobjects",
    ]
    assert line.bodies[1]["records"] == [
        {"attributes": {"type": "Contact"}, "LastName": "x", "Id": "00Q000000000001AAA"}
    ]


async def test_failures_are_told_row_by_row_without_values() -> None:
    match = {"record": {"Id": "003000000000009AAA"}}
    duplicates = {"matchResults": [{"matchRecords": [match]}]}
    answers = [
        OK,
        failed(
            "STRING_TOO_LONG",
            f"Last Name: data value too large: {SECRET} (max length=15)",
            fields=["LastName"],
        ),
        failed("DUPLICATES_DETECTED", "Use one", duplicateResut=duplicates),
        {**failed("DUPLICATES_DETECTED", "Use one"), "duplicateResult": duplicates},
        failed("UNABLE_TO_LOCK_ROW", "locked: 003000000000009AAA"),
        failed("FIELD_CUSTOM_VALIDATION_EXCEPTION", f"{SECRET} has no phone"),
        {"success": False, "errors": []},
    ]
    line = SalesforceLine(lambda _request: reply(answers))
    rows = [Row(str(n), {"LastName": SECRET}) for n in range(len(answers))]
    results = await line.client.upsert("Contact", KEY, rows)
    refused = [one for one in results.values() if isinstance(one, Refused)]
    assert [
        (one.key, one.code, one.field, one.duplicate_ids, one.retriable) for one in refused
    ] == [
        ("1", "STRING_TOO_LONG", "LastName", (), False),
        ("2", "DUPLICATES_DETECTED", None, ("003000000000009AAA",), False),
        ("3", "DUPLICATES_DETECTED", None, ("003000000000009AAA",), False),
        ("4", "UNABLE_TO_LOCK_ROW", None, (), True),
        ("5", "FIELD_CUSTOM_VALIDATION_EXCEPTION", None, (), False),
        ("6", "RECORD_OMITTED", None, (), True),
    ]
    assert SECRET not in repr(refused)


async def test_an_answer_of_another_length_is_matched_with_nothing() -> None:
    line = SalesforceLine(lambda _request: reply([OK]))
    results = await line.client.upsert("Contact", KEY, [Row("a", {}), Row("b", {})])
    assert [one.code for one in results.values() if isinstance(one, Refused)] == [
        "RECORD_OMITTED",
        "RECORD_OMITTED",
    ]


async def test_a_field_that_does_not_exist_fails_only_the_rows_that_have_it() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        records = sent(request)["records"]
        if any("Nope__c" in record for record in records):
            message = "No such column 'Nope__c' on sobject of type Contact"
            return reply([{"errorCode": "INVALID_FIELD", "message": message}], 400)
        return reply([{**OK, "created": False} for _ in records])

    line = SalesforceLine(answer)
    rows = [Row(str(n), {"Nope__c" if n == 3 else "LastName": "x"}) for n in range(200)]
    results = await line.client.upsert("Contact", KEY, rows)
    refused = results["3"]
    assert isinstance(refused, Refused)
    assert (refused.code, refused.field) == ("INVALID_FIELD", "Nope__c")
    assert sum(isinstance(one, Written) for one in results.values()) == 199
    assert len(line.requests) == 2


async def test_rows_go_two_hundred_at_a_time_and_twins_one_after_the_other() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return reply([{**OK, "created": False} for _ in sent(request)["records"]])

    line = SalesforceLine(answer)
    rows = [Row(f"k{n}", {}) for n in range(450)]
    await line.client.upsert("Contact", KEY, [*rows, Row("K7", {})])
    assert sorted(len(body["records"]) for body in line.bodies) == [1, 50, 200, 200]


async def test_both_forms_of_an_id_are_one_record() -> None:
    line = SalesforceLine(lambda _request: reply([OK]))
    await line.client.update(
        "Contact", [Row("003D000000QiYcf", {"X": 1}), Row(id18("003D000000QiYcf"), {"X": 2})]
    )
    assert len(line.requests) == 2


def test_ids_in_their_long_form() -> None:
    assert id18("a0B1C2d3E4f5G6h") == "a0B1C2d3E4f5G6hUIE"
    assert id18("001D000000IqhSL") == "001D000000IqhSLIAZ"
    assert id18("001000000000000AAA") == "001000000000000AAA"
    assert id18("not an id") == "not an id"


async def test_a_refusal_of_the_whole_call_is_raised() -> None:
    body = [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]
    line = SalesforceLine(in_turn([reply(body, 404)]))
    with pytest.raises(CrmFatalError):
        await line.client.upsert("Nope", KEY, [Row("a", {}), Row("b", {})])


@pytest.mark.parametrize("version", ["v66.0", "66", "0.0", "66.0/.."])
def test_a_version_that_is_none_is_refused_at_the_start(version: str) -> None:
    line = SalesforceLine(in_turn([]))
    with pytest.raises(ValueError, match="API version"):
        SalesforceClient(line.transport, version=version)
