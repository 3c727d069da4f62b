from collections.abc import Iterator

import httpx2
import pytest

from tests.contracts.simulators.salesforce.driver import CLIENT, Driver, error_of
from tests.contracts.simulators.salesforce.oauth_driver import refresh, refused, tokens_of
from tests.simulators.machinery.launch import running


def test_line_1_without_rotation_the_refresh_token_stays(org: Driver) -> None:
    tokens = tokens_of(org)
    first = refresh(org, tokens["refresh_token"]).json()
    assert "refresh_token" not in first
    assert first["access_token"] != tokens["access_token"]
    assert refresh(org, tokens["refresh_token"]).status_code == 200


def test_line_1_rotation_kills_the_old_refresh_token_at_once(org: Driver) -> None:
    org.switch(rotate_refresh_tokens=True)
    tokens = tokens_of(org)
    rotated = refresh(org, tokens["refresh_token"]).json()
    assert rotated["refresh_token"] != tokens["refresh_token"]
    dead = refused(refresh(org, tokens["refresh_token"]))
    assert dead == (400, "invalid_grant", "expired access/refresh token")
    assert refresh(org, rotated["refresh_token"]).status_code == 200


def test_line_1_full_scope_does_not_imply_a_refresh_token(org: Driver) -> None:
    assert "refresh_token" not in tokens_of(org, scope="full")


def test_line_1_a_token_without_the_api_scope_cannot_call_the_api(org: Driver) -> None:
    org.token = tokens_of(org, scope="id openid")["access_token"]
    answer = org.call("GET", "/limits")
    assert error_of(answer) == (401, "INVALID_SESSION_ID")
    assert "scopes is required" in answer.json()[0]["message"]


def test_line_1_an_access_token_dies_after_two_hours_without_use(org: Driver) -> None:
    org.control("clock", {"advance_seconds": 7_000})
    assert org.call("GET", "/limits").status_code == 200
    org.control("clock", {"advance_seconds": 7_000})
    assert org.call("GET", "/limits").status_code == 200
    org.control("clock", {"advance_seconds": 7_201})
    answer = org.call("GET", "/limits")
    assert error_of(answer) == (401, "INVALID_SESSION_ID")
    assert answer.json()[0]["message"] == "Session expired or invalid"


def test_line_1_the_session_timeout_can_be_set(org: Driver) -> None:
    org.switch(session_timeout_seconds=60)
    org.control("clock", {"advance_seconds": 61})
    assert org.call("GET", "/limits").status_code == 401


def test_line_1_revoking_a_refresh_token_takes_its_sessions_with_it(org: Driver) -> None:
    tokens = tokens_of(org)
    org.token = tokens["access_token"]
    body = {"token": tokens["refresh_token"]}
    assert org.http.post("/services/oauth2/revoke", data=body).status_code == 200
    assert org.call("GET", "/limits").status_code == 401
    assert refused(refresh(org, tokens["refresh_token"]))[1] == "invalid_grant"
    answer = org.http.post("/services/oauth2/revoke", data=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_token")


def test_line_1_revoking_an_access_token_leaves_the_refresh_token(org: Driver) -> None:
    tokens = tokens_of(org)
    params = {"token": tokens["access_token"]}
    assert org.http.get("/services/oauth2/revoke", params=params).status_code == 200
    assert refresh(org, tokens["refresh_token"]).status_code == 200


def test_line_1_revoke_knows_two_kinds_of_token(org: Driver) -> None:
    body = {"token": org.token, "token_type_hint": "id_token"}
    answer = org.http.post("/services/oauth2/revoke", data=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_token_type")


def test_line_1_introspection(org: Driver) -> None:
    tokens = tokens_of(org)
    url = "/services/oauth2/introspect"
    found = org.http.post(url, data={"token": tokens["access_token"], **CLIENT}).json()
    assert found["active"] is True
    assert found["username"] == "admin@org.example.com"
    assert found["exp"] - found["iat"] == 7_200
    assert org.http.post(url, data={"token": "x", **CLIENT}).json() == {"active": False}
    assert org.http.post(url, data={"token": "x"}).status_code == 401


def test_line_1_the_identity_url_names_user_and_org(org: Driver) -> None:
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


def test_line_1_userinfo_and_discovery(org: Driver) -> None:
    bearer = {"Authorization": f"Bearer {org.token}"}
    found = org.http.get("/services/oauth2/userinfo", headers=bearer).json()
    assert found["preferred_username"] == "admin@org.example.com"
    assert org.http.get("/services/oauth2/userinfo").status_code == 403
    where = org.http.get("/.well-known/openid-configuration").json()
    base = str(org.http.base_url).rstrip("/")
    assert where["issuer"] == base
    assert where["token_endpoint"] == f"{base}/services/oauth2/token"


def test_line_1_a_wrong_scheme_is_no_expired_session(org: Driver) -> None:
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


def test_line_1_the_command_line_sets_up_the_org(sandbox: Driver) -> None:
    found = sandbox.rows("SELECT Id, IsSandbox FROM Organization")
    assert found == [{"Id": "00D5g000000AbCdEAK", "IsSandbox": True}]
    assert sandbox.call("GET", "/limits").json()["DailyApiRequests"]["Max"] == 7
    assert sandbox.look("switches")["rotate_refresh_tokens"]["value"] is True
    fields = {"grant_type": "refresh_token", "client_id": "me", "client_secret": "s"}
    answer = sandbox.http.post("/services/oauth2/token", data={**fields, "refresh_token": "x"})
    assert refused(answer)[1] == "invalid_grant"


def test_line_1_access_tokens_may_be_long_json_web_tokens(org: Driver) -> None:
    assert org.token.startswith("00D5g0000000001!")
    org.switch(jwt_access_tokens=True)
    org.grant()
    assert org.token.startswith("eyJ")
    assert org.token.count(".") == 2
    assert len(org.token) > 1_500
    assert org.call("GET", "/limits").status_code == 200
