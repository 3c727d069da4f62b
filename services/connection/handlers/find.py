"""Looking a connection up, and what is said when it is not there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.connection.domain.connection import Connection, Grant
from services.connection.domain.warnings import Warned, warnings_of
from services.connection.ports import Store, Work
from shared.kernel.errors import FatalError
from shared.kernel.records import Side


class UnknownConnectionError(FatalError):
    """There is no connection with this id."""


async def found(work: Work, connection_id: UUID, *, lock: bool = False) -> Connection:
    """The connection, or UnknownConnectionError."""
    connection = await work.connection(connection_id, lock=lock)
    if connection is None:
        raise UnknownConnectionError(
            f"There is no connection {connection_id}: the id is wrong or it was removed. "
            "GET /api/v1/connections lists them all.",
            code="connection-unknown",
        )
    return connection


@dataclass(frozen=True, slots=True)
class Overview:
    """One connection with all that belongs to it."""

    connection: Connection
    grants: Mapping[Side, Grant]
    warnings: tuple[Warned, ...] = ()


async def view(store: Store, connection_id: UUID) -> tuple[Connection, Mapping[Side, Grant]]:
    """One connection with its grants.

    Raises:
        UnknownConnectionError: there is no such connection.
    """
    async with store.begin() as work:
        connection = await found(work, connection_id)
        grants = await work.grants([connection.id])
    return connection, grants.get(connection.id, {})


async def overview(store: Store, connection_id: UUID) -> Overview:
    """One connection with its grants and warnings.

    Raises:
        UnknownConnectionError: there is no such connection.
    """
    async with store.begin() as work:
        return (await _overviews(work, [await found(work, connection_id)]))[0]


async def overviews(store: Store, *, after: UUID | None, limit: int) -> list[Overview]:
    """A page of connections, oldest first."""
    async with store.begin() as work:
        return await _overviews(work, await work.connections(after, limit))


async def _overviews(work: Work, connections: Sequence[Connection]) -> list[Overview]:
    ids = [connection.id for connection in connections]
    grants = await work.grants(ids)
    preflights = await work.preflights(ids)
    sharing = await work.sharing({one.org_id for one in connections if one.org_id})
    return [
        Overview(
            one,
            grants.get(one.id, {}),
            warnings_of(one, sharing.get(one.org_id or "", ()), preflights.get(one.id)),
        )
        for one in connections
    ]
