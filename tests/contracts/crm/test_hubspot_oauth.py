from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from shared.crm.errors import CrmAuthError, CrmFatalError
from shared.crm.grants import Grant
from shared.crm.hubspot.oauth import HubSpotOAuth
from shared.crm.pkce import challenge_of, new_verifier
from tests.contracts.crm.lines import HubSpotUnderTest

SECRET = "simulated-secret"
CALLBACK = "https://causeway.example/callback"
SCOPES = (
    "oauth",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.schemas.contacts.read",
    "crm.schemas.contacts.write",
)


def oauth(hubspot: HubSpotUnderTest, *, secret: str = SECRET) -> HubSpotOAuth:
    return HubSpotOAuth(
        hubspot.http,
        client_id="simulated-client",
        client_secret=secret,
        authorize_url=f"{hubspot.control.base_url}/oauth/authorize",
        token_base_url=hubspot.control.base_url,
    )


async def consented(http: httpx2.AsyncClient, url: str) -> dict[str, str]:
    """What comes back to the callback when the admin says yes."""
    asked = await http.get(url)
    assert asked.status_code == 200
    fields = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    form = {**fields, "decision": "allow"}
    answer = await http.post(url.partition("?")[0], data=form)
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


async def connected(hubspot: HubSpotUnderTest) -> Grant:
    verifier = new_verifier()
    url = oauth(hubspot).authorize_url("st&ate", CALLBACK, SCOPES, challenge_of(verifier))
    back = await consented(hubspot.http, url)
    assert back["state"] == "st&ate"
    return await oauth(hubspot).exchange(back["code"], CALLBACK, verifier)


async def test_from_the_page_to_a_grant_and_a_refreshed_one(hubspot: HubSpotUnderTest) -> None:
    grant = await connected(hubspot)
    again = await oauth(hubspot).refresh(grant.refresh_token or "")
    assert (grant.account_id, grant.user_id, grant.expires_in) == ("111", "9001", 1800)
    assert grant.scopes == set(SCOPES)
    assert grant.base_url == hubspot.control.base_url
    assert again.access_token != grant.access_token


async def test_a_wrong_verifier_is_refused(hubspot: HubSpotUnderTest) -> None:
    url = oauth(hubspot).authorize_url("s", CALLBACK, SCOPES, challenge_of(new_verifier()))
    back = await consented(hubspot.http, url)
    with pytest.raises(CrmFatalError) as caught:
        await oauth(hubspot).exchange(back["code"], CALLBACK, new_verifier())
    assert not isinstance(caught.value, CrmAuthError)


async def test_a_code_works_once(hubspot: HubSpotUnderTest) -> None:
    verifier = new_verifier()
    url = oauth(hubspot).authorize_url("s", CALLBACK, SCOPES, challenge_of(verifier))
    back = await consented(hubspot.http, url)
    await oauth(hubspot).exchange(back["code"], CALLBACK, verifier)
    with pytest.raises(CrmAuthError):
        await oauth(hubspot).exchange(back["code"], CALLBACK, verifier)


async def test_a_revoked_grant_is_dead(hubspot: HubSpotUnderTest) -> None:
    grant = await connected(hubspot)
    await oauth(hubspot).revoke(grant.refresh_token or "")
    await oauth(hubspot).revoke(grant.refresh_token or "")
    with pytest.raises(CrmAuthError) as caught:
        await oauth(hubspot).refresh(grant.refresh_token or "")
    assert caught.value.code == "BAD_REFRESH_TOKEN"


async def test_our_wrong_secret_is_not_the_portals_fault(hubspot: HubSpotUnderTest) -> None:
    grant = await connected(hubspot)
    with pytest.raises(CrmFatalError) as caught:
        await oauth(hubspot, secret="wrong").refresh(grant.refresh_token or "")
    assert not isinstance(caught.value, CrmAuthError)
    assert caught.value.code == "BAD_CLIENT_SECRET"


async def test_an_expired_token_is_replaced_in_the_middle_of_work(
    hubspot: HubSpotUnderTest,
) -> None:
    await hubspot.client.account()
    await hubspot.control.advance_clock(1801)
    assert (await hubspot.client.account()).portal_id == "111"
    assert hubspot.tokens.rejections == 1
    assert len(hubspot.meter.taken) == 3
