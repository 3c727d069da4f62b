"""Outbound messages as an admin defines them, and the notifications that wait for delivery."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.simulators.salesforce.schema.fields import Field
from tests.simulators.salesforce.schema.objects import ObjectType

Json = dict[str, Any]
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""Where a simulator may send anything."""
OCCASIONS = frozenset({"create", "update"})
"""What can fire a rule; a deletion never does."""


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """A workflow rule with its outbound message. ``id`` is the ActionId; ``fields`` are sorted."""

    id: str
    name: str
    object: str
    fields: tuple[Field, ...]
    endpoint_url: str
    include_session: bool
    occasions: frozenset[str]
    origin: str

    def as_json(self) -> Json:
        """What the control plane shows."""
        return {
            "action_id": self.id,
            "name": self.name,
            "object": self.object,
            "fields": [field.name for field in self.fields],
            "endpoint_url": self.endpoint_url,
            "include_session": self.include_session,
            "on": sorted(self.occasions),
        }


@dataclass(slots=True)
class Notification:
    """One firing of a rule; times are seconds of the virtual clock."""

    id: str
    action_id: str
    record_id: str
    queued_at: float
    due: float
    attempts: int = 0
    last_error: str = ""

    def as_json(self) -> Json:
        """What the control plane shows."""
        return asdict(self)


def define(
    kind: ObjectType, body: Mapping[str, Any], *, action_id: str, origin: str
) -> OutboundMessage:
    """The message that a request describes. ValueError says what is wrong with it."""
    url = str(body.get("endpoint_url", ""))
    split = urlsplit(url)
    if split.scheme not in {"http", "https"} or split.hostname not in LOOPBACK:
        raise ValueError(f"endpoint_url is {url}, it must be an http URL on loopback")
    occasions = frozenset(body.get("on") or OCCASIONS)
    if not occasions <= OCCASIONS:
        raise ValueError(f"on is {sorted(occasions)}, it may name create and update")
    return OutboundMessage(
        id=action_id,
        name=str(body.get("name") or f"{kind.name} changes"),
        object=kind.name,
        fields=_fields(kind, body.get("fields") or []),
        endpoint_url=url,
        include_session=bool(body.get("include_session", False)),
        occasions=occasions,
        origin=origin,
    )


def _fields(kind: ObjectType, names: list[Any]) -> tuple[Field, ...]:
    found = [kind.field(str(name)) for name in names]
    known = {one.name: one for one in found if one is not None and not one.parts}
    if len(known) < len({str(name).lower() for name in names}):
        raise ValueError(f"fields is {names}, {kind.name} does not have all of them")
    return tuple(known[name] for name in sorted(known) if name != "Id")
