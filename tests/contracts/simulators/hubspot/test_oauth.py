import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.contracts.simulators.hubspot.driver import Json, Sim, driving
from tests.simulators.hubspot.settings import REQUIRED_SCOPES
from tests.simulators.machinery.launch import running

CLIENT = {"client_id": "simulated-client", "client_secret": "simulated-secret"}
REDIRECT = "http://localhost:9/callback"
QUESTION = {
    "client_id": "simulated-client",
    "redirect_uri": REDIRECT,
    "scope": " ".join(REQUIRED_SCOPES),
    "state": "s1",
}
TOKEN = "/oauth/2026-09/token"


def _redirected(answer: httpx2.Response) -> dict[str, str]:
    assert answer.status_code == 302, answer.text
    location = answer.headers["location"]
    assert location.startswith(REDIRECT)
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def _code(sim: Sim, **more: str) -> str:
    form = {**QUESTION, **more, "decision": "allow"}
    found = _redirected(sim.api.post("/oauth/authorize", data=form))
    assert found["state"] == "s1"
    return found["code"]


def _exchange(sim: Sim, code: str, path: str = TOKEN, **more: str) -> httpx2.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    return sim.api.post(path, data={**CLIENT, **form, **more})


def _refresh(sim: Sim, refresh_token: str) -> httpx2.Response:
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return sim.api.post(TOKEN, data={**CLIENT, **form})


@pytest.mark.parametrize("path", ["/oauth/authorize", "/oauth/111/authorize"])
def test_the_page_asks_and_carries_its_parameters(sim: Sim, path: str) -> None:
    page = sim.api.get(path, params=QUESTION)
    assert page.status_code == 200
    assert 'name="state" value="s1"' in page.text
    assert "crm.objects.contacts.write" in page.text
    denied = sim.api.post(path, data={**QUESTION, "decision": "deny"})
    assert _redirected(denied) == {
        "error": "access_denied",
        "error_description": "The resource owner denied the request.",
        "state": "s1",
    }


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"client_id": "other"}, "client_id is missing or unknown"),
        ({"scope": "oauth"}, "scope lacks what the app requires"),
        ({"redirect_uri": "http://127.0.0.1:9/callback"}, "not an IP address"),
        ({"redirect_uri": "http://example.com/callback"}, "must be https"),
    ],
)
def test_a_bad_question_is_an_error_page(sim: Sim, change: dict[str, str], text: str) -> None:
    page = sim.api.get("/oauth/authorize", params={**QUESTION, **change})
    assert page.status_code == 400
    assert text in page.text


def test_another_account_cannot_be_asked(sim: Sim) -> None:
    assert sim.api.get("/oauth/999/authorize", params=QUESTION).status_code == 400


@pytest.mark.parametrize("version", ["v3", "2026-03", "2026-09"])
def test_a_code_is_exchanged_once(sim: Sim, version: str) -> None:
    code = _code(sim)
    issued = _exchange(sim, code, f"/oauth/{version}/token")
    assert issued.status_code == 200
    body = issued.json()
    assert body["expires_in"] == 1800
    assert body["token_type"] == "bearer"
    assert body["hub_id"] == 111
    assert body["scopes"] == list(REQUIRED_SCOPES)
    again = _exchange(sim, code)
    assert again.status_code == 400
    assert again.json()["status"] == "BAD_AUTH_CODE"


def test_version_1_answers_with_the_old_four_fields(sim: Sim) -> None:
    body = _exchange(sim, _code(sim), "/oauth/v1/token").json()
    assert sorted(body) == ["access_token", "expires_in", "refresh_token", "token_type"]


def test_a_challenge_has_to_be_answered(sim: Sim) -> None:
    verifier = "v" * 43
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    more = {"code_challenge": challenge, "code_challenge_method": "S256"}
    wrong = _exchange(sim, _code(sim, **more), code_verifier="w" * 43)
    assert wrong.json()["status"] == "BAD_CODE_VERIFIER"
    assert _exchange(sim, _code(sim, **more), code_verifier=verifier).status_code == 200


@pytest.mark.parametrize(
    ("more", "status", "error"),
    [
        ({"redirect_uri": "http://localhost:9/other"}, "BAD_REDIRECT_URI", "invalid_grant"),
        ({"client_id": "other"}, "BAD_CLIENT_ID", "invalid_client"),
        ({"client_secret": "other"}, "BAD_CLIENT_SECRET", "invalid_client"),
        ({"grant_type": "password"}, "BAD_GRANT_TYPE", "unsupported_grant_type"),
    ],
)
def test_refusals_of_the_token_endpoint(
    sim: Sim, more: dict[str, str], status: str, error: str
) -> None:
    answer = _exchange(sim, _code(sim), **more)
    assert answer.status_code == 400
    body = answer.json()
    assert (body["status"], body["error"]) == (status, error)
    assert body["message"] == body["error_description"]


def test_optional_scopes_the_portal_cannot_grant_are_dropped_in_silence(sim: Sim) -> None:
    optional = "crm.objects.custom.read crm.objects.deals.read"
    body = _exchange(sim, _code(sim, optional_scope=optional)).json()
    assert body["scopes"] == [*REQUIRED_SCOPES, "crm.objects.deals.read"]


def _call(sim: Sim, access_token: str, path: str = "/account-info/v3/details") -> httpx2.Response:
    headers = {"Authorization": f"Bearer {access_token}"}
    return httpx2.get(f"{sim.url}{path}", headers=headers)


def test_line_1_a_token_lives_for_30_minutes_of_virtual_time(sim: Sim) -> None:
    tokens: Json = _exchange(sim, _code(sim)).json()
    assert _call(sim, tokens["access_token"]).status_code == 200
    sim.control("clock", {"advance_seconds": 1805})
    expired = _call(sim, tokens["access_token"])
    assert expired.status_code == 401
    body = expired.json()
    assert body["category"] == "EXPIRED_AUTHENTICATION"
    assert body["message"] == "The OAuth token used to make this call expired 5 second(s) ago."
    assert "expire time" in body["context"]
    renewed = _refresh(sim, tokens["refresh_token"]).json()
    assert renewed["refresh_token"] == tokens["refresh_token"]
    assert _call(sim, renewed["access_token"]).status_code == 200


def test_an_older_access_token_stays_valid_after_a_refresh(sim: Sim) -> None:
    tokens = _exchange(sim, _code(sim)).json()
    _refresh(sim, tokens["refresh_token"])
    assert _call(sim, tokens["access_token"]).status_code == 200


def test_line_1_a_revoked_refresh_token(sim: Sim) -> None:
    tokens = _exchange(sim, _code(sim)).json()
    form = {**CLIENT, "token": tokens["refresh_token"], "token_type_hint": "refresh_token"}
    assert sim.api.post(f"{TOKEN}/revoke", data=form).status_code == 200
    refused = _refresh(sim, tokens["refresh_token"])
    assert refused.status_code == 400
    message = "refresh token is invalid, expired or revoked"
    body = refused.json()
    body.pop("correlationId")
    assert body == {
        "status": "BAD_REFRESH_TOKEN",
        "message": message,
        "error": "invalid_grant",
        "error_description": message,
    }
    assert _call(sim, tokens["access_token"]).status_code == 200


def test_introspection(sim: Sim) -> None:
    tokens = _exchange(sim, _code(sim)).json()
    form = {**CLIENT, "token": tokens["access_token"]}
    found: Any = sim.api.post(f"{TOKEN}/introspect", data=form).json()
    assert found["active"] is True
    assert found["hub_id"] == 111
    assert found["token_use"] == "access_token"
    unknown = sim.api.post(f"{TOKEN}/introspect", data={**CLIENT, "token": "nonsense"})
    assert unknown.json() == {"active": False}
    old = sim.api.get(f"/oauth/v1/access-tokens/{tokens['access_token']}").json()
    assert old["app_id"] == 222
    assert old["token_type"] == "access"


def test_without_or_with_a_garbage_token(sim: Sim) -> None:
    none = httpx2.get(f"{sim.url}/crm/v3/owners")
    assert none.status_code == 401
    assert none.json()["category"] == "INVALID_AUTHENTICATION"
    garbage = _call(sim, "garbage")
    assert garbage.json()["category"] == "EXPIRED_AUTHENTICATION"
    assert garbage.json()["context"] == {"expire time": ["1970-01-01T00:00:00Z"]}


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/crm/v3/objects/contacts", "crm.objects.contacts.write"),
        ("POST", "/crm/objects/2026-09/tasks/batch/read", "crm.objects.contacts.read"),
        ("POST", "/crm/v3/objects/0-2/search", "crm.objects.companies.read"),
        ("POST", "/crm/v3/properties/contacts", "crm.schemas.contacts.write"),
        ("GET", "/crm/owners/2026-09", "crm.objects.owners.read"),
    ],
)
def test_line_1_a_missing_scope_is_named(sim: Sim, method: str, path: str, scope: str) -> None:
    headers = {"Authorization": f"Bearer {sim.token(['oauth'])}"}
    answer = httpx2.request(method, f"{sim.url}{path}", headers=headers)
    assert answer.status_code == 403
    body = answer.json()
    assert body["category"] == "MISSING_SCOPES"
    assert body["errors"][0]["context"] == {"requiredGranularScopes": [scope]}
    assert body["links"] == {"scopes": "https://developers.hubspot.com/scopes"}


def test_uninstalling_voids_everything(sim: Sim) -> None:
    tokens = _exchange(sim, _code(sim)).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    gone = httpx2.delete(f"{sim.url}/appinstalls/v3/external-install", headers=headers)
    assert gone.status_code == 204
    assert _call(sim, tokens["access_token"]).status_code == 401
    assert _refresh(sim, tokens["refresh_token"]).json()["status"] == "BAD_REFRESH_TOKEN"


def test_account_details(sim: Sim) -> None:
    details = sim.api.get("/account-info/2026-09/details").json()
    assert details["portalId"] == 111
    assert details["uiDomain"] == "app.hubspot.com"
    assert "portalName" in details
    assert "portalName" not in sim.api.get("/account-info/v3/details").json()


def test_auto_approval_and_registered_redirects() -> None:
    options = ["--auto-approve", "--redirect-uri", REDIRECT, "--scope", "oauth"]
    with running("tests.simulators.hubspot", options) as url, driving(url) as sim:
        question = {**QUESTION, "scope": "oauth"}
        found = _redirected(sim.api.get("/oauth/authorize", params=question))
        assert _exchange(sim, found["code"]).json()["scopes"] == ["oauth"]
        other = {**question, "redirect_uri": "https://example.com/callback"}
        assert "not registered" in sim.api.get("/oauth/authorize", params=other).text
