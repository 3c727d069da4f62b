"""Every error of the facts, as both CRMs write it: one row a fact."""

from typing import Any

import httpx2
import pytest

from services.connection.domain.failures import Failures
from services.connection.domain.recognition import failure_of
from services.connection.domain.scopes import missing_scopes
from shared.crm.errors import CrmError, CrmRetriableError
from shared.crm.hubspot.oauth import oauth_error as hubspot_error
from shared.crm.salesforce.oauth import oauth_error as salesforce_error
from shared.kernel.records import Side

CALLBACKS = [
    # salesforce-api §1.6, the callback
    ("access_denied", "end-user denied authorization", Failures.DENIED),
    ("access-denied", "", Failures.DENIED),
    ("invalid_request", "missing required code challenge", Failures.CHALLENGE),
    ("invalid_request", "unsupported code challenge method", Failures.CHALLENGE),
    ("invalid_client", "app must be installed into org", Failures.APP_NOT_INSTALLED),
    ("redirect_uri_mismatch", "redirect_uri must match configuration", Failures.REDIRECT),
    ("unsupported_response_type", "response type not supported", Failures.CLIENT),
    ("invalid_scope", "the requested scope is not allowed", Failures.SCOPES),
    ("server_error", "", Failures.UNAVAILABLE),
    # salesforce-api §1.9, the restrictions of 2025/26
    ("OAUTH_APPROVAL_ERROR_GENERIC", "", Failures.APP_NOT_INSTALLED),
    ("OAUTH_EC_APP_NOT_FOUND", "", Failures.APP_NOT_INSTALLED),
    ("OAUTH_APP_ACCESS_DENIED", "", Failures.NOT_APPROVED),
    ("OAUTH_APP_BLOCKED", "", Failures.APP_NOT_INSTALLED),
    # hubspot-api §1, the callback
    ("access_denied", "The user denied access", Failures.DENIED),
    ("access_denied", "You need to be a super admin", Failures.HUBSPOT_PERMISSION),
    ("access_denied", "App Marketplace access is missing", Failures.HUBSPOT_PERMISSION),
    ("", "", Failures.OTHER),
    ("what_nobody_knows", "", Failures.OTHER),
]
SALESFORCE_TOKENS = [
    # salesforce-api §1.6, the token endpoint
    (400, "invalid_grant", "expired authorization code", Failures.CODE_EXPIRED),
    (400, "invalid_grant", "authentication failure", Failures.NO_ACCESS),
    (400, "invalid_grant", "invalid code verifier", Failures.CHALLENGE),
    (400, "invalid_grant", "unexpected code verifier", Failures.CHALLENGE),
    (400, "invalid_request", "a text that we do not know", Failures.CHALLENGE),
    (400, "invalid_grant", "ip restricted", Failures.IP_RESTRICTED),
    (400, "invalid_grant", "inactive user", Failures.USER_INACTIVE),
    (400, "invalid_grant", "password expired", Failures.USER_INACTIVE),
    (400, "inactive_user", "", Failures.USER_INACTIVE),
    (400, "inactive_org", "", Failures.USER_INACTIVE),
    (400, "invalid_client", "invalid client credentials", Failures.CLIENT),
    (400, "invalid_client_id", "client identifier invalid", Failures.CLIENT),
    (400, "unsupported_grant_type", "grant type not supported", Failures.CLIENT),
    (400, "redirect_uri_mismatch", "redirect_uri must match configuration", Failures.REDIRECT),
    (400, "invalid_client", "app must be installed into org", Failures.APP_NOT_INSTALLED),
    # salesforce-api §1.5 and §1.9, users who are not let in
    (400, "invalid_grant", "user hasn't approved this consumer", Failures.NOT_APPROVED),
    (
        400,
        "invalid_app_access",
        "user is not admin approved to access this app",
        Failures.NOT_APPROVED,
    ),
]
# salesforce-api §2.10: the token address can answer in the shape of REST, too
SALESFORCE_ARRAYS = [
    (403, "API_DISABLED_FOR_ORG", Failures.API_DISABLED),
    (403, "API_CURRENTLY_DISABLED", Failures.API_DISABLED),
]
HUBSPOT_TOKENS: list[tuple[int, dict[str, Any], Failures]] = [
    # hubspot-api §1, the token endpoint
    (400, {"status": "BAD_AUTH_CODE", "error": "invalid_grant"}, Failures.CODE_EXPIRED),
    (400, {"status": "BAD_REFRESH_TOKEN", "error": "invalid_grant"}, Failures.CODE_EXPIRED),
    (400, {"status": "BAD_CLIENT_ID", "error": "invalid_client"}, Failures.CLIENT),
    (400, {"status": "BAD_CLIENT_SECRET"}, Failures.CLIENT),
    (400, {"status": "BAD_GRANT_TYPE"}, Failures.CLIENT),
    (400, {"status": "BAD_REDIRECT_URI"}, Failures.REDIRECT),
    (400, {"status": "BAD_CODE_VERIFIER"}, Failures.CHALLENGE),
    (400, {"status": "BAD_SCOPES"}, Failures.SCOPES),
    (
        400,
        {
            "status": "BAD_HUB",
            "error": "access_denied",
            "error_description": "missing or unknown hub id",
        },
        Failures.WRONG_HUB,
    ),
    # hubspot-api §2, when the portal itself is read
    (403, {"status": "error", "category": "MISSING_SCOPES"}, Failures.SCOPES),
]
# What may work a minute later: RetriableError, which the callback shows as "did not answer".
LATER = [
    (salesforce_error, 403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests"}]),
    (salesforce_error, 400, {"error": "rate_limit_exceeded"}),
    (salesforce_error, 400, {"error": "unknown_error", "error_description": "retry your request"}),
    (salesforce_error, 503, {}),
    (hubspot_error, 429, {"status": "error", "policyName": "TEN_SECONDLY_ROLLING"}),
    (hubspot_error, 423, {"status": "error"}),
    (hubspot_error, 477, {"status": "error"}),
    (hubspot_error, 502, {}),
]


def told(error: CrmError) -> Failures:
    return failure_of(error.code, str(error))


@pytest.mark.parametrize(("error", "description", "failure"), CALLBACKS)
def test_errors_of_a_callback(error: str, description: str, failure: Failures) -> None:
    assert failure_of(error, description) is failure


@pytest.mark.parametrize(("status", "error", "description", "failure"), SALESFORCE_TOKENS)
def test_errors_of_salesforces_token_endpoint(
    status: int, error: str, description: str, failure: Failures
) -> None:
    body = {"error": error, "error_description": description}
    assert told(salesforce_error(httpx2.Response(status, json=body))) is failure


@pytest.mark.parametrize(("status", "code", "failure"), SALESFORCE_ARRAYS)
def test_errors_in_the_shape_of_rest(status: int, code: str, failure: Failures) -> None:
    body = [{"errorCode": code, "message": "The REST API is not enabled for this Organization."}]
    assert told(salesforce_error(httpx2.Response(status, json=body))) is failure


@pytest.mark.parametrize(("status", "body", "failure"), HUBSPOT_TOKENS)
def test_errors_of_hubspots_token_endpoint(
    status: int, body: dict[str, Any], failure: Failures
) -> None:
    assert told(hubspot_error(httpx2.Response(status, json=body))) is failure


@pytest.mark.parametrize(("error_of", "status", "body"), LATER)
def test_what_may_work_later_is_no_refusal(error_of: Any, status: int, body: Any) -> None:
    assert isinstance(error_of(httpx2.Response(status, json=body)), CrmRetriableError)


@pytest.mark.parametrize("failure", Failures)
def test_every_failure_says_what_to_do(failure: Failures) -> None:
    assert failure.value.what.endswith(".")
    assert failure.value.next_step.endswith(".")
    assert 400 <= failure.value.status < 600


def test_codes_are_unique() -> None:
    assert len({failure.value.code for failure in Failures}) == len(Failures)


def test_salesforce_calls_scopes_by_other_names_too() -> None:
    assert missing_scopes(Side.SALESFORCE, frozenset({"full", "offline_access"})) == ()
    assert missing_scopes(Side.SALESFORCE, frozenset({"full"})) == ("refresh_token",)
