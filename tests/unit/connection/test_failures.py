"""Every error of the facts, as both CRMs write it."""

import pytest

from services.connection.domain.failures import Failures, failure_of
from services.connection.domain.scopes import missing_scopes
from shared.kernel.records import Side


@pytest.mark.parametrize(
    ("error", "description", "failure"),
    [
        ("access_denied", "end-user denied authorization", Failures.DENIED),
        ("access-denied", "", Failures.DENIED),
        ("invalid_request", "missing required code challenge", Failures.CHALLENGE),
        ("invalid_grant", "invalid code verifier", Failures.CHALLENGE),
        ("BAD_CODE_VERIFIER", "", Failures.CHALLENGE),
        ("invalid_client", "app must be installed into org", Failures.APP_NOT_INSTALLED),
        ("OAUTH_APPROVAL_ERROR_GENERIC", "", Failures.APP_NOT_INSTALLED),
        ("invalid_grant", "expired authorization code", Failures.CODE_EXPIRED),
        ("BAD_AUTH_CODE", "", Failures.CODE_EXPIRED),
        ("invalid_grant", "authentication failure", Failures.NO_ACCESS),
        ("BAD_HUB", "missing or unknown hub id", Failures.NO_ACCESS),
        ("BAD_SCOPES", "", Failures.SCOPES),
        ("BAD_CLIENT_SECRET", "", Failures.CLIENT),
        ("BAD_REDIRECT_URI", "", Failures.CLIENT),
        ("invalid_client_id", "client identifier invalid", Failures.CLIENT),
        ("REQUEST_LIMIT_EXCEEDED", "", Failures.UNAVAILABLE),
        ("", "", Failures.OTHER),
    ],
)
def test_errors_are_recognised(error: str, description: str, failure: Failures) -> None:
    assert failure_of(error, description) is failure


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
