from datetime import UTC, datetime
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
from shared.crm.salesforce.oauth import SalesforceOAuth
from tests.unit.crm.fakes import Answer, in_turn, page, reply

LOGIN = "https://login.salesforce.com"
SECRET = "client-secret"
FULL = {
    "access_token": "00D!at",
    "refresh_token": "5Aep-rt",
    "signature": "x",
    "scope": "refresh_token api id",
    "instance_url": "https://acme.my.salesforce.com",
    "id": f"{LOGIN}/id/00D000000000001EAA/005000000000001",
    "token_type": "Bearer",
    "issued_at": "1763892000123",
}


class Api:
    def __init__(self, answer: Answer) -> None:
        self.requests: list[httpx2.Request] = []
        self._answer = answer
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(self._handle))
        self.oauth = SalesforceOAuth(
            http,
            client_id="app",
            client_secret=SECRET,
            authorize_url=f"{LOGIN}/services/oauth2/authorize",
            token_base_url=LOGIN,
        )

    def _handle(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return self._answer(request)

    def forms(self) -> list[dict[str, str]]:
        return [dict(parse_qsl(request.content.decode())) for request in self.requests]


def test_the_page_for_the_admins_browser_always_has_a_challenge() -> None:
    url = Api(in_turn([])).oauth.authorize_url(
        "state", "https://us.example/cb", ["api", "refresh_token", "id"], "challenge"
    )
    assert parse_qs(urlsplit(url).query) == {
        "response_type": ["code"],
        "client_id": ["app"],
        "redirect_uri": ["https://us.example/cb"],
        "scope": ["api refresh_token id"],
        "state": ["state"],
        "code_challenge": ["challenge"],
        "code_challenge_method": ["S256"],
    }


async def test_a_code_becomes_a_grant_of_one_org() -> None:
    api = Api(lambda _r: reply(FULL))
    grant = await api.oauth.exchange("code", "https://us.example/cb", "verifier")
    assert grant == Grant(
        access_token="00D!at",
        refresh_token="5Aep-rt",
        base_url="https://acme.my.salesforce.com",
        account_id="00D000000000001EAA",
        user_id="005000000000001AAA",
        scopes=frozenset({"api", "refresh_token", "id"}),
        expires_in=None,
        issued_at=datetime(2025, 11, 23, 10, 0, 0, 123_000, tzinfo=UTC),
    )
    assert str(api.requests[0].url) == f"{LOGIN}/services/oauth2/token"
    assert api.forms()[0]["code_verifier"] == "verifier"
    assert api.forms()[0]["client_secret"] == SECRET
    assert "00D!at" not in repr(grant)
    assert "5Aep" not in repr(grant)


@pytest.mark.parametrize("identity", [None, "", "https://login.salesforce.com/id/00D/005", 7])
async def test_a_grant_of_an_unknown_org_is_refused(identity: object) -> None:
    api = Api(lambda _r: reply({**FULL, "id": identity}))
    with pytest.raises(CrmFatalError) as caught:
        await api.oauth.exchange("code", "https://us.example/cb", "verifier")
    assert caught.value.code == "grant_unreadable"


async def test_a_refresh_keeps_the_old_token_or_brings_a_new_one() -> None:
    kept = {name: value for name, value in FULL.items() if name != "refresh_token"}
    api = Api(in_turn([reply(kept), reply({**FULL, "refresh_token": "new", "expires_in": "7200"})]))
    assert (await api.oauth.refresh("old")).refresh_token is None
    rotated = await api.oauth.refresh("old")
    assert (rotated.refresh_token, rotated.expires_in) == ("new", 7200)


@pytest.mark.parametrize("issued_at", ["", "soon", "9" * 30, None])
async def test_an_unreadable_time_is_none(issued_at: object) -> None:
    api = Api(lambda _r: reply({**FULL, "issued_at": issued_at}))
    assert (await api.oauth.refresh("old")).issued_at is None


@pytest.mark.parametrize(
    ("status", "body", "family", "code", "told"),
    [
        (
            400,
            {"error": "invalid_grant", "error_description": "expired access/refresh token"},
            CrmAuthError,
            "invalid_grant",
            "expired access/refresh token",
        ),
        (
            400,
            {"error": "invalid_grant", "error_description": "invalid code verifier"},
            CrmAuthError,
            "invalid_grant",
            "invalid code verifier",
        ),
        (
            400,
            {"error": "invalid_grant", "error_description": "for ada@x.example"},
            CrmAuthError,
            "invalid_grant",
            "",
        ),
        (
            400,
            {"error": "invalid_grant", "error_description": "login rate exceeded"},
            CrmRetriableError,
            "invalid_grant",
            "",
        ),
        (400, {"error": "inactive_user"}, CrmAuthError, "inactive_user", ""),
        (400, {"error": "invalid_client_id"}, CrmFatalError, "invalid_client_id", ""),
        (
            400,
            {"error": "invalid_client", "error_description": "app must be installed into org"},
            CrmFatalError,
            "invalid_client",
            "app must be installed into org",
        ),
        (400, {"error": "unknown_error"}, CrmRetriableError, "unknown_error", ""),
        (
            403,
            [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}],
            CrmLimitError,
            "REQUEST_LIMIT_EXCEEDED",
            "",
        ),
        (503, {}, CrmRetriableError, "HTTP_503", ""),
    ],
)
async def test_both_shapes_of_errors(
    status: int, body: Any, family: type[CrmError], code: str, told: str
) -> None:
    api = Api(lambda _r: reply(body, status))
    with pytest.raises(CrmError) as caught:
        await api.oauth.refresh("rt-secret")
    assert type(caught.value) is family
    assert caught.value.code == code
    assert told in str(caught.value)
    assert "ada" not in str(caught.value)


@pytest.mark.parametrize("status", [401, 403, 502])
async def test_a_page_of_html_ends_no_grant(status: int) -> None:
    api = Api(lambda _r: page(status))
    with pytest.raises(CrmRetriableError):
        await api.oauth.refresh("rt")


async def test_revoke_takes_a_dead_token_for_done() -> None:
    api = Api(in_turn([reply(None), reply({"error": "invalid_token"}, 400)]))
    await api.oauth.revoke("rt")
    await api.oauth.revoke("rt")
    assert api.forms()[0] == {"token": "rt"}


async def test_a_token_that_cannot_be_revoked_is_an_error() -> None:
    api = Api(lambda _r: reply({"error": "unsupported_token_type"}, 400))
    with pytest.raises(CrmFatalError):
        await api.oauth.revoke("rt")
