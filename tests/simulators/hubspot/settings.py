"""What a simulated portal is told at its start."""

from dataclasses import dataclass, field
from pathlib import Path

REQUIRED_SCOPES = (
    "oauth",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.schemas.contacts.read",
    "crm.schemas.contacts.write",
)
"""What the app marks as required unless it is told otherwise."""
CLIENT_ID = "simulated-client"
CLIENT_SECRET = "simulated-secret"
BURST_LIMIT = 110
"""Calls per 10 s that an OAuth app may make in a portal (facts: section 11)."""
ASSOCIATION_LIMIT = 150
"""Calls per 10 s of the associations API, Professional and Enterprise (facts: section 11)."""
SEARCH_LIMIT = 5
"""Searches per second and portal (facts: section 11)."""
INDEX_LAG_SECONDS = 0.5
"""How long a write takes to be found by a search; HubSpot says "a few moments"."""

LIST_DELAY_SECONDS = 5.0
"""How long a dynamic list takes to follow its filters; HubSpot publishes none."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One portal, and the one app that is known to it."""

    portal_id: int = 111
    app_id: int = 222
    client_id: str = CLIENT_ID
    client_secret: str = field(default=CLIENT_SECRET, repr=False)
    webhook_url: str = ""
    """Where events go, and the URI that signatures are made for. Empty: no events."""
    redirect_uris: tuple[str, ...] = ()
    """Registered redirect targets. Empty: any that HubSpot would accept for registration."""
    required_scopes: tuple[str, ...] = REQUIRED_SCOPES
    subscriptions: tuple[str, ...] = ()
    """``TYPE[:OBJECT_TYPE_ID][:PROPERTY]``. Empty: those of ``default_subscriptions``."""
    index_lag_seconds: float = INDEX_LAG_SECONDS
    list_delay_seconds: float = LIST_DELAY_SECONDS
    burst_limit: int = BURST_LIMIT
    association_limit: int = ASSOCIATION_LIMIT
    search_limit: int = SEARCH_LIMIT
    retry_scale: float = 1.0
    """Multiplies the waits between the attempts of a webhook delivery."""
    auto_approve: bool = False
    """The consent page allows everything without being asked."""
    auto_associate: bool = False
    """A new contact joins the company whose domain its address has."""
    snapshot: Path | None = None
    """Where the state comes from at the start, if the file is there, and goes to at the end."""
    seed: int = 1
    """Of the dice that shuffle results and events."""
