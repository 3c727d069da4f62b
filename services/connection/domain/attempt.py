"""One attempt to connect a side: from the link that an admin got to the callback of the CRM."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.connection.domain.connection import Target
from shared.kernel.records import Side

# Long enough to sign in with a second factor, short enough that a link found later is worthless.
LINK_LIFETIME = timedelta(minutes=10)
# Counted from the moment that the browser leaves for the CRM.
CONSENT_LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Only hashes of what travels are kept; the PKCE verifier never leaves the server.

    `ticket_hash` is of the link that an admin got. Opening it sets `state_hash`, `binding_hash`
    (of the cookie that ties the callback to the browser that left) and `verifier`; opening it
    again replaces them. The callback consumes the attempt. `target` is set when the connection is
    to be moved: another org may be signed in to then, and only then.
    """

    ticket_hash: str
    connection_id: UUID
    side: Side
    expires_at: datetime
    state_hash: str | None = None
    binding_hash: str | None = None
    verifier: str | None = field(default=None, repr=False)
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class Departure:
    """The secrets of one opening of the link, each at least 256 random bits as text."""

    state: str = field(repr=False)
    binding: str = field(repr=False)
    verifier: str = field(repr=False)


def digest(secret: str) -> str:
    """How a random secret is stored and looked up: SHA-256 in hexadecimal.

    No salt and no work factor: what is hashed has 256 bits of its own.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def same_digest(left: str, right: str) -> bool:
    """Compares without telling by its time where the two differ."""
    return hmac.compare_digest(left, right)
