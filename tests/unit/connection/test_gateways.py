"""Answers of the token endpoints, and what becomes of them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx2
import pytest

from services.connection.domain.connection import Connection, Environment, Facts
from services.connection.domain.failures import ConnectError
from services.connection.gateways import HubSpotGateway, SalesforceGateway
from services.connection.ports import Crm, GrantDeadError
from shared.crm.hubspot.oauth import HubSpotOAuth
from shared.kernel.errors import RetriableError

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
CALLBACK = "https://causeway.example/cb"
SALESFORCE_TOKENS = {
    "access_token": "00D1!a",
    "refresh_token": "r",
    "instance_url": "https://acme.my.salesforce.com",
    "id": "https://login.salesforce.com/id/00D5g0000000001EAA/0055g0000000001AAA",
    "scope": "api refresh_token id",
    "token_type": "Bearer",
    "issued_at": "1772445600000",
}
HUBSPOT_TOKENS = {
    "access_token": "a",
    "refresh_token": "r",
    "expires_in": 1800,
    "hub_id": 62515,
    "user_id": 7,
    "scopes": ["oauth"],
}


class FixedClock:
    def now(self) -> datetime:
        return NOW


class TokenEndpoint:
    """Answers every call the same way and keeps what was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.body: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.http = httpx2.AsyncClient(transport=httpx2.MockTransport(self._answer))

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append((str(request.url), parse_qs(request.content.decode())))
        return httpx2.Response(self.status, json=self.body)


@pytest.fixture
async def endpoint() -> AsyncIterator[TokenEndpoint]:
    made = TokenEndpoint()
    async with made.http:
        yield made


@pytest.fixture
def hubspot(endpoint: TokenEndpoint) -> HubSpotGateway:
    oauth = HubSpotOAuth(
        endpoint.http,
        client_id="hs-id",
        client_secret="hs-secret",
        authorize_url="https://app.hubspot.com/oauth/authorize",
        token_base_url="https://api.hubapi.com",
    )
    endpoint.body = dict(HUBSPOT_TOKENS)
    return HubSpotGateway(oauth, CALLBACK, FixedClock())


@pytest.fixture
def salesforce(endpoint: TokenEndpoint) -> SalesforceGateway:
    endpoint.body = dict(SALESFORCE_TOKENS)
    return SalesforceGateway(
        http=endpoint.http,
        client_id="sf-id",
        client_secret="sf-secret",
        login_urls={
            Environment.PRODUCTION: "https://login.salesforce.com",
            Environment.SANDBOX: "https://test.salesforce.com",
        },
        redirect_uri=CALLBACK,
        extra_origins=(),
        clock=FixedClock(),
    )


def connection(
    environment: Environment = Environment.PRODUCTION, domain: str | None = None
) -> Connection:
    return Connection(UUID(int=1), environment, NOW, domain)


async def exchange(gateway: Crm) -> Any:
    return await gateway.exchange(connection(), code="c", verifier=VERIFIER)


async def refresh(gateway: Crm) -> Any:
    return await gateway.refresh(connection(), "old")


@pytest.mark.parametrize(
    ("environment", "domain", "host"),
    [
        (Environment.PRODUCTION, None, "login.salesforce.com"),
        (Environment.SANDBOX, None, "test.salesforce.com"),
        (Environment.PRODUCTION, "acme.my.salesforce.com", "acme.my.salesforce.com"),
    ],
)
async def test_where_to_sign_in_depends_on_the_connection(
    salesforce: SalesforceGateway,
    endpoint: TokenEndpoint,
    environment: Environment,
    domain: str | None,
    host: str,
) -> None:
    place = connection(environment, domain)
    url = salesforce.authorize_url(place, state="s", verifier=VERIFIER)
    assert url.startswith(f"https://{host}/services/oauth2/authorize?")
    await salesforce.refresh(place, "old")
    assert endpoint.asked[0][0] == f"https://{host}/services/oauth2/token"


async def test_the_address_holds_the_challenge_and_never_the_verifier(
    hubspot: HubSpotGateway, salesforce: SalesforceGateway
) -> None:
    for gateway in (hubspot, salesforce):
        url = gateway.authorize_url(connection(), state="the-state", verifier=VERIFIER)
        query = parse_qs(urlsplit(url).query)
        assert query["code_challenge"] == [CHALLENGE]
        assert query["code_challenge_method"] == ["S256"]
        assert query["state"] == ["the-state"]
        assert query["redirect_uri"] == [CALLBACK]
        assert VERIFIER not in url


async def test_hubspot_is_asked_for_lists_without_insisting(hubspot: HubSpotGateway) -> None:
    url = hubspot.authorize_url(connection(), state="s", verifier=VERIFIER)
    query = parse_qs(urlsplit(url).query)
    assert query["optional_scope"] == ["crm.lists.read"]
    assert "crm.lists.read" not in query["scope"][0]


async def test_hubspot_says_how_long_a_token_lives(hubspot: HubSpotGateway) -> None:
    tokens = await exchange(hubspot)
    assert tokens.expires_at == NOW + timedelta(minutes=30)
    assert tokens.facts == Facts(portal_id="62515", hubspot_user_id="7")
    assert tokens.base_url == "https://api.hubapi.com"


async def test_salesforce_does_not_so_the_shortest_session_is_assumed(
    salesforce: SalesforceGateway, endpoint: TokenEndpoint
) -> None:
    tokens = await exchange(salesforce)
    assert tokens.expires_at == NOW + timedelta(minutes=15)
    assert tokens.facts == Facts(
        org_id="00D5g0000000001EAA", salesforce_user_id="0055g0000000001AAA"
    )
    assert tokens.base_url == "https://acme.my.salesforce.com"
    assert endpoint.asked[0][1]["code_verifier"] == [VERIFIER]


@pytest.mark.parametrize(
    "instance",
    [
        "https://acme.my.salesforce.com.evil.example",
        "http://acme.my.salesforce.com",
        "https://169.254.169.254",
        "https://user@acme.my.salesforce.com",
    ],
)
async def test_an_instance_that_is_not_salesforces_is_refused(
    salesforce: SalesforceGateway, endpoint: TokenEndpoint, instance: str
) -> None:
    endpoint.body["instance_url"] = instance
    with pytest.raises(ConnectError) as caught:
        await exchange(salesforce)
    assert caught.value.code == "instance-url-refused"
    tokens = await refresh(salesforce)
    assert (tokens.base_url, tokens.access_token) == ("", "00D1!a")


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, {"status": "BAD_AUTH_CODE", "error": "invalid_grant"}, "authorization-code-expired"),
        (400, {"status": "BAD_CODE_VERIFIER"}, "authorization-challenge"),
        (400, {"status": "BAD_CLIENT_SECRET", "error": "invalid_client"}, "oauth-client-refused"),
        (400, {"status": "BAD_REDIRECT_URI"}, "redirect-address-refused"),
        (400, {"status": "BAD_HUB", "error": "access_denied"}, "hubspot-account-unknown"),
    ],
)
async def test_hubspots_refusals_of_a_code_are_explained(
    hubspot: HubSpotGateway,
    endpoint: TokenEndpoint,
    status: int,
    body: dict[str, str],
    code: str,
) -> None:
    endpoint.status, endpoint.body = status, body
    with pytest.raises(ConnectError) as caught:
        await exchange(hubspot)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("error", "description", "code"),
    [
        ("invalid_grant", "expired authorization code", "authorization-code-expired"),
        ("invalid_grant", "invalid code verifier", "authorization-challenge"),
        ("invalid_grant", "authentication failure", "account-refused"),
        ("invalid_client", "invalid client credentials", "oauth-client-refused"),
        ("invalid_client", "app must be installed into org", "app-not-installed"),
        ("invalid_client_id", "client identifier invalid", "oauth-client-refused"),
    ],
)
async def test_salesforces_refusals_of_a_code_are_explained(
    salesforce: SalesforceGateway,
    endpoint: TokenEndpoint,
    error: str,
    description: str,
    code: str,
) -> None:
    endpoint.status = 400
    endpoint.body = {"error": error, "error_description": description}
    with pytest.raises(ConnectError) as caught:
        await exchange(salesforce)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("status", "body", "dead"),
    [
        (
            400,
            {"error": "invalid_grant", "error_description": "expired access/refresh token"},
            True,
        ),
        (400, {"error": "inactive_user"}, True),
        (400, {"error": "invalid_client"}, False),
        (400, {"error": "invalid_client_id"}, False),
        (400, {"error": "unknown_error"}, False),
        (503, {}, False),
    ],
)
async def test_only_a_dead_grant_is_called_dead(
    salesforce: SalesforceGateway,
    endpoint: TokenEndpoint,
    status: int,
    body: dict[str, str],
    dead: bool,  # noqa: FBT001 -- the last column of the table
) -> None:
    endpoint.status, endpoint.body = status, body
    with pytest.raises(GrantDeadError if dead else RetriableError):
        await refresh(salesforce)


@pytest.mark.parametrize(
    ("status", "body", "dead"),
    [
        (400, {"status": "BAD_REFRESH_TOKEN", "error": "invalid_grant"}, True),
        (400, {"status": "BAD_HUB", "error": "access_denied"}, True),
        (400, {"status": "BAD_CLIENT_ID", "error": "invalid_client"}, False),
        (400, {"status": "BAD_CLIENT_SECRET"}, False),
        (429, {}, False),
        (502, {}, False),
    ],
)
async def test_the_same_at_hubspot(
    hubspot: HubSpotGateway,
    endpoint: TokenEndpoint,
    status: int,
    body: dict[str, str],
    dead: bool,  # noqa: FBT001 -- the last column of the table
) -> None:
    endpoint.status, endpoint.body = status, body
    with pytest.raises(GrantDeadError if dead else RetriableError):
        await refresh(hubspot)
