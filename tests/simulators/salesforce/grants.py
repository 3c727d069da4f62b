"""Codes, access tokens and refresh tokens of the org (facts: sections 1.2 to 1.4)."""

import base64
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from tests.simulators.machinery.clock import VirtualClock
from tests.simulators.salesforce.members import Member

CODE_SECONDS = 900
"""An authorization code lives 15 minutes."""
ALL_SCOPES = ("api", "refresh_token", "id")
"""What an app gets that names no scopes."""
JWT_PARTS = (90, 900, 256)
"""Bytes of the head, the claims and the signature of a token that is a JWT."""
OFFLINE = frozenset({"refresh_token", "offline_access"})


@dataclass(slots=True)
class Code:
    """An authorization code that nobody has used yet."""

    user: Member
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str
    expires_at: float


@dataclass(slots=True)
class Session:
    """An access token's session. It ends when it was not used for the session timeout."""

    token: str
    user: Member
    scopes: tuple[str, ...]
    refresh_token: str | None
    used_at: float


@dataclass(slots=True)
class Refresh:
    """A refresh token: approval of an app by a user, until it is revoked or rotated away."""

    user: Member
    scopes: tuple[str, ...]
    issued_at: float
    used_at: float


@dataclass(frozen=True, slots=True)
class RefreshPolicy:
    """Seconds for which refresh tokens live: at all, and without use. 0 is for ever."""

    life: float = 0
    idle: float = 0

    def allows(self, one: Refresh, now: float) -> bool:
        """Whether a token still lives."""
        too_old = self.life > 0 and now - one.issued_at >= self.life
        return not too_old and not (self.idle > 0 and now - one.used_at >= self.idle)


FOR_EVER = RefreshPolicy()


class Grants:
    """Everything that was granted."""

    def __init__(self, *, clock: VirtualClock, members: Iterable[Member]) -> None:
        self._clock = clock
        self._members = tuple(members)
        self._codes: dict[str, Code] = {}
        self._sessions: dict[str, Session] = {}
        self._refreshes: dict[str, Refresh] = {}
        self.authorised: set[str] = set()
        """Users who said yes on the page: these may go on with an app that is not installed."""

    def member(self, hint: str = "") -> Member:
        """The user with this id, username or e-mail; the administrator if there is none."""
        wanted = hint.lower()
        for one in self._members:
            if wanted and wanted in {one.id.lower(), one.username, one.email}:
                return one
        return self._members[0]

    def issue_code(
        self, user: Member, *, scopes: tuple[str, ...], redirect_uri: str, challenge: str
    ) -> str:
        """A code for the callback."""
        self.authorised.add(user.id)
        code = "aPrx" + secrets.token_urlsafe(48)
        expires = self._clock.seconds() + CODE_SECONDS
        self._codes[code] = Code(user, scopes, redirect_uri, challenge, expires)
        return code

    def take_code(self, text: str) -> Code | None:
        """The code, which is used up by this; None when it was used, has expired or never was."""
        code = self._codes.pop(text, None)
        return code if code is not None and code.expires_at > self._clock.seconds() else None

    def open_session(
        self,
        user: Member,
        scopes: tuple[str, ...],
        refresh_token: str | None,
        org_id: str,
        *,
        jwt: bool = False,
    ) -> Session:
        """A new access token, which nobody but the org can read anything from."""
        token = f"{org_id[:15]}!AQ{secrets.token_urlsafe(60)}"
        if jwt:
            token = "eyJ" + ".".join(secrets.token_urlsafe(size) for size in JWT_PARTS)
        session = Session(token, user, scopes, refresh_token, self._clock.seconds())
        self._sessions[token] = session
        return session

    def issue_refresh(self, user: Member, scopes: tuple[str, ...]) -> str:
        """A new refresh token."""
        token = "5Aep861" + secrets.token_urlsafe(56)
        now = self._clock.seconds()
        self._refreshes[token] = Refresh(user, scopes, now, now)
        return token

    def refresh(
        self, token: str, policy: RefreshPolicy = FOR_EVER, *, touch: bool = True
    ) -> Refresh | None:
        """The grant behind a refresh token, used by this; None for a dead one."""
        found = self._refreshes.get(token)
        now = self._clock.seconds()
        if found is None or not policy.allows(found, now):
            return None
        if touch:
            found.used_at = max(found.used_at, now)
        return found

    def rotate(self, token: str) -> str:
        """A new refresh token in place of one, which dies at once; its sessions go on."""
        old = self._refreshes.pop(token)
        new = self.issue_refresh(old.user, old.scopes)
        for session in self._sessions.values():
            if session.refresh_token == token:
                session.refresh_token = new
        return new

    def session(self, token: str, timeout: float, *, touch: bool = True) -> Session | None:
        """The live session of an access token, used by this; None for a dead one."""
        session = self._sessions.get(token)
        now = self._clock.seconds()
        if session is None or now - session.used_at >= timeout:
            return None
        if touch:
            session.used_at = max(session.used_at, now)
        return session

    def revoke(self, token: str) -> bool:
        """Revoke a token: a refresh token takes its access tokens with it. False if unknown."""
        if token in self._refreshes:
            del self._refreshes[token]
            for name in [n for n, one in self._sessions.items() if one.refresh_token == token]:
                del self._sessions[name]
            return True
        return self._sessions.pop(token, None) is not None

    def end_sessions(self) -> int:
        """End every session, as an admin can; the number of those that ended."""
        ended = len(self._sessions)
        self._sessions.clear()
        return ended

    def revoke_all(self) -> None:
        """Revoke every refresh token and session, as when the admin blocks the app."""
        self._refreshes.clear()
        self._sessions.clear()
        self.authorised.clear()


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier: base64url of its SHA-256, without padding."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
