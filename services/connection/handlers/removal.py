"""Ending a connection."""

from uuid import UUID

from services.connection.domain.connection import Connection, Grant, State
from services.connection.domain.ending import disconnected
from services.connection.handlers.confirmation import confirmed
from services.connection.handlers.find import found
from services.connection.ports import Crms, Store, Work
from shared.contracts.connection import ConnectionRemoved
from shared.kernel.errors import CausewayError
from shared.outbox.mail import Outgoing


async def remove_connection(
    store: Store, crms: Crms, connection_id: UUID, *, confirm: str, purge: bool
) -> tuple[CausewayError, ...]:
    """Ends a connection and tells everybody; then revokes its grants, as well as can be.

    It is kept without its grants, and so is what the other services have of it, unless `purge`
    says that all of it goes. One that never had both grants has nothing to keep. `confirm` is the
    portal's id, or the connection's own while it has no portal. Answers what went wrong while
    revoking: the connection is ended all the same.

    Raises:
        UnknownConnectionError, NotConfirmedError: nothing was changed.
    """
    async with store.begin() as work:
        connection = await found(work, connection_id, lock=True)
        confirmed(connection, confirm, "to remove")
        grants = (await work.grants([connection.id])).get(connection.id, {})
        if purge or connection.state is State.PENDING:
            await work.remove(connection.id)
            await _tell(work, connection, ConnectionRemoved(purge=True))
        else:
            await work.disconnect(disconnected(connection))
            if connection.state is not State.DISCONNECTED:
                await _tell(work, connection, ConnectionRemoved())
    failed = [await revoke(crms, connection, grant) for grant in grants.values()]
    return tuple(error for error in failed if error is not None)


async def _tell(work: Work, connection: Connection, event: ConnectionRemoved) -> None:
    await work.emit([Outgoing(connection.id, "connection", event)])


async def revoke(crms: Crms, connection: Connection, grant: Grant) -> CausewayError | None:
    """Ends a grant at its CRM as well as can be; answers what went wrong."""
    if grant.broken_reason is not None:
        return None
    try:
        await crms[grant.side].revoke(connection, grant.refresh_token)
    except CausewayError as error:
        return error
    return None
