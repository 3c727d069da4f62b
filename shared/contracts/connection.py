"""Events of the connection service: the life of one portal joined to one org."""

from typing import ClassVar, Literal

from shared.contracts.base import Event
from shared.kernel.records import Side


class ConnectionEstablished(Event):
    """Both grants are in place; also sent again when a reconnect changes one of the facts.

    `moved`: the connection was taken to another org. What is linked belongs to the org before and
    must not be used here; the sync waits until it is started for this one. `shares_org`: another
    connection has the same org, so records of one portal may appear in the other.
    """

    owner: ClassVar[str] = "connection"

    portal_id: str
    org_id: str
    environment: Literal["production", "sandbox"]
    instance_url: str
    hubspot_app_id: str
    salesforce_user_id: str
    moved: bool = False
    shares_org: bool = False


class ConnectionBroken(Event):
    """A grant died (revoked, expired, refused). Work waits; nothing is lost."""

    owner: ClassVar[str] = "connection"

    side: Side
    reason: str


class ConnectionRestored(Event):
    """The broken side was connected again."""

    owner: ClassVar[str] = "connection"

    side: Side


class ConnectionRemoved(Event):
    """An admin disconnected. With `purge`, every service deletes what it holds of it."""

    owner: ClassVar[str] = "connection"

    purge: bool = False
