"""Salesforce's OAuth web server flow, always with PKCE (facts: salesforce-api 1)."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

import httpx2

from shared.crm.answers import Json, digits, parsed, text
from shared.crm.errors import CrmAuthError, CrmError, CrmFatalError, CrmRetriableError
from shared.crm.grants import (
    Grant,
    access_token_of,
    lifetime_of,
    new_refresh_token,
    post_form,
)
from shared.crm.salesforce.ids import id18
from shared.crm.salesforce.mapper import NAME, error_of
from shared.crm.scrubbing import code_of
from shared.crm.waiting import retry_after

TOKEN = "/services/oauth2/token"  # noqa: S105 -- a path
REVOKE = "/services/oauth2/revoke"
DEAD_GRANT = frozenset({"invalid_grant", "inactive_user", "inactive_org", "invalid_token"})
LATER = frozenset(
    {"unknown_error", "server_error", "temporarily_unavailable", "rate_limit_exceeded"}
)
KNOWN_DESCRIPTIONS = frozenset(
    {
        "expired authorization code",
        "expired access/refresh token",
        "authentication failure",
        "invalid code verifier",
        "unexpected code verifier",
        "user hasn't approved this consumer",
        "user is not admin approved to access this app",
        "app must be installed into org",
        "ip restricted",
        "inactive user",
        "inactive organization",
        "password expired",
        "redirect_uri must match configuration",
        "invalid client credentials",
        "client identifier invalid",
    }
)
"""Salesforce's fixed texts, which may be shown; any other could hold anything."""
_IDENTITY = re.compile(r"/id/([A-Za-z0-9]{15,18})/([A-Za-z0-9]{15,18})/?\Z")


class SalesforceOAuth:
    """Asks Salesforce for tokens on behalf of one external client app.

    `authorize_url` is the page for the admin's browser, `token_base_url` the login host or the
    org's own domain. Refused: CrmAuthError when the grant is dead, CrmFatalError when the app is
    set up wrongly, CrmLimitError and CrmRetriableError when it may work later. The `base_url` of
    a grant comes from Salesforce's answer: pass it through `shared.crm.hosts` before calling it.
    """

    def __init__(
        self,
        http: httpx2.AsyncClient,
        *,
        client_id: str,
        client_secret: str,
        authorize_url: str,
        token_base_url: str,
    ) -> None:
        self._http = http
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._authorize_url = authorize_url
        self._base_url = token_base_url.rstrip("/")

    def authorize_url(
        self, state: str, redirect_uri: str, scopes: Collection[str], code_challenge: str
    ) -> str:
        """Where to send the admin's browser. A sync needs the scopes api, refresh_token, id."""
        query = {
            "response_type": "code",
            "client_id": self._client["client_id"],
            "redirect_uri": redirect_uri,
            "scope": " ".join(scopes),
            "state": state,
            "code_challenge": code_challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._authorize_url}?{urlencode(query, quote_via=quote)}"

    async def exchange(self, code: str, redirect_uri: str, verifier: str) -> Grant:
        """The grant for a code. Codes work once and for minutes."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        grant = await self._ask(form)
        if grant.account_id and grant.base_url:
            return grant
        raise CrmFatalError(
            "Salesforce granted access without saying to which org. Give the app the scope `id`.",
            code="grant_unreadable",
        )

    async def refresh(self, refresh_token: str) -> Grant:
        """New tokens. Where the app rotates them the old refresh token is dead: store the new one.

        Two refreshes at once lose the grant (facts: salesforce-api 1.4): hold a lock around this.
        """
        return await self._ask({"grant_type": "refresh_token", "refresh_token": refresh_token})

    async def revoke(self, token: str) -> None:
        """End the grant (refresh token: its access tokens too); a dead one counts as ended."""
        try:
            await self._post(REVOKE, {"token": token})
        except CrmAuthError:
            return

    async def _ask(self, form: Mapping[str, str]) -> Grant:
        token, body = access_token_of(await self._post(TOKEN, {**form, **self._client}), NAME)
        return _grant(token, body)

    async def _post(self, path: str, form: Mapping[str, str]) -> httpx2.Response:
        url = self._base_url + path
        return await post_form(self._http, url, form, crm=NAME, error_of=oauth_error)


def _grant(token: str, body: Json) -> Grant:
    identity = _IDENTITY.search(text(body, "id"))
    return Grant(
        access_token=token,
        refresh_token=new_refresh_token(body),
        base_url=text(body, "instance_url").rstrip("/"),
        account_id=id18(identity[1]) if identity else "",
        user_id=id18(identity[2]) if identity else "",
        scopes=frozenset(text(body, "scope").split()),
        expires_in=lifetime_of(body),
        issued_at=_issued_at(body),
    )


def _issued_at(body: Json) -> datetime | None:
    """`issued_at` is milliseconds since 1970, as text."""
    told = digits(text(body, "issued_at"))
    try:
        return None if told is None else datetime.fromtimestamp(told / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def oauth_error(response: httpx2.Response) -> CrmError:
    """The error that an answer of a token endpoint stands for, in either of its shapes."""
    status = response.status_code
    body = parsed(response.content)
    code = code_of(text(body, "error"))
    description = text(body, "error_description").strip()
    if not code:
        return error_of(status, body, wait=retry_after(response.headers))
    told = f"{code}: {description}" if description in KNOWN_DESCRIPTIONS else code
    if code in LATER or "rate exceeded" in description:
        return CrmRetriableError(
            f"Salesforce could not answer a token request ({told}); it is asked again.",
            code=code,
            retry_after=retry_after(response.headers),
            status=status,
        )
    if code in DEAD_GRANT:
        return CrmAuthError(
            f"Salesforce says that the authorization has ended ({told}). Connect Salesforce again.",
            code=code,
            status=status,
        )
    return CrmFatalError(
        f"Salesforce does not accept this deployment's app ({told}). Compare consumer key, secret "
        "and callback address with the external client app in Salesforce, and check that it is "
        "installed in the org.",
        code=code,
        status=status,
    )
