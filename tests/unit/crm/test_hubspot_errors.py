import json
from typing import Any

import httpx2
import pytest

from shared.crm.errors import (
    CrmAuthError,
    CrmError,
    CrmFatalError,
    CrmIgnorableError,
    CrmLimitError,
    CrmRetriableError,
)
from shared.crm.hubspot.mapper import HubSpotErrors
from shared.crm.transport import LimitInfo
from tests.unit.crm.fakes import page, reply

SECRET = "ada.lovelace@example.com"
INVALID = "Property values were not valid: " + json.dumps(
    [
        {
            "isValid": False,
            "message": f"Email address {SECRET} is invalid",
            "error": "INVALID_EMAIL",
            "name": "email",
            "localizedErrorMessage": f"Email address {SECRET} is invalid",
            "propertyValue": SECRET,
            "portalId": 111,
        }
    ]
)
CLASH = (
    "Cannot set PropertyValueCoordinates{portalId=111, objectTypeId=ObjectTypeId"
    "{legacyObjectType=CONTACT}, propertyName=email, value=" + SECRET + "} on 900. "
    "501 already has that value."
)


def error_of(answer: httpx2.Response) -> Any:
    return HubSpotErrors().error(answer)


@pytest.mark.parametrize(
    ("status", "body", "family", "code", "about"),
    [
        (
            400,
            {"message": "There was a problem with the request."},
            CrmFatalError,
            "HTTP_400",
            (None, None),
        ),
        (
            400,
            {"category": "VALIDATION_ERROR", "message": INVALID},
            CrmFatalError,
            "INVALID_EMAIL",
            ("email", None),
        ),
        (
            400,
            {
                "category": "VALIDATION_ERROR",
                "message": INVALID,
                "errors": [
                    {
                        "message": SECRET,
                        "code": "INVALID_OPTION",
                        "context": {"propertyName": ["industry"]},
                    }
                ],
            },
            CrmFatalError,
            "INVALID_OPTION",
            ("industry", None),
        ),
        (
            400,
            {"category": "VALIDATION_ERROR", "message": CLASH},
            CrmFatalError,
            "CONFLICT",
            ("email", "501"),
        ),
        (
            409,
            {"category": "CONFLICT", "message": "Contact already exists. Existing ID: 501"},
            CrmFatalError,
            "CONFLICT",
            (None, "501"),
        ),
        (
            409,
            {"category": "CONFLICT", "message": "Contact already exists"},
            CrmFatalError,
            "CONFLICT",
            (None, None),
        ),
        (
            409,
            {
                "category": "OBJECT_ALREADY_EXISTS",
                "message": "A property named 'x' already exists.",
            },
            CrmIgnorableError,
            "OBJECT_ALREADY_EXISTS",
            (None, None),
        ),
        (
            400,
            {
                "category": "VALIDATION_ERROR",
                "message": "One or more associations are invalid",
                "context": {"INVALID_OBJECT_IDS": ["CONTACT=424242 is not valid"]},
            },
            CrmFatalError,
            "INVALID_OBJECT_IDS",
            (None, None),
        ),
        (
            400,
            {
                "category": "VALIDATION_ERROR",
                "message": "The property values provided are invalid",
                "errors": [
                    {"code": "MISSING_REQUIRED_PROPERTY", "context": {"propertyName": ["phone"]}}
                ],
            },
            CrmFatalError,
            "MISSING_REQUIRED_PROPERTY",
            ("phone", None),
        ),
        (404, {"message": "resource not found"}, CrmFatalError, "OBJECT_NOT_FOUND", (None, None)),
        (
            403,
            {"category": "MISSING_SCOPES", "message": "..."},
            CrmFatalError,
            "MISSING_SCOPES",
            (None, None),
        ),
        (
            401,
            {"category": "INVALID_AUTHENTICATION"},
            CrmAuthError,
            "INVALID_AUTHENTICATION",
            (None, None),
        ),
        (414, {}, CrmFatalError, "HTTP_414", (None, None)),
    ],
)
def test_refusals(
    status: int,
    body: dict[str, Any],
    family: type[CrmError],
    code: str,
    about: tuple[str | None, str | None],
) -> None:
    error = error_of(reply(body, status))
    assert type(error) is family
    assert (error.code, error.status) == (code, status)
    if error.complaint is not None:
        assert (error.complaint.field, error.complaint.existing_id) == about
    assert SECRET not in f"{error} {error!r} {error.complaint!r}"


@pytest.mark.parametrize(
    ("answer", "family", "code", "wait"),
    [
        (
            reply({"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}, 429),
            CrmLimitError,
            "TEN_SECONDLY_ROLLING",
            10.0,
        ),
        (reply({"policyName": "DAILY"}, 429), CrmLimitError, "DAILY", 3600.0),
        (reply({"category": "RATE_LIMITS"}, 429), CrmLimitError, "RATE_LIMITS", 1.0),
        (
            reply({"category": "RATE_LIMITS"}, 429, {"Retry-After": "4"}),
            CrmLimitError,
            "RATE_LIMITS",
            4.0,
        ),
        (reply({}, 423), CrmRetriableError, "HTTP_423", 2.0),
        (reply({}, 477, {"Retry-After": "600"}), CrmRetriableError, "HTTP_477", 600.0),
        (reply({"category": "INTERNAL_ERROR"}, 500), CrmRetriableError, "INTERNAL_ERROR", None),
        (reply({}, 524), CrmRetriableError, "HTTP_524", None),
    ],
)
def test_what_may_work_later(
    answer: httpx2.Response, family: type[CrmRetriableError], code: str, wait: float | None
) -> None:
    error = error_of(answer)
    assert type(error) is family
    assert (error.code, error.retry_after) == (code, wait)


@pytest.mark.parametrize("status", [401, 403, 502, 503])
def test_a_page_of_html_is_nobodys_fault(status: int) -> None:
    error = error_of(page(status))
    assert type(error) is CrmRetriableError
    assert error.code == f"HTTP_{status}"


def test_missing_scopes_are_named() -> None:
    body = {
        "category": "MISSING_SCOPES",
        "errors": [{"context": {"requiredGranularScopes": ["crm.objects.deals.read", "Ada L."]}}],
    }
    assert "crm.objects.deals.read." in str(error_of(reply(body, 403)))
    assert "Ada" not in str(error_of(reply(body, 403)))


def test_the_reference_for_hubspots_support_is_told() -> None:
    body = {"message": "x", "correlationId": "0193-aa-bb-cc-dd"}
    assert "0193-aa-bb-cc-dd" in str(error_of(reply(body, 400)))


def test_a_value_that_imitates_the_text_of_a_clash_changes_nothing() -> None:
    tricky = "x} on 1. 2 already has that value. y"
    body = {"category": "VALIDATION_ERROR", "message": CLASH.replace(SECRET, tricky)}
    assert error_of(reply(body, 400)).complaint.existing_id == "501"


def test_absurd_bodies_are_no_crash() -> None:
    for content in (b"[" * 100_000, b'{"errors": 7, "context": [1]}', b'"x"', b"\xff", b"null"):
        assert error_of(httpx2.Response(400, content=content)).code == "HTTP_400"


@pytest.mark.parametrize(
    ("headers", "info"),
    [
        ({}, None),
        ({"X-HubSpot-RateLimit-Remaining": "nonsense"}, None),
        ({"X-HubSpot-RateLimit-Remaining": "109"}, LimitInfo(remaining_burst=109)),
        (
            {
                "X-HubSpot-RateLimit-Remaining": "5",
                "X-HubSpot-RateLimit-Daily": "250000",
                "X-HubSpot-RateLimit-Daily-Remaining": "249000",
            },
            LimitInfo(used=1000, limit=250_000, remaining_burst=5),
        ),
    ],
)
def test_limits(headers: dict[str, str], info: LimitInfo | None) -> None:
    assert HubSpotErrors().limits(httpx2.Headers(headers)) == info
