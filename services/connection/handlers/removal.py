"""Ending a connection."""

from uuid import UUID

from services.connection.domain.connection import Connection, Grant
from services.connection.handlers.confirmation import confirmed
from services.connection.handlers.find import found
from services.connection.ports import Crms, Store
from shared.contracts.connection import ConnectionRemoved
from shared.kernel.errors import CausewayError
from shared.outbox.mail import Outgoing


async def remove_connection(
    store: Store, crms: Crms, connection_id: UUID, *, confirm: str, purge: bool
) -> tuple[CausewayError, ...]:
    """Deletes a connection and tells everybody; then revokes its grants, as well as can be.

    `confirm` is the portal's id, or the connection's own while it has no portal. Answers what
    went wrong while revoking: the connection is gone all the same.

    Raises:
        UnknownConnectionError, NotConfirmedError: nothing was changed.
    """
    async with store.begin() as work:
        connection = await found(work, connection_id, lock=True)
        confirmed(connection, confirm, "to remove")
        grants = (await work.grants([connection_id])).get(connection_id, {})
        await work.remove(connection_id)
        event = ConnectionRemoved(purge=purge)
        await work.emit([Outgoing(connection_id, "connection", event)])
    failed = [await revoke(crms, connection, grant) for grant in grants.values()]
    return tuple(error for error in failed if error is not None)


async def revoke(crms: Crms, connection: Connection, grant: Grant) -> CausewayError | None:
    """Ends a grant at its CRM as well as can be; answers what went wrong."""
    if grant.broken_reason is not None:
        return None
    try:
        await crms[grant.side].revoke(connection, grant.refresh_token)
    except CausewayError as error:
        return error
    return None
