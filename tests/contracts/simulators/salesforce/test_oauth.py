import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.contracts.simulators.salesforce.driver import CLIENT, REDIRECT, Driver, error_of
from tests.simulators.machinery.launch import running
from tests.simulators.salesforce.settings import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET

VERIFIER = "correct-horse-battery-staple-correct-horse-battery"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()[:-1]
REQUEST = {
    "response_type": "code",
    "client_id": DEFAULT_CLIENT_ID,
    "redirect_uri": REDIRECT,
    "scope": "api refresh_token id",
    "state": "opaque state",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


def decide(org: Driver, decision: str = "allow", **changed: str) -> dict[str, str]:
    fields = {**REQUEST, **changed, "decision": decision}
    response = org.http.post("/services/oauth2/authorize", data=fields)
    assert response.status_code == 302
    target = response.headers["location"]
    assert target.startswith(REDIRECT + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}


def exchange(org: Driver, code: str, **changed: str) -> httpx2.Response:
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
        **CLIENT,
        **changed,
    }
    return org.http.post("/services/oauth2/token", data=fields)


def refresh(org: Driver, token: str) -> httpx2.Response:
    fields = {"grant_type": "refresh_token", "refresh_token": token, **CLIENT}
    return org.http.post("/services/oauth2/token", data=fields)


def tokens_of(org: Driver, **changed: str) -> dict[str, Any]:
    response = exchange(org, decide(org, **changed)["code"])
    assert response.status_code == 200, response.text
    tokens: dict[str, Any] = response.json()
    return tokens


def refused(response: httpx2.Response) -> tuple[int, str, str]:
    body = response.json()
    return response.status_code, body["error"], body["error_description"]


def test_the_page_asks_and_its_form_carries_the_request(org: Driver) -> None:
    page = org.http.get("/services/oauth2/authorize", params=REQUEST)
    assert page.status_code == 200
    assert 'value="allow"' in page.text
    assert 'value="deny"' in page.text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
    assert hidden == REQUEST


def test_9_1_the_web_server_flow_with_pkce_gives_tokens(org: Driver) -> None:
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


def test_9_1_issued_at_is_text_of_milliseconds_and_the_signature_covers_it(org: Driver) -> None:
    tokens = tokens_of(org)
    assert isinstance(tokens["issued_at"], str)
    assert len(tokens["issued_at"]) == 13
    signed = (tokens["id"] + tokens["issued_at"]).encode()
    expected = hmac.new(DEFAULT_CLIENT_SECRET.encode(), signed, hashlib.sha256).digest()
    assert base64.b64decode(tokens["signature"]) == expected


def test_9_1_a_code_works_once(org: Driver) -> None:
    code = decide(org)["code"]
    assert exchange(org, code).status_code == 200
    assert refused(exchange(org, code)) == (400, "invalid_grant", "expired authorization code")


def test_a_code_expires_after_15_minutes(org: Driver) -> None:
    code = decide(org)["code"]
    org.control("clock", {"advance_seconds": 901})
    assert refused(exchange(org, code)) == (400, "invalid_grant", "expired authorization code")


@pytest.mark.parametrize("verifier", ["", "x" * 43, "short"])
def test_9_1_a_wrong_verifier_is_refused_and_uses_up_the_code(org: Driver, verifier: str) -> None:
    code = decide(org)["code"]
    answer = exchange(org, code, code_verifier=verifier)
    assert refused(answer) == (400, "invalid_grant", "invalid code verifier")
    assert refused(exchange(org, code))[2] == "expired authorization code"


def test_9_1_the_user_can_deny(org: Driver) -> None:
    assert decide(org, "deny") == {
        "error": "access_denied",
        "error_description": "end-user denied authorization",
        "state": "opaque state",
    }


@pytest.mark.parametrize("method", ["get", "post"])
def test_9_1_a_code_challenge_is_required(org: Driver, method: str) -> None:
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


def test_a_verifier_without_a_challenge_is_unexpected(org: Driver) -> None:
    org.switch(pkce_required=False)
    code = decide(org, code_challenge="")["code"]
    answer = refused(exchange(org, code))
    assert answer == (400, "invalid_grant", "unexpected code verifier")


def test_9_1_an_uninstalled_app_is_refused(org: Driver) -> None:
    org.switch(app_uninstalled=True)
    response = org.http.get("/services/oauth2/authorize", params=REQUEST)
    query = parse_qs(urlsplit(response.headers["location"]).query)
    assert query["error"] == ["invalid_client"]
    assert query["error_description"] == ["app must be installed into org"]


def test_an_unknown_client_is_never_redirected(org: Driver) -> None:
    response = org.http.get("/services/oauth2/authorize", params={**REQUEST, "client_id": "x"})
    assert response.status_code == 400
    assert "client identifier invalid" in response.text


@pytest.mark.parametrize("target", ["", "javascript:alert(1)", "https://host/#fragment"])
def test_a_bad_redirect_target_is_never_followed(org: Driver, target: str) -> None:
    fields = {**REQUEST, "redirect_uri": target}
    response = org.http.get("/services/oauth2/authorize", params=fields)
    assert response.status_code == 400
    assert "redirect_uri must match configuration" in response.text


def test_the_client_has_to_know_its_secret(org: Driver) -> None:
    code = decide(org)["code"]
    answer = exchange(org, code, client_secret="wrong")
    assert refused(answer) == (400, "invalid_client", "invalid client credentials")
    answer = exchange(org, code, client_id="wrong")
    assert refused(answer) == (400, "invalid_client_id", "client identifier invalid")
    answer = exchange(org, code, grant_type="password")
    assert refused(answer) == (400, "unsupported_grant_type", "grant type not supported")


def test_without_rotation_the_refresh_token_stays(org: Driver) -> None:
    tokens = tokens_of(org)
    first = refresh(org, tokens["refresh_token"]).json()
    assert "refresh_token" not in first
    assert first["access_token"] != tokens["access_token"]
    assert refresh(org, tokens["refresh_token"]).status_code == 200


def test_9_1_rotation_kills_the_old_refresh_token_at_once(org: Driver) -> None:
    org.switch(rotate_refresh_tokens=True)
    tokens = tokens_of(org)
    rotated = refresh(org, tokens["refresh_token"]).json()
    assert rotated["refresh_token"] != tokens["refresh_token"]
    dead = refused(refresh(org, tokens["refresh_token"]))
    assert dead == (400, "invalid_grant", "expired access/refresh token")
    assert refresh(org, rotated["refresh_token"]).status_code == 200


def test_full_scope_does_not_imply_a_refresh_token(org: Driver) -> None:
    assert "refresh_token" not in tokens_of(org, scope="full")


def test_a_token_without_the_api_scope_cannot_call_the_api(org: Driver) -> None:
    org.token = tokens_of(org, scope="id openid")["access_token"]
    answer = org.call("GET", "/limits")
    assert error_of(answer) == (401, "INVALID_SESSION_ID")
    assert "scopes is required" in answer.json()[0]["message"]


def test_an_access_token_dies_after_two_hours_without_use(org: Driver) -> None:
    org.control("clock", {"advance_seconds": 7_000})
    assert org.call("GET", "/limits").status_code == 200
    org.control("clock", {"advance_seconds": 7_000})
    assert org.call("GET", "/limits").status_code == 200
    org.control("clock", {"advance_seconds": 7_201})
    answer = org.call("GET", "/limits")
    assert error_of(answer) == (401, "INVALID_SESSION_ID")
    assert answer.json()[0]["message"] == "Session expired or invalid"


def test_the_session_timeout_can_be_set(org: Driver) -> None:
    org.switch(session_timeout_seconds=60)
    org.control("clock", {"advance_seconds": 61})
    assert org.call("GET", "/limits").status_code == 401


def test_9_1_revoking_a_refresh_token_takes_its_sessions_with_it(org: Driver) -> None:
    tokens = tokens_of(org)
    org.token = tokens["access_token"]
    body = {"token": tokens["refresh_token"]}
    assert org.http.post("/services/oauth2/revoke", data=body).status_code == 200
    assert org.call("GET", "/limits").status_code == 401
    assert refused(refresh(org, tokens["refresh_token"]))[1] == "invalid_grant"
    answer = org.http.post("/services/oauth2/revoke", data=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_token")


def test_9_1_revoking_an_access_token_leaves_the_refresh_token(org: Driver) -> None:
    tokens = tokens_of(org)
    params = {"token": tokens["access_token"]}
    assert org.http.get("/services/oauth2/revoke", params=params).status_code == 200
    assert refresh(org, tokens["refresh_token"]).status_code == 200


def test_revoke_knows_two_kinds_of_token(org: Driver) -> None:
    body = {"token": org.token, "token_type_hint": "id_token"}
    answer = org.http.post("/services/oauth2/revoke", data=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_token_type")


def test_9_1_introspection(org: Driver) -> None:
    tokens = tokens_of(org)
    url = "/services/oauth2/introspect"
    found = org.http.post(url, data={"token": tokens["access_token"], **CLIENT}).json()
    assert found["active"] is True
    assert found["username"] == "admin@org.example.com"
    assert found["exp"] - found["iat"] == 7_200
    assert org.http.post(url, data={"token": "x", **CLIENT}).json() == {"active": False}
    assert org.http.post(url, data={"token": "x"}).status_code == 401


def test_9_1_the_identity_url_names_user_and_org(org: Driver) -> None:
    tokens = tokens_of(org, login_hint="sales@org.example.com")
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    found = org.http.get(tokens["id"], headers=bearer).json()
    assert found["user_id"] == "0055g0000000002AAA"
    assert found["organization_id"] == "00D5g0000000001EAA"
    assert found["username"] == "sales@org.example.com"
    assert found["display_name"] == "Selma Sales"
    assert "{version}" in found["urls"]["rest"]
    latest = org.http.get(tokens["id"], params={"version": "latest"}, headers=bearer).json()
    assert latest["urls"]["query"].endswith("/services/data/v68.0/query/")
    assert org.http.get(tokens["id"]).status_code == 403
    assert org.http.get("/id/00D5g0000000002EAA/x", headers=bearer).status_code == 403


def test_userinfo_and_discovery(org: Driver) -> None:
    bearer = {"Authorization": f"Bearer {org.token}"}
    found = org.http.get("/services/oauth2/userinfo", headers=bearer).json()
    assert found["preferred_username"] == "admin@org.example.com"
    assert org.http.get("/services/oauth2/userinfo").status_code == 403
    where = org.http.get("/.well-known/openid-configuration").json()
    base = str(org.http.base_url).rstrip("/")
    assert where["issuer"] == base
    assert where["token_endpoint"] == f"{base}/services/oauth2/token"


def test_a_wrong_scheme_is_no_expired_session(org: Driver) -> None:
    basic = {"Authorization": "Basic eDp5"}
    answer = org.http.get("/services/data/v66.0/limits", headers=basic)
    assert error_of(answer) == (401, "INVALID_AUTH_HEADER")
    assert answer.json()[0]["message"] == "INVALID_HEADER_TYPE"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Driver]:
    options = ["--sandbox", "--org-id", "00D5g000000AbCd", "--client-id", "me"]
    options += ["--client-secret", "s", "--rotate-refresh-tokens", "--daily-limit", "7"]
    with (
        running("tests.simulators.salesforce", options) as url,
        httpx2.Client(base_url=url, timeout=30) as http,
    ):
        driver = Driver(http)
        driver.grant()
        yield driver


def test_the_command_line_sets_up_the_org(sandbox: Driver) -> None:
    found = sandbox.rows("SELECT Id, IsSandbox FROM Organization")
    assert found == [{"Id": "00D5g000000AbCdEAK", "IsSandbox": True}]
    assert sandbox.call("GET", "/limits").json()["DailyApiRequests"]["Max"] == 7
    assert sandbox.look("switches")["rotate_refresh_tokens"]["value"] is True
    fields = {"grant_type": "refresh_token", "client_id": "me", "client_secret": "s"}
    answer = sandbox.http.post("/services/oauth2/token", data={**fields, "refresh_token": "x"})
    assert refused(answer)[1] == "invalid_grant"
