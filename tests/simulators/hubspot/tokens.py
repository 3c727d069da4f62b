"""Authorization codes and tokens of the one app that the portal knows (facts: section 1)."""

import base64
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from tests.simulators.hubspot.errors import HubSpotError, error
from tests.simulators.hubspot.wire import iso
from tests.simulators.machinery.clock import VirtualClock

ACCESS_SECONDS = 1_800
"""Life of an access token."""
CODE_SECONDS = 60
"""Life of an authorization code; HubSpot publishes none, it is "short-lived"."""
TOKEN_BYTES = 48
SECOND = 1_000


@dataclass(frozen=True, slots=True)
class Code:
    """What a user consented to."""

    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str
    method: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class Access:
    """An access token's contents; ``expires_at`` in epoch ms."""

    token: str
    scopes: tuple[str, ...]
    expires_at: int
    refresh_token: str = ""


def oauth_error(status: str, message: str, code: str = "invalid_grant") -> HubSpotError:
    """A refusal of a token endpoint, in both of its dialects at once."""
    body = {"status": status, "message": message, "error": code, "error_description": message}
    return HubSpotError(400, body)


def bad_refresh_token() -> HubSpotError:
    """The grant is gone: the portal has to be connected again."""
    message = "refresh token is invalid, expired or revoked"
    return oauth_error("BAD_REFRESH_TOKEN", message)


class Tokens:
    """Everything that was granted, and what became of it."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._codes: dict[str, Code] = {}
        self._access: dict[str, Access] = {}
        self._refresh: dict[str, tuple[str, ...]] = {}

    def consent(
        self, scopes: Iterable[str], redirect_uri: str, challenge: str = "", method: str = ""
    ) -> str:
        """A single-use code for a user's consent."""
        code = secrets.token_hex(16)
        expires_at = self._clock.milliseconds() + CODE_SECONDS * SECOND
        self._codes[code] = Code(tuple(scopes), redirect_uri, challenge, method, expires_at)
        return code

    def redeem(self, code: str, redirect_uri: str, verifier: str) -> Access:
        """Tokens for a code, which is used up even when this fails."""
        granted = self._codes.pop(code, None)
        if granted is None or granted.expires_at <= self._clock.milliseconds():
            raise oauth_error("BAD_AUTH_CODE", "missing or unknown auth code")
        if redirect_uri != granted.redirect_uri:
            raise oauth_error("BAD_REDIRECT_URI", "missing or invalid redirect uri")
        if granted.challenge and not _verifies(granted, verifier):
            raise oauth_error("BAD_CODE_VERIFIER", "missing or invalid code verifier")
        return self.grant(granted.scopes)

    def grant(self, scopes: tuple[str, ...]) -> Access:
        """A new pair of tokens."""
        refresh_token = secrets.token_urlsafe(TOKEN_BYTES)
        self._refresh[refresh_token] = scopes
        return self._issue(scopes, refresh_token)

    def grant_client(self, scopes: tuple[str, ...]) -> Access:
        """An access token for the app itself, without a refresh token."""
        return self._issue(scopes, "")

    def refresh(self, refresh_token: str) -> Access:
        """Another access token; the refresh token stays, and so do older access tokens."""
        scopes = self._refresh.get(refresh_token)
        if scopes is None:
            raise bad_refresh_token()
        return self._issue(scopes, refresh_token)

    def _issue(self, scopes: tuple[str, ...], refresh_token: str) -> Access:
        expires_at = self._clock.milliseconds() + ACCESS_SECONDS * SECOND
        access = Access(secrets.token_urlsafe(TOKEN_BYTES), scopes, expires_at, refresh_token)
        self._access[access.token] = access
        return access

    def live_access(self, token: str) -> Access | None:
        """An access token that has not expired."""
        access = self._access.get(token)
        return access if access and access.expires_at > self._clock.milliseconds() else None

    def refresh_scopes(self, refresh_token: str) -> tuple[str, ...] | None:
        """The scopes of a refresh token; None if it is not valid."""
        return self._refresh.get(refresh_token)

    def revoke(self, refresh_token: str) -> None:
        """End a refresh token; access tokens made with it go on until they expire."""
        self._refresh.pop(refresh_token, None)

    def uninstall(self) -> None:
        """The app leaves the portal: every token is void."""
        self._access.clear()
        self._refresh.clear()
        self._codes.clear()

    def authenticate(self, authorization: str) -> Access:
        """The access of an ``Authorization`` header. HubSpotError 401 without a valid one."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise invalid_authentication()
        access = self._access.get(token.strip())
        expires_at = access.expires_at if access else 0
        now = self._clock.milliseconds()
        if access is None or expires_at <= now:
            raise expired_authentication(expires_at, now)
        return access


def _verifies(code: Code, verifier: str) -> bool:
    if code.method.upper() == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        verifier = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return secrets.compare_digest(verifier.encode(), code.challenge.encode())


def invalid_authentication() -> HubSpotError:
    """No credentials at all."""
    return error(
        401,
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you "
        "can find more details at "
        "https://developers.hubspot.com/docs/methods/auth/oauth-overview",
        "INVALID_AUTHENTICATION",
    )


def expired_authentication(expires_at: int, now: int) -> HubSpotError:
    """An old token; one that never was shows as expired since 1970 (facts: section 2)."""
    return error(
        401,
        "The OAuth token used to make this call expired "
        f"{(now - expires_at) // SECOND} second(s) ago.",
        "EXPIRED_AUTHENTICATION",
        context={"expire time": [iso(expires_at)]},
    )


def missing_scopes(wanted: tuple[str, ...]) -> HubSpotError:
    """The user did not grant what this call needs."""
    return error(
        403,
        "This app hasn't been granted all required scopes to make this call. Read more about "
        "required scopes here: https://developers.hubspot.com/scopes.",
        "MISSING_SCOPES",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": list(wanted)},
            }
        ],
        links={"scopes": "https://developers.hubspot.com/scopes"},
    )
