"""What the authorize page makes of its parameters (facts: section 1). Pure."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from tests.simulators.hubspot.scopes import UNAVAILABLE
from tests.simulators.hubspot.settings import Settings

LOCAL_HOSTS = {"localhost"}


class ConsentRefused(Exception):  # noqa: N818 -- an answer for the user, on a page
    """The page shows this instead of a question."""


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """What an app asks a user for."""

    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    challenge: str
    method: str

    def allowed(self, code: str) -> str:
        """Where the user goes with a yes."""
        return self._back({"code": code})

    def denied(self) -> str:
        """Where the user goes with a no."""
        description = "The resource owner denied the request."
        return self._back({"error": "access_denied", "error_description": description})

    def _back(self, answer: dict[str, str]) -> str:
        joint = "&" if urlsplit(self.redirect_uri).query else "?"
        state = {"state": self.state} if self.state else {}
        return f"{self.redirect_uri}{joint}{urlencode(answer | state)}"


def parse_consent(fields: Mapping[str, str], settings: Settings) -> ConsentRequest:
    """The request, with the scopes that would be granted. ConsentRefused says what is wrong."""
    if fields.get("client_id") != settings.client_id:
        raise ConsentRefused("client_id is missing or unknown")
    redirect_uri = fields.get("redirect_uri", "")
    _check_redirect(redirect_uri, settings)
    wanted = fields.get("scope", "").split()
    missing = [scope for scope in settings.required_scopes if scope not in wanted]
    if missing:
        raise ConsentRefused(f"scope lacks what the app requires: {' '.join(missing)}")
    optional = [one for one in fields.get("optional_scope", "").split() if one not in UNAVAILABLE]
    return ConsentRequest(
        redirect_uri=redirect_uri,
        scopes=tuple(dict.fromkeys([*wanted, *optional])),
        state=fields.get("state", ""),
        challenge=fields.get("code_challenge", ""),
        method=fields.get("code_challenge_method", ""),
    )


def _check_redirect(redirect_uri: str, settings: Settings) -> None:
    parts = urlsplit(redirect_uri)
    host = parts.hostname or ""
    if settings.redirect_uris and redirect_uri not in settings.redirect_uris:
        raise ConsentRefused(f"redirect_uri {redirect_uri} is not registered for this app")
    if not host or _is_address(host):
        raise ConsentRefused(f"redirect_uri {redirect_uri} needs a host name, not an IP address")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOCAL_HOSTS):
        raise ConsentRefused(f"redirect_uri {redirect_uri} must be https (http for localhost only)")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
