"""Login, test and My Domain hosts, and what else the login side refuses (facts: section 1)."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.contracts.simulators.salesforce.driver import CLIENT, Driver, error_of
from tests.contracts.simulators.salesforce.oauth_driver import (
    REQUEST,
    decide,
    exchange,
    refresh,
    refused,
    tokens_of,
)
from tests.simulators.machinery.launch import running

ADMIN = "0055g0000000001AAA"
DENIED = (400, "invalid_grant", "authentication failure")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Driver]:
    with (
        running("tests.simulators.salesforce", ["--sandbox"]) as url,
        httpx2.Client(base_url=url, timeout=30) as http,
    ):
        yield Driver(http)


def token_at(org: Driver, host: str) -> httpx2.Response:
    """Tokens for a fresh code, at a host by its name."""
    code = decide(org)["code"]
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REQUEST["redirect_uri"],
        "code_verifier": "correct-horse-battery-staple-correct-horse-battery",
        **CLIENT,
    }
    return org.http.post("/services/oauth2/token", data=fields, headers={"Host": host})


@pytest.mark.parametrize(
    ("host", "identity", "instance"),
    [
        ("login.sf.test:8080", "login.sf.test:8080", "simulated.my.sf.test:8080"),
        ("acme.my.sf.test", "login.sf.test", "acme.my.sf.test"),
        ("127.0.0.1:1", "127.0.0.1:1", "127.0.0.1:1"),
    ],
)
def test_line_1_the_identity_host_is_that_of_production(
    org: Driver, host: str, identity: str, instance: str
) -> None:
    tokens = token_at(org, host).json()
    assert urlsplit(tokens["id"]).netloc == identity
    assert urlsplit(tokens["instance_url"]).netloc == instance
    assert tokens["id"].endswith(f"/id/00D5g0000000001EAA/{tokens['id'][-18:]}")


@pytest.mark.parametrize(
    ("host", "identity", "instance"),
    [
        ("test.sf.test", "test.sf.test", "simulated--dev.sandbox.my.sf.test"),
        ("acme--uat.sandbox.my.sf.test", "test.sf.test", "acme--uat.sandbox.my.sf.test"),
        ("127.0.0.1:1", "127.0.0.1:1", "127.0.0.1:1"),
    ],
)
def test_line_1_the_identity_host_of_a_sandbox_is_test(
    sandbox: Driver, host: str, identity: str, instance: str
) -> None:
    tokens = token_at(sandbox, host).json()
    assert urlsplit(tokens["id"]).netloc == identity
    assert urlsplit(tokens["instance_url"]).netloc == instance


def test_line_1_the_login_host_of_the_other_environment_knows_nobody(
    org: Driver, sandbox: Driver
) -> None:
    assert refused(token_at(org, "test.sf.test")) == DENIED
    assert refused(token_at(sandbox, "login.sf.test")) == DENIED
    page = org.http.get(
        "/services/oauth2/authorize", params=REQUEST, headers={"Host": "test.sf.test"}
    )
    assert page.status_code == 401
    assert "check your username" in page.text


def test_line_1_an_uninstalled_app_is_no_matter_to_those_who_may_approve_or_authorised_before(
    org: Driver,
) -> None:
    org.switch(app_uninstalled=True)
    assert decide(org)["error"] == "invalid_client"
    org.switch(extra_permissions=["CanApproveUninstalledApps"])
    assert "code" in decide(org)
    org.switch(extra_permissions=[])
    assert "code" in decide(org)
    assert decide(org, login_hint="sales@org.example.com")["error"] == "invalid_client"
    org.switch(extra_permissions=["UseAnyApiClient"])
    assert "code" in decide(org, login_hint="sales@org.example.com")
    org.control("revoke-app")
    org.switch(extra_permissions=[])
    assert decide(org)["error"] == "invalid_client"


def test_line_1_any_authorize_error_can_be_ordered(org: Driver) -> None:
    wanted = {"error": "access-denied", "error_description": "end-user denied authorization"}
    org.switch(authorize_error=wanted)
    response = org.http.get("/services/oauth2/authorize", params=REQUEST)
    query = parse_qs(urlsplit(response.headers["location"]).query)
    assert query["error"] == ["access-denied"]
    assert query["state"] == [REQUEST["state"]]


def test_line_1_scopes_that_no_app_has_are_refused(org: Driver) -> None:
    assert decide(org, scope="api everything")["error"] == "invalid_scope"


def test_line_1_refresh_tokens_can_have_a_life_and_an_idle_time(org: Driver) -> None:
    org.switch(refresh_token_seconds=100)
    first = tokens_of(org)["refresh_token"]
    org.control("clock", {"advance_seconds": 60})
    assert refresh(org, first).status_code == 200
    org.control("clock", {"advance_seconds": 60})
    dead = (400, "invalid_grant", "expired access/refresh token")
    assert refused(refresh(org, first)) == dead
    org.switch(refresh_token_seconds=0, refresh_token_idle_seconds=100)
    second = tokens_of(org)["refresh_token"]
    for _ in range(2):
        org.control("clock", {"advance_seconds": 60})
        assert refresh(org, second).status_code == 200
    org.control("clock", {"advance_seconds": 101})
    assert refused(refresh(org, second)) == dead


def test_line_1_a_refresh_may_need_no_secret(org: Driver) -> None:
    token = tokens_of(org)["refresh_token"]
    fields = {
        "grant_type": "refresh_token",
        "refresh_token": token,
        "client_id": CLIENT["client_id"],
    }
    url = "/services/oauth2/token"
    assert refused(org.http.post(url, data=fields))[1] == "invalid_client"
    org.switch(secret_required_for_refresh=False)
    assert org.http.post(url, data=fields).status_code == 200
    wrong = {**fields, "client_secret": "wrong"}
    assert refused(org.http.post(url, data=wrong))[1] == "invalid_client"


def test_line_1_a_refresh_can_name_another_instance(org: Driver) -> None:
    tokens = tokens_of(org)
    org.switch(instance_url="https://moved.my.sf.test")
    again = refresh(org, tokens["refresh_token"]).json()
    assert again["instance_url"] == "https://moved.my.sf.test"
    assert again["id"] == tokens["id"]


def test_line_1_inactive_users_and_wrong_networks_get_no_tokens(org: Driver) -> None:
    token = tokens_of(org)["refresh_token"]
    org.switch(ip_restricted=True)
    assert refused(refresh(org, token)) == (400, "invalid_grant", "ip restricted")
    org.switch(ip_restricted=False)
    org.control("users", {"id": ADMIN, "fields": {"IsActive": False}})
    assert refused(refresh(org, token)) == (400, "invalid_grant", "inactive user")
    page = org.http.get("/services/oauth2/authorize", params=REQUEST)
    assert page.status_code == 401


@pytest.mark.parametrize(
    "text",
    [
        "This session is not valid for use with the REST API",
        "Connected app is not attached to Agent",
    ],
)
def test_line_1_not_every_401_is_an_expired_session(org: Driver, text: str) -> None:
    org.switch(session_refusal=text)
    answer = org.call("GET", "/limits")
    assert error_of(answer) == (401, "INVALID_SESSION_ID")
    assert answer.json()[0]["message"] == text
    org.grant()
    assert org.call("GET", "/limits").status_code == 401


def test_line_1_the_token_endpoint_can_answer_in_the_shape_of_the_api(org: Driver) -> None:
    fault: dict[str, Any] = {
        "kind": "http",
        "code": "REQUEST_LIMIT_EXCEEDED",
        "match": "POST /services/oauth2/token",
    }
    org.control("faults", fault)
    assert error_of(refresh(org, "x")) == (403, "REQUEST_LIMIT_EXCEEDED")


def test_line_1_codes_and_verifiers_are_bound_to_each_other(org: Driver) -> None:
    code = decide(org)["code"]
    assert refused(exchange(org, code, code_verifier="short"))[2] == "invalid code verifier"
    code = decide(org)["code"]
    assert refused(exchange(org, code, redirect_uri="http://other/"))[1] == "redirect_uri_mismatch"
    assert refused(exchange(org, "never issued"))[2] == "expired authorization code"
