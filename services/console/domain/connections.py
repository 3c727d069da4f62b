"""A connection and its two sides, as the connection service tells of them."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

from services.console.domain.answers import Json, child, mapping, moment, text
from shared.kernel.records import Side

HUBSPOT_CONTACT = "0-1"
"""HubSpot's object type id of contacts, as its record pages have it in their address."""


@dataclass(frozen=True, slots=True)
class SideOfConnection:
    """One side's grant; `broken` says why it died, empty while it lives."""

    side: Side
    connected: bool
    broken: str = ""
    granted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection; texts are empty while they are not known."""

    id: str
    environment: str
    state: str
    portal_id: str
    org_id: str
    instance_url: str
    user_id: str
    created_at: datetime | None
    sides: tuple[SideOfConnection, ...]

    @property
    def name(self) -> str:
        """What a page calls it."""
        if not self.portal_id and not self.org_id:
            return f"New connection ({self.environment or 'not connected yet'})"
        portal = f"HubSpot {self.portal_id}" if self.portal_id else "HubSpot (not connected)"
        org = f"Salesforce {self.org_id}" if self.org_id else "Salesforce (not connected)"
        return f"{portal} ↔ {org}"

    @property
    def broken(self) -> tuple[SideOfConnection, ...]:
        """The sides whose grant died."""
        return tuple(side for side in self.sides if side.broken)


def connection_of(answer: object) -> Connection:
    """One item of the list of connections."""
    json = mapping(answer)
    return Connection(
        id=text(json, "id"),
        environment=text(json, "environment"),
        state=text(json, "state"),
        portal_id=text(json, "portal_id"),
        org_id=text(json, "org_id"),
        instance_url=text(json, "instance_url"),
        user_id=text(child(json, "salesforce"), "user_id"),
        created_at=moment(json, "created_at"),
        sides=tuple(_side(side, child(json, side.value)) for side in Side),
    )


def record_url(
    connection: Connection | None, side: str, record_id: str, *, hubspot_app_url: str
) -> str:
    """Where a person opens a record in its CRM; empty when that is not known.

    The instance's URL comes from outside, so only http(s) becomes a link.
    """
    if connection is None or not record_id:
        return ""
    name = quote(record_id, safe="")
    if side == Side.HUBSPOT:
        portal = quote(connection.portal_id, safe="")
        base = f"{hubspot_app_url}/contacts/{portal}/record/{HUBSPOT_CONTACT}"
        return f"{base}/{name}" if portal else ""
    return f"{connection.instance_url.rstrip('/')}/{name}" if web(connection.instance_url) else ""


def web(url: str) -> bool:
    """Whether this is an address that a page may link to."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _side(side: Side, json: Json) -> SideOfConnection:
    return SideOfConnection(
        side=side,
        connected=text(json, "state") in {"active", "broken"},
        broken=text(json, "broken_reason"),
        granted_at=moment(json, "granted_at"),
    )
