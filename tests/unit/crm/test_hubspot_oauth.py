from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx2
import pytest

from shared.crm.errors import (
    CrmAuthError,
    CrmError,
    CrmFatalError,
    CrmLimitError,
    CrmRetriableError,
)
from shared.crm.grants import Grant
from shared.crm.hubspot.oauth import HubSpotOAuth
from shared.crm.pkce import challenge_of, new_verifier
from tests.unit.crm.fakes import Answer, in_turn, page, reply

BASE = "https://api.hubapi.com"
SECRET = "client-secret"
FULL = {
    "access_token": "at",
    "refresh_token": "rt",
    "expires_in": 1800,
    "token_type": "bearer",
    "hub_id": 111,
    "user_id": 7,
    "scopes": ["oauth", "crm.objects.contacts.read"],
}


class Api:
    def __init__(self, answer: Answer) -> None:
        self.requests: list[httpx2.Request] = []
        self._answer = answer
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(self._handle))
        self.oauth = HubSpotOAuth(
            http,
            client_id="app",
            client_secret=SECRET,
            authorize_url="https://app.hubspot.com/oauth/authorize",
            token_base_url=f"{BASE}/",
        )

    def _handle(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return self._answer(request)

    def forms(self) -> list[dict[str, str]]:
        return [dict(parse_qsl(request.content.decode())) for request in self.requests]


def test_the_page_for_the_admins_browser() -> None:
    url = Api(in_turn([])).oauth.authorize_url(
        "st&ate", "https://us.example/cb", ["oauth", "crm.lists.read"], "challenge"
    )
    assert url.startswith("https://app.hubspot.com/oauth/authorize?client_id=app&")
    assert "scope=oauth%20crm.lists.read" in url
    assert parse_qs(urlsplit(url).query)["state"] == ["st&ate"]
    assert parse_qs(urlsplit(url).query)["code_challenge_method"] == ["S256"]


async def test_a_code_becomes_a_grant() -> None:
    api = Api(lambda _r: reply(FULL))
    grant = await api.oauth.exchange("code", "https://us.example/cb", "verifier")
    assert grant == Grant(
        access_token="at",
        refresh_token="rt",
        base_url=BASE,
        account_id="111",
        user_id="7",
        scopes=frozenset({"oauth", "crm.objects.contacts.read"}),
        expires_in=1800,
    )
    assert str(api.requests[0].url) == f"{BASE}/oauth/2026-09/token"
    assert api.forms() == [
        {
            "grant_type": "authorization_code",
            "code": "code",
            "redirect_uri": "https://us.example/cb",
            "code_verifier": "verifier",
            "client_id": "app",
            "client_secret": SECRET,
        }
    ]
    assert "access_token" not in repr(grant)
    assert "refresh_token" not in repr(grant)


async def test_what_the_answer_leaves_out_is_looked_up() -> None:
    short = {name: FULL[name] for name in ("access_token", "refresh_token", "expires_in")}
    known = {"active": True, "hub_id": 111, "user_id": 7, "scopes": ["oauth"], "token": "x"}
    api = Api(in_turn([reply(short), reply(known)]))
    grant = await api.oauth.exchange("code", "https://us.example/cb", "verifier")
    assert (grant.account_id, grant.user_id) == ("111", "7")
    assert grant.scopes == {"oauth"}
    assert api.requests[1].url.path == "/oauth/2026-09/token/introspect"
    assert api.forms()[1] == {
        "token": "at",
        "token_type_hint": "access_token",
        "client_id": "app",
        "client_secret": SECRET,
    }


async def test_the_portal_is_asked_for_its_id_in_the_end() -> None:
    short = {"access_token": "at", "expires_in": 1800}
    api = Api(in_turn([reply(short), reply({}, 404), reply({"portalId": 111})]))
    grant = await api.oauth.exchange("code", "https://us.example/cb", "verifier")
    assert (grant.account_id, grant.refresh_token) == ("111", None)
    assert api.requests[2].url.path == "/account-info/2026-09/details"
    assert api.requests[2].headers["authorization"] == "Bearer at"


async def test_a_refresh_is_one_call_whatever_it_leaves_out() -> None:
    api = Api(lambda _r: reply({"access_token": "at2", "expires_in": 1800}))
    grant = await api.oauth.refresh("rt")
    assert (grant.access_token, grant.refresh_token, grant.account_id) == ("at2", None, "")
    assert len(api.requests) == 1
    assert api.forms()[0]["grant_type"] == "refresh_token"


async def test_an_answer_without_a_token_is_retriable() -> None:
    api = Api(lambda _r: reply({"expires_in": 1800}))
    with pytest.raises(CrmRetriableError) as caught:
        await api.oauth.refresh("rt")
    assert caught.value.code == "grant_unreadable"


@pytest.mark.parametrize(
    ("status", "body", "family", "code"),
    [
        (
            400,
            {"status": "BAD_REFRESH_TOKEN", "error": "invalid_grant"},
            CrmAuthError,
            "BAD_REFRESH_TOKEN",
        ),
        (400, {"status": "BAD_AUTH_CODE", "error": "invalid_grant"}, CrmAuthError, "BAD_AUTH_CODE"),
        (400, {"status": "BAD_HUB", "error": "access_denied"}, CrmAuthError, "BAD_HUB"),
        (400, {"error": "invalid_grant"}, CrmAuthError, "invalid_grant"),
        (
            400,
            {"status": "BAD_CLIENT_ID", "error": "invalid_client"},
            CrmFatalError,
            "BAD_CLIENT_ID",
        ),
        (400, {"status": "BAD_CLIENT_SECRET"}, CrmFatalError, "BAD_CLIENT_SECRET"),
        (401, {"status": "BAD_CLIENT_SECRET"}, CrmFatalError, "BAD_CLIENT_SECRET"),
        (400, {"status": "BAD_REDIRECT_URI"}, CrmFatalError, "BAD_REDIRECT_URI"),
        (
            400,
            {"status": "error", "category": "VALIDATION_ERROR"},
            CrmFatalError,
            "VALIDATION_ERROR",
        ),
        (429, {"status": "error", "category": "RATE_LIMITS"}, CrmLimitError, "RATE_LIMITS"),
        (502, {}, CrmRetriableError, "HTTP_502"),
    ],
)
async def test_revoked_ours_and_transient_are_told_apart(
    status: int, body: dict[str, Any], family: type[CrmError], code: str
) -> None:
    api = Api(lambda _r: reply({**body, "message": "refresh token rt is invalid"}, status))
    with pytest.raises(CrmError) as caught:
        await api.oauth.refresh("rt-secret")
    assert type(caught.value) is family
    assert caught.value.code == code
    assert "rt" not in str(caught.value).split()
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("status", [400, 401, 403, 503])
async def test_a_page_of_html_ends_no_grant(status: int) -> None:
    api = Api(lambda _r: page(status))
    with pytest.raises(CrmRetriableError):
        await api.oauth.refresh("rt")


async def test_revoke_asks_once_and_takes_a_dead_grant_for_done() -> None:
    api = Api(in_turn([reply({}), reply({"status": "BAD_REFRESH_TOKEN"}, 400)]))
    await api.oauth.revoke("rt")
    await api.oauth.revoke("rt")
    assert api.requests[0].url.path == "/oauth/2026-09/token/revoke"
    assert api.forms()[0]["token_type_hint"] == "refresh_token"


def test_pkce() -> None:
    # The example of RFC 7636, appendix B.
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert len({new_verifier() for _ in range(10)}) == 10
    assert len(challenge_of(new_verifier())) == 43


@pytest.mark.parametrize("verifier", ["", "a" * 42, "a" * 129, "ä" * 50, "a" * 50 + "\n"])
def test_what_is_no_verifier_is_refused(verifier: str) -> None:
    with pytest.raises(ValueError, match="PKCE"):
        challenge_of(verifier)
