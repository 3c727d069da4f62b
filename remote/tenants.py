"""What all services hold of one connection, and how far its purge is, from their answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from remote.client import Deployment
from shared.kernel.errors import CausewayError

DONE = "done"


@dataclass(frozen=True, slots=True)
class Held:
    """One service's answer. `state` is None while it has not heard of a purge."""

    service: str
    rows: Mapping[str, int]
    state: str | None = None
    deleted: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A service that did not answer."""

    service: str
    error: CausewayError


@dataclass(frozen=True, slots=True)
class Tenant:
    """A connection in all services that could be asked."""

    services: tuple[Held, ...]
    troubles: tuple[Trouble, ...]

    @property
    def held(self) -> int:
        """Rows that are there."""
        return sum(sum(one.rows.values()) for one in self.services)

    @property
    def deleted(self) -> int:
        """Rows that a purge has deleted."""
        return sum(sum(one.deleted.values()) for one in self.services)

    @property
    def purged(self) -> bool:
        """Whether every service has said that nothing is left."""
        return not self.troubles and all(one.state == DONE for one in self.services)


async def look(deployment: Deployment, services: Sequence[str], connection_id: UUID) -> Tenant:
    """Asks one service after the other; one that fails does not keep the others from answering."""
    found: list[Held] = []
    troubles: list[Trouble] = []
    for service in services:
        try:
            answer = await deployment.once(
                f"/api/v1/operations/{service}/connections/{connection_id}"
            )
        except CausewayError as error:
            troubles.append(Trouble(service, error))
        else:
            found.append(_held(service, answer))
    return Tenant(tuple(found), tuple(troubles))


def _held(service: str, answer: Mapping[str, Any]) -> Held:
    purge = answer["purge"]
    if purge is None:
        return Held(service, answer["held"])
    return Held(service, answer["held"], purge["state"], purge["deleted"])
