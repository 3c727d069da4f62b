import base64
import hashlib
import hmac
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.contracts.simulators.salesforce.driver import Driver
from tests.contracts.simulators.salesforce.oauth_driver import (
    REQUEST,
    decide,
    exchange,
    refused,
    tokens_of,
)
from tests.simulators.salesforce.settings import DEFAULT_CLIENT_SECRET


def test_line_1_the_page_asks_and_its_form_carries_the_request(org: Driver) -> None:
    page = org.http.get("/services/oauth2/authorize", params=REQUEST)
    assert page.status_code == 200
    assert 'value="allow"' in page.text
    assert 'value="deny"' in page.text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
    assert hidden == REQUEST


def test_line_1_the_web_server_flow_with_pkce_gives_tokens(org: Driver) -> None:
    callback = decide(org)
    assert callback["state"] == "opaque state"
    tokens = exchange(org, callback["code"]).json()
    base = str(org.http.base_url).rstrip("/")
    assert tokens["instance_url"] == base
    assert tokens["id"] == f"{base}/id/00D5g0000000001EAA/0055g0000000001AAA"
    assert tokens["token_type"] == "Bearer"
    assert tokens["scope"] == "api refresh_token id"
    assert tokens["access_token"].startswith("00D5g0000000001!")
    assert "refresh_token" in tokens
    assert "expires_in" not in tokens


def test_line_1_issued_at_is_text_of_milliseconds_and_the_signature_covers_it(org: Driver) -> None:
    tokens = tokens_of(org)
    assert isinstance(tokens["issued_at"], str)
    assert len(tokens["issued_at"]) == 13
    signed = (tokens["id"] + tokens["issued_at"]).encode()
    expected = hmac.new(DEFAULT_CLIENT_SECRET.encode(), signed, hashlib.sha256).digest()
    assert base64.b64decode(tokens["signature"]) == expected


def test_line_1_a_code_works_once(org: Driver) -> None:
    code = decide(org)["code"]
    assert exchange(org, code).status_code == 200
    assert refused(exchange(org, code)) == (400, "invalid_grant", "expired authorization code")


def test_line_1_a_code_expires_after_15_minutes(org: Driver) -> None:
    code = decide(org)["code"]
    org.control("clock", {"advance_seconds": 901})
    assert refused(exchange(org, code)) == (400, "invalid_grant", "expired authorization code")


@pytest.mark.parametrize("verifier", ["", "x" * 43, "short"])
def test_line_1_a_wrong_verifier_uses_up_the_code(org: Driver, verifier: str) -> None:
    code = decide(org)["code"]
    answer = exchange(org, code, code_verifier=verifier)
    assert refused(answer) == (400, "invalid_grant", "invalid code verifier")
    assert refused(exchange(org, code))[2] == "expired authorization code"


def test_line_1_the_user_can_deny(org: Driver) -> None:
    assert decide(org, "deny") == {
        "error": "access_denied",
        "error_description": "end-user denied authorization",
        "state": "opaque state",
    }


@pytest.mark.parametrize("method", ["get", "post"])
def test_line_1_a_code_challenge_is_required(org: Driver, method: str) -> None:
    fields = {name: value for name, value in REQUEST.items() if name != "code_challenge"}
    if method == "get":
        response = org.http.get("/services/oauth2/authorize", params=fields)
    else:
        fields["decision"] = "allow"
        response = org.http.post("/services/oauth2/authorize", data=fields)
    assert response.status_code == 302
    query = parse_qs(urlsplit(response.headers["location"]).query)
    assert query["error"] == ["invalid_request"]
    assert query["error_description"] == ["missing required code challenge"]


def test_line_1_a_verifier_without_a_challenge_is_unexpected(org: Driver) -> None:
    org.switch(pkce_required=False)
    code = decide(org, code_challenge="")["code"]
    answer = refused(exchange(org, code))
    assert answer == (400, "invalid_grant", "unexpected code verifier")


def test_line_1_an_uninstalled_app_is_refused(org: Driver) -> None:
    org.switch(app_uninstalled=True)
    response = org.http.get("/services/oauth2/authorize", params=REQUEST)
    query = parse_qs(urlsplit(response.headers["location"]).query)
    assert query["error"] == ["invalid_client"]
    assert query["error_description"] == ["app must be installed into org"]


def test_line_1_an_unknown_client_is_never_redirected(org: Driver) -> None:
    response = org.http.get("/services/oauth2/authorize", params={**REQUEST, "client_id": "x"})
    assert response.status_code == 400
    assert "client identifier invalid" in response.text


@pytest.mark.parametrize("target", ["", "javascript:alert(1)", "https://host/#fragment"])
def test_line_1_a_bad_redirect_target_is_never_followed(org: Driver, target: str) -> None:
    fields = {**REQUEST, "redirect_uri": target}
    response = org.http.get("/services/oauth2/authorize", params=fields)
    assert response.status_code == 400
    assert "redirect_uri must match configuration" in response.text


def test_line_1_the_client_has_to_know_its_secret(org: Driver) -> None:
    code = decide(org)["code"]
    answer = exchange(org, code, client_secret="wrong")
    assert refused(answer) == (400, "invalid_client", "invalid client credentials")
    answer = exchange(org, code, client_id="wrong")
    assert refused(answer) == (400, "invalid_client_id", "client identifier invalid")
    answer = exchange(org, code, grant_type="password")
    assert refused(answer) == (400, "unsupported_grant_type", "grant type not supported")
