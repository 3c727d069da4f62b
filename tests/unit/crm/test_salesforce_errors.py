from typing import Any

import httpx2
import pytest

from shared.crm.errors import (
    CrmAuthError,
    CrmError,
    CrmFatalError,
    CrmLimitError,
    CrmRetriableError,
)
from shared.crm.salesforce.complaints import complaint_from
from shared.crm.salesforce.mapper import SalesforceErrors
from shared.crm.transport import LimitInfo
from tests.unit.crm.fakes import page, reply

SECRET = "Ada Augusta King"


def error_of(answer: httpx2.Response) -> Any:
    return SalesforceErrors().error(answer)


@pytest.mark.parametrize(
    ("status", "error", "family", "code", "field"),
    [
        (
            400,
            {
                "errorCode": "REQUIRED_FIELD_MISSING",
                "message": "Required fields are missing: [Name]",
                "fields": ["Name"],
            },
            CrmFatalError,
            "REQUIRED_FIELD_MISSING",
            "Name",
        ),
        (
            400,
            {
                "errorCode": "REQUIRED_FIELD_MISSING",
                "message": "Required fields are missing: [LastName, Company]",
            },
            CrmFatalError,
            "REQUIRED_FIELD_MISSING",
            "LastName",
        ),
        (
            400,
            {
                "errorCode": "INVALID_FIELD",
                "message": "No such column 'Nope__c' on sobject of type Lead",
            },
            CrmFatalError,
            "INVALID_FIELD",
            "Nope__c",
        ),
        (
            400,
            {
                "errorCode": "INVALID_FIELD_FOR_INSERT_UPDATE",
                "message": "Unable to create/update fields: Rating. Please check the security "
                "settings of this field",
            },
            CrmFatalError,
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Rating",
        ),
        (
            404,
            {"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"},
            CrmFatalError,
            "NOT_FOUND",
            None,
        ),
        (
            404,
            {"errorCode": "ENTITY_IS_DELETED", "message": "entity is deleted", "fields": []},
            CrmFatalError,
            "ENTITY_IS_DELETED",
            None,
        ),
        (
            403,
            {"errorCode": "API_DISABLED_FOR_ORG", "message": "API is not enabled"},
            CrmFatalError,
            "API_DISABLED_FOR_ORG",
            None,
        ),
        (
            401,
            {"errorCode": "INVALID_AUTH_HEADER", "message": "INVALID_HEADER_TYPE"},
            CrmAuthError,
            "INVALID_AUTH_HEADER",
            None,
        ),
        (410, {"errorCode": "GONE", "message": "x"}, CrmFatalError, "GONE", None),
        (
            400,
            {
                "errorCode": "UNABLE_TO_LOCK_ROW",
                "message": f"unable to obtain exclusive access: {SECRET}",
            },
            CrmRetriableError,
            "UNABLE_TO_LOCK_ROW",
            None,
        ),
        (
            500,
            {"errorCode": "UNKNOWN_EXCEPTION", "message": "x"},
            CrmRetriableError,
            "UNKNOWN_EXCEPTION",
            None,
        ),
    ],
)
def test_errors_of_the_array_shape(
    status: int, error: dict[str, Any], family: type[CrmError], code: str, field: str | None
) -> None:
    found = error_of(reply([error], status))
    assert type(found) is family
    assert (found.code, found.status) == (code, status)
    if found.complaint is not None:
        assert found.complaint.field == field
    assert SECRET not in f"{found} {found.complaint!r}"


def test_a_value_that_is_too_long_is_never_repeated() -> None:
    message = f"Last Name: data value too large: {SECRET} (max length=15)"
    complaint = complaint_from(
        {"statusCode": "STRING_TOO_LONG", "message": message, "fields": ["LastName"]}, status=400
    )
    assert (
        complaint.message == "LastName: the value is longer than the field takes (15 characters)."
    )


def test_an_admins_rule_speaks_for_itself_without_the_records_values() -> None:
    error = {
        "statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "message": f"{SECRET} needs a phone number; ask it@example.com",
        "fields": [],
    }
    complaint = complaint_from(error, status=400, values=[SECRET, None, True])
    assert complaint.message == "Salesforce's own rule says: *** needs a phone number; ask ***"


def test_an_admins_text_is_not_told_where_the_records_values_are_unknown() -> None:
    error = {"errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": f"{SECRET} is no name"}
    assert str(error_of(reply([error], 400))) == (
        "Salesforce refused this with FIELD_CUSTOM_VALIDATION_EXCEPTION."
    )


def test_the_holder_of_a_unique_value_is_found() -> None:
    message = "duplicate value found: X__c duplicates value on record with id: 003000000000001"
    complaint = complaint_from({"statusCode": "DUPLICATE_VALUE", "message": message}, status=400)
    assert complaint.existing_id == "003000000000001"


@pytest.mark.parametrize("name", ["duplicateResut", "duplicateResult"])
def test_duplicates_are_found_under_either_spelling(name: str) -> None:
    match = {"record": {"attributes": {}, "Id": "003000000000001AAA"}, "matchConfidence": 100.0}
    error = {
        name: {
            "allowSave": True,
            "matchResults": [{"matchRecords": [match, match, {"record": {"Id": "x y"}}]}],
        },
        "errorCode": "DUPLICATES_DETECTED",
        "message": f"Use one of these: {SECRET}",
    }
    complaint = error_of(reply([error], 400)).complaint
    assert complaint.duplicate_ids == ("003000000000001AAA",)
    assert SECRET not in complaint.message


def test_the_root_cause_is_told_and_not_the_halt() -> None:
    body = [
        {"errorCode": "PROCESSING_HALTED", "message": "rolled back"},
        {"errorCode": "FIELD_INTEGRITY_EXCEPTION", "message": "x", "fields": ["CloseDate"]},
    ]
    assert error_of(reply(body, 400)).code == "FIELD_INTEGRITY_EXCEPTION"


@pytest.mark.parametrize(
    ("message", "wait"),
    [("TotalRequests Limit exceeded.", 900.0), ("ConcurrentPerOrgLongTxn Limit exceeded.", 10.0)],
)
def test_both_caps_are_limits(message: str, wait: float) -> None:
    error = error_of(reply([{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": message}], 403))
    assert type(error) is CrmLimitError
    assert error.retry_after == wait


@pytest.mark.parametrize("status", [401, 403, 420, 502, 503])
def test_a_page_of_html_is_nobodys_fault(status: int) -> None:
    error = error_of(page(status))
    assert type(error) is CrmRetriableError
    assert error.code == f"HTTP_{status}"


def test_absurd_bodies_are_no_crash() -> None:
    for content in (b"[" * 100_000, b"[7]", b'[{"fields": 3, "duplicateResut": []}]', b"\xff"):
        assert error_of(httpx2.Response(400, content=content)).code == "HTTP_400"


@pytest.mark.parametrize(
    ("header", "info"),
    [
        ("", None),
        ("api-usage=10018/100000", LimitInfo(used=10_018, limit=100_000)),
        (
            "api-usage=10018/100000; per-app-api-usage=17/250(appName=x)",
            LimitInfo(used=10_018, limit=100_000),
        ),
        (
            "per-app-api-usage=17/250(appName=x); api-usage=3/100",
            LimitInfo(used=3, limit=100),
        ),
        ("per-app-api-usage=17/250(appName=x)", None),
        (
            "api-usage=3/100; api-bursts=1/750",
            LimitInfo(used=3, limit=100, remaining_burst=749),
        ),
        ("api-usage=many/100", None),
    ],
)
def test_limits(header: str, info: LimitInfo | None) -> None:
    assert SalesforceErrors().limits(httpx2.Headers({"Sforce-Limit-Info": header})) == info
