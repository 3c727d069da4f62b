from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from shared.crm.errors import CrmAuthError, CrmFatalError
from shared.crm.grants import Grant
from shared.crm.pkce import challenge_of, new_verifier
from shared.crm.salesforce.oauth import SalesforceOAuth
from tests.contracts.crm.lines import SalesforceUnderTest

SECRET = "simulated-secret"
CALLBACK = "https://causeway.example/callback"
SCOPES = ("api", "refresh_token", "id")


def oauth(salesforce: SalesforceUnderTest, *, secret: str = SECRET) -> SalesforceOAuth:
    return SalesforceOAuth(
        salesforce.http,
        client_id="3MVG9.causeway.simulated",
        client_secret=secret,
        authorize_url=f"{salesforce.control.base_url}/services/oauth2/authorize",
        token_base_url=salesforce.control.base_url,
    )


async def consented(salesforce: SalesforceUnderTest, url: str) -> dict[str, str]:
    """What comes back to the callback when the admin says yes."""
    assert (await salesforce.http.get(url)).status_code == 200
    fields = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    form = {**fields, "decision": "allow"}
    answer = await salesforce.http.post(url.partition("?")[0], data=form)
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


async def connected(salesforce: SalesforceUnderTest) -> Grant:
    verifier = new_verifier()
    url = oauth(salesforce).authorize_url("st&ate", CALLBACK, SCOPES, challenge_of(verifier))
    back = await consented(salesforce, url)
    assert back["state"] == "st&ate"
    return await oauth(salesforce).exchange(back["code"], CALLBACK, verifier)


@pytest.fixture
async def rotating(salesforce: SalesforceUnderTest) -> AsyncIterator[SalesforceUnderTest]:
    await salesforce.control.switches({"rotate_refresh_tokens": True})
    yield salesforce
    await salesforce.control.switches({"rotate_refresh_tokens": False})


async def test_from_the_page_to_a_grant_and_a_refreshed_one(
    salesforce: SalesforceUnderTest,
) -> None:
    grant = await connected(salesforce)
    again = await oauth(salesforce).refresh(grant.refresh_token or "")
    assert grant.account_id == "00D5g0000000001EAA"
    assert grant.user_id.startswith("005")
    assert grant.base_url == salesforce.control.base_url
    assert (grant.scopes, grant.expires_in) == (frozenset(SCOPES), None)
    assert grant.issued_at is not None
    assert again.refresh_token is None
    assert (again.account_id, again.user_id) == (grant.account_id, grant.user_id)


async def test_with_rotation_the_old_token_is_dead_at_once(rotating: SalesforceUnderTest) -> None:
    grant = await connected(rotating)
    again = await oauth(rotating).refresh(grant.refresh_token or "")
    assert again.refresh_token not in {None, grant.refresh_token}
    with pytest.raises(CrmAuthError, match="expired access/refresh token"):
        await oauth(rotating).refresh(grant.refresh_token or "")
    assert (await oauth(rotating).refresh(again.refresh_token or "")).access_token


async def test_a_wrong_verifier_and_a_used_code_are_refused(
    salesforce: SalesforceUnderTest,
) -> None:
    verifier = new_verifier()
    url = oauth(salesforce).authorize_url("s", CALLBACK, SCOPES, challenge_of(verifier))
    first = await consented(salesforce, url)
    with pytest.raises(CrmAuthError, match="invalid code verifier"):
        await oauth(salesforce).exchange(first["code"], CALLBACK, new_verifier())
    second = await consented(salesforce, url)
    await oauth(salesforce).exchange(second["code"], CALLBACK, verifier)
    with pytest.raises(CrmAuthError, match="expired authorization code"):
        await oauth(salesforce).exchange(second["code"], CALLBACK, verifier)


async def test_a_revoked_grant_is_dead(salesforce: SalesforceUnderTest) -> None:
    grant = await connected(salesforce)
    await oauth(salesforce).revoke(grant.refresh_token or "")
    await oauth(salesforce).revoke(grant.refresh_token or "")
    with pytest.raises(CrmAuthError):
        await oauth(salesforce).refresh(grant.refresh_token or "")


async def test_our_wrong_secret_is_not_the_orgs_fault(salesforce: SalesforceUnderTest) -> None:
    grant = await connected(salesforce)
    with pytest.raises(CrmFatalError) as caught:
        await oauth(salesforce, secret="wrong").refresh(grant.refresh_token or "")
    assert not isinstance(caught.value, CrmAuthError)
    assert caught.value.code == "invalid_client"
