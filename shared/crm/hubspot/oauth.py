"""HubSpot's OAuth: authorize, exchange, refresh, revoke (facts: hubspot-api 1)."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import httpx2

from shared.crm.answers import Json, object_of, parsed, text
from shared.crm.errors import (
    CrmAuthError,
    CrmError,
    CrmFatalError,
    CrmLimitError,
    CrmRetriableError,
)
from shared.crm.grants import (
    Grant,
    access_token_of,
    call,
    lifetime_of,
    new_refresh_token,
    post_form,
)
from shared.crm.hubspot.mapper import NAME
from shared.crm.hubspot.paths import DEFAULT_VERSION, Paths
from shared.crm.scrubbing import code_of
from shared.crm.waiting import retry_after

DEAD_GRANT = frozenset(
    {"BAD_REFRESH_TOKEN", "BAD_AUTH_CODE", "BAD_HUB", "invalid_grant", "access_denied"}
)
"""The portal's admin revoked the grant or uninstalled the app, or the code was used or too old."""
OUR_CONFIGURATION = frozenset(
    {
        "BAD_CLIENT_ID",
        "BAD_CLIENT_SECRET",
        "BAD_REDIRECT_URI",
        "BAD_GRANT_TYPE",
        "BAD_CODE_VERIFIER",
        "BAD_SCOPES",
        "invalid_client",
    }
)
"""Wrong for every portal alike: no portal may be called disconnected because of these."""
_NO_TIME_GIVEN = 10.0
_AGAIN = frozenset({423, 477})
"""The account is locked, or is being moved to another data centre (facts: hubspot-api 2)."""
_FIRST_SERVER_ERROR = 500


class HubSpotOAuth:
    """Asks HubSpot for tokens on behalf of one app.

    `authorize_url` is the page for the admin's browser, `token_base_url` the API's origin.
    Refused: CrmAuthError when the grant is dead, CrmFatalError when our app is set up wrongly,
    CrmLimitError and CrmRetriableError when it may work later.
    """

    def __init__(
        self,
        http: httpx2.AsyncClient,
        *,
        client_id: str,
        client_secret: str,
        authorize_url: str,
        token_base_url: str,
        version: str = DEFAULT_VERSION,
    ) -> None:
        self._http = http
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._authorize_url = authorize_url
        self._base_url = token_base_url.rstrip("/")
        self._paths = Paths(version)

    def authorize_url(
        self,
        state: str,
        redirect_uri: str,
        scopes: Collection[str],
        code_challenge: str,
        *,
        optional: Collection[str] = (),
    ) -> str:
        """Where to send the admin's browser. `scopes` must hold all that the app requires.

        `optional` ones are dropped in silence where the portal or the user cannot grant them.
        """
        query = {
            "client_id": self._client["client_id"],
            "redirect_uri": redirect_uri,
            "scope": " ".join(scopes),
            "state": state,
            "code_challenge": code_challenge,
            "code_challenge_method": "S256",
        }
        if optional:
            query["optional_scope"] = " ".join(optional)
        return f"{self._authorize_url}?{urlencode(query, quote_via=quote)}"

    async def exchange(self, code: str, redirect_uri: str, verifier: str) -> Grant:
        """The grant for a code, with the portal's id and the scopes that were really granted."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        token, body = access_token_of(await self._post(self._paths.oauth(), form), NAME)
        if not (text(body, "hub_id") and isinstance(body.get("scopes"), list)):
            body = {**body, **await self._introspected(token)}
        if not text(body, "hub_id"):
            body["hub_id"] = await self._portal_id(token)
        return self._grant(token, body)

    async def refresh(self, refresh_token: str) -> Grant:
        """New tokens. Portal and scopes may be missing from the answer: they did not change."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        token, body = access_token_of(await self._post(self._paths.oauth(), form), NAME)
        return self._grant(token, body)

    async def revoke(self, refresh_token: str) -> None:
        """End the grant; one that is dead already counts as ended.

        The app stays installed, and access tokens live on for their half hour.
        """
        form = {"token": refresh_token, "token_type_hint": "refresh_token"}
        try:
            await self._post(self._paths.oauth("revoke"), form)
        except CrmAuthError:
            return

    async def _introspected(self, access_token: str) -> Json:
        form = {"token": access_token, "token_type_hint": "access_token"}
        try:
            body = object_of(await self._post(self._paths.oauth("introspect"), form))
        except CrmFatalError:
            return {}
        return {name: body[name] for name in ("hub_id", "user_id", "scopes") if name in body}

    async def _portal_id(self, access_token: str) -> str:
        request = self._http.build_request(
            "GET",
            self._base_url + self._paths.account(),
            headers={"Accept": "application/json", "Authorization": f"Bearer {access_token}"},
        )
        answer = await call(self._http, request, crm=NAME, error_of=oauth_error)
        return text(object_of(answer), "portalId")

    async def _post(self, path: str, form: Mapping[str, str]) -> httpx2.Response:
        sent = {**form, **self._client}
        return await post_form(
            self._http, self._base_url + path, sent, crm=NAME, error_of=oauth_error
        )

    def _grant(self, token: str, body: Json) -> Grant:
        scopes: Any = body.get("scopes")
        return Grant(
            access_token=token,
            refresh_token=new_refresh_token(body),
            base_url=self._base_url,
            account_id=text(body, "hub_id"),
            user_id=text(body, "user_id"),
            scopes=frozenset(map(str, scopes)) if isinstance(scopes, list) else frozenset(),
            expires_in=lifetime_of(body),
        )


def oauth_error(response: httpx2.Response) -> CrmError:
    """The error that an answer of a token endpoint stands for."""
    status = response.status_code
    body = parsed(response.content)
    told = (code_of(text(body, name)) for name in ("status", "error", "category"))
    code = next((name for name in told if name and name != "error"), f"HTTP_{status}")
    if code in OUR_CONFIGURATION:
        return CrmFatalError(
            f"HubSpot does not accept this deployment's app ({code}). Compare client id, client "
            "secret, redirect address and scopes with the app's page in HubSpot.",
            code=code,
            status=status,
        )
    silent = not isinstance(body, dict)
    if code in DEAD_GRANT or (status == httpx2.codes.UNAUTHORIZED and not silent):
        return CrmAuthError(
            f"HubSpot says that the authorization has ended ({code}). Connect HubSpot again.",
            code=code,
            status=status,
        )
    return _other(response, code, silent=silent)


def _other(response: httpx2.Response, code: str, *, silent: bool) -> CrmError:
    status = response.status_code
    wait = retry_after(response.headers)
    if status == httpx2.codes.TOO_MANY_REQUESTS:
        return CrmLimitError(
            "HubSpot's limit for token requests is reached.",
            code=code,
            retry_after=_NO_TIME_GIVEN if wait is None else wait,
            status=status,
        )
    if silent or status in _AGAIN or status >= _FIRST_SERVER_ERROR:
        return CrmRetriableError(
            f"HubSpot could not answer a token request (HTTP {status}); it is asked again.",
            code=code,
            retry_after=wait,
            status=status,
        )
    return CrmFatalError(f"HubSpot refused a token request ({code}).", code=code, status=status)
