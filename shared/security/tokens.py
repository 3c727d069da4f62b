"""Bearer tokens: short-lived ES256 JWTs of the deployment's own key."""

import base64
import binascii
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from shared.kernel.errors import FatalError

ALGORITHM = "ES256"
CURVE = "P-256"
ISSUER = "causeway"
PEOPLE = "causeway"  # the audience of a person's token: every service
CLOCK_SKEW = timedelta(seconds=30)  # how far the clocks of two machines may be apart
MAX_TOKEN_CHARS = 4096  # ours have about 400; nothing longer is worth a look


class Role(StrEnum):
    """What a bearer may do; viewer < operator < admin are people, service is another service."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling."""

    subject: str
    role: Role


class TokenKeyError(FatalError):
    """CAUSEWAY_TOKEN_KEY cannot be read."""

    def __init__(self) -> None:
        super().__init__(
            "CAUSEWAY_TOKEN_KEY is not a private P-256 key (JWK as JSON or as base64 of it). "
            "`python -m services keys generate` prints a fresh one.",
            code="token_key_invalid",
        )


class TokenRefusedError(FatalError):
    """A bearer token is not accepted; `code` is token_invalid, token_expired or token_audience."""


@dataclass(frozen=True, slots=True)
class TokenKey:
    """The key that signs and verifies; its bytes never show in repr."""

    _key: ECKey = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "TokenKey":
        """Read a private ES256 JWK, as JSON or as the base64 of it; TokenKeyError otherwise."""
        try:
            raw = text if text.lstrip().startswith("{") else base64.b64decode(text.strip())
            jwk = json.loads(raw)
            key = ECKey.import_key(jwk)
        except (JoseError, binascii.Error, ValueError, TypeError, KeyError):
            raise TokenKeyError from None
        if not key.is_private or jwk.get("crv") != CURVE:
            raise TokenKeyError
        return cls(key)

    @classmethod
    def generate(cls) -> "TokenKey":
        """A fresh key."""
        return cls(ECKey.generate_key(CURVE))

    def export(self) -> str:
        """The private key as one line (base64 of the JWK): what CAUSEWAY_TOKEN_KEY holds."""
        jwk = json.dumps(self._key.as_dict(private=True), separators=(",", ":"))
        return base64.b64encode(jwk.encode()).decode()

    def sign(self, claims: dict[str, Any]) -> str:
        """The claims as a compact JWT."""
        header = {"alg": ALGORITHM, "typ": "JWT"}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])

    def claims(self, token: str) -> dict[str, Any]:
        """The claims of a token that this key signed; TokenRefusedError otherwise."""
        if len(token) > MAX_TOKEN_CHARS:
            raise _refused("The token is longer than any token of this deployment.")
        try:
            return dict(jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims)
        except (JoseError, ValueError, TypeError, KeyError):
            raise _refused("The token was not signed by this deployment's key.") from None


def mint(
    key: TokenKey, *, subject: str, role: Role, audience: str, lifetime: timedelta, now: datetime
) -> str:
    """A token for `subject` that `audience` accepts until `now + lifetime`.

    People's tokens have the audience "causeway"; a service's token has the name of the service
    that it calls. ValueError for a mix of the two, which no verifier would accept.
    """
    if (role is Role.SERVICE) == (audience == PEOPLE):
        raise ValueError(
            f'Role {role} and audience {audience!r} do not go together: people have "{PEOPLE}", '
            "services have the name of the service that they call."
        )
    return key.sign(
        {
            "iss": ISSUER,
            "sub": subject,
            "aud": audience,
            "role": role.value,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
        }
    )


def verify(key: TokenKey, token: str, *, audience: str, now: datetime) -> Principal:
    """Who the token speaks for: a person, or a service that was given it to call `audience`.

    TokenRefusedError when it is forged, malformed, not yet valid, expired or meant for another.
    """
    claims = key.claims(token)
    subject, role = claims.get("sub"), _role(claims.get("role"))
    if claims.get("iss") != ISSUER or not isinstance(subject, str) or not subject:
        raise _refused("The token's issuer or subject is not one of this deployment.")
    if _time(claims, "iat") - CLOCK_SKEW > now:
        raise _refused("The token was issued in the future: compare the clocks of the machines.")
    if _time(claims, "exp") <= now:
        raise TokenRefusedError(
            "The token has expired. Get a new one (python -m services token create).",
            code="token_expired",
        )
    if claims.get("aud") != (audience if role is Role.SERVICE else PEOPLE):
        raise TokenRefusedError(
            f"The token was made for another service than {audience}.", code="token_audience"
        )
    return Principal(subject=subject, role=role)


def _role(value: object) -> Role:
    try:
        return Role(str(value))
    except ValueError:
        raise _refused("The token has no role that this deployment knows.") from None


def _time(claims: dict[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _refused(f"The token's {name} is not a time.")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        raise _refused(f"The token's {name} is not a time.") from None


def _refused(message: str) -> TokenRefusedError:
    return TokenRefusedError(message, code="token_invalid")
