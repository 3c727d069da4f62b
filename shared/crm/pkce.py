"""Proof Key for Code Exchange, S256 (RFC 7636)."""

import re
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_RANDOM_BYTES = 48
"""64 characters: above the 43 that are required, with 384 random bits."""


def new_verifier() -> str:
    """A fresh secret for one authorization; keep it on the server, never in `state`."""
    return secrets.token_urlsafe(_RANDOM_BYTES)


def challenge_of(verifier: str) -> str:
    """base64url(SHA-256(verifier)) without padding; ValueError when it is no verifier."""
    if not _VERIFIER.fullmatch(verifier):
        raise ValueError("a PKCE verifier has 43 to 128 letters, digits and . _ ~ -")
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
