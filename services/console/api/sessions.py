"""Who is signed in: a signed cookie that holds the person's own token, and what is bound to it."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from shared.kernel.clock import Clock
from shared.security.tokens import (
    PEOPLE,
    Principal,
    Role,
    TokenKey,
    TokenRefusedError,
    verify,
)

ID_BYTES = 16
"""128 random bits: nobody guesses another person's session."""

MAX_TOKEN_CHARS = 2048
"""Ours have about 400; a browser drops cookies above 4 kB without a word."""

MAX_SEALED_CHARS = 4096
"""What a browser sends as one cookie; nothing longer is worth a look."""

_AUDIENCE = "console"
_RANKS = (Role.VIEWER, Role.OPERATOR, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Session:
    """One browser. `principal` is None until somebody signs in; then `token` is theirs."""

    id: str
    token: str = field(default="", repr=False)
    principal: Principal | None = None

    def may(self, role: Role) -> bool:
        """Whether the person has this role or a higher one."""
        if self.principal is None or self.principal.role not in _RANKS:
            return False
        return _RANKS.index(self.principal.role) >= _RANKS.index(role)


class Sessions:
    """Makes and checks sessions. Nothing is kept here: the signature is the memory.

    A session ends with its token: each request verifies that anew. `key` has 32 bytes.
    """

    def __init__(self, *, key: bytes, token_key: TokenKey, clock: Clock) -> None:
        self._key = key
        self._token_key = token_key
        self._clock = clock

    def visitor(self) -> Session:
        """A session of somebody who has not signed in: it carries the form's protection."""
        return Session(secrets.token_urlsafe(ID_BYTES))

    def sign_in(self, token: str) -> Session:
        """A new session, with an id that nobody knew before.

        Raises:
            TokenRefusedError: forged, expired, too long, or a service's.
        """
        if len(token) > MAX_TOKEN_CHARS:
            raise TokenRefusedError(
                "That is longer than any sign-in token. Paste the one line that "
                "`python -m services token create` printed.",
                code="token_invalid",
            )
        return Session(secrets.token_urlsafe(ID_BYTES), token, self._principal(token))

    def seal(self, session: Session) -> str:
        """The session as a cookie's value."""
        return self.sealed("session", session.id, session.token)

    def opened(self, cookie: str | None) -> Session | None:
        """The session of a cookie: None without one, or for one that we did not make.

        A session whose token has ended is that of a visitor again.
        """
        parts = self.unsealed("session", cookie)
        if parts is None:
            return None
        session_id, token = parts
        if not token:
            return Session(session_id)
        try:
            return Session(session_id, token, self._principal(token))
        except TokenRefusedError:
            return Session(session_id)

    def csrf(self, session: Session) -> str:
        """What every form of this session carries."""
        return self._mac("form", session.id.encode())

    def form_is_ours(self, session: Session, given: str) -> bool:
        """Whether a form came from a page that was made for this session."""
        return hmac.compare_digest(self.csrf(session).encode(), given.encode())

    def sealed(self, purpose: str, first: str, second: str) -> str:
        """Two texts that only we could have made for this purpose; readable, not secret."""
        payload = base64.urlsafe_b64encode(f"{first}\0{second}".encode()).decode()
        return f"{payload}.{self._mac(purpose, payload.encode())}"

    def unsealed(self, purpose: str, sealed: str | None) -> tuple[str, str] | None:
        """The two texts of `sealed`; None for anything that we did not make."""
        if not sealed or len(sealed) > MAX_SEALED_CHARS:
            return None
        payload, _, mac = sealed.rpartition(".")
        if not hmac.compare_digest(self._mac(purpose, payload.encode()).encode(), mac.encode()):
            return None
        first, _, second = base64.urlsafe_b64decode(payload).decode().partition("\0")
        return first, second

    def _principal(self, token: str) -> Principal:
        principal = verify(self._token_key, token, audience=_AUDIENCE, now=self._clock.now())
        if principal.role is Role.SERVICE:
            raise TokenRefusedError(
                f"That token is a service's. Sign in with a person's (audience {PEOPLE}).",
                code="token_audience",
            )
        return principal

    def _mac(self, purpose: str, message: bytes) -> str:
        """Each purpose has its own domain, so that one kind of text cannot pass for another."""
        text = f"causeway console {purpose} v1\0".encode() + message
        digest = hmac.new(self._key, text, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")
