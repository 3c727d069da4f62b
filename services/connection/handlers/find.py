"""Looking a connection up, and what is said when it is not there."""

from collections.abc import Mapping
from uuid import UUID

from services.connection.domain.connection import Connection, Grant
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


async def view(store: Store, connection_id: UUID) -> tuple[Connection, Mapping[Side, Grant]]:
    """One connection with its grants.

    Raises:
        UnknownConnectionError: there is no such connection.
    """
    async with store.begin() as work:
        connection = await found(work, connection_id)
        grants = await work.grants([connection_id])
    return connection, grants.get(connection_id, {})


async def views(
    store: Store, *, after: UUID | None, limit: int
) -> list[tuple[Connection, Mapping[Side, Grant]]]:
    """A page of connections with their grants, oldest first."""
    async with store.begin() as work:
        connections = await work.connections(after, limit)
        grants = await work.grants([connection.id for connection in connections])
    return [(connection, grants.get(connection.id, {})) for connection in connections]
