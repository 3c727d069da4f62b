"""Taking a connection to another Salesforce org, its settings with it."""

from uuid import UUID

from services.connection.domain.connection import Target
from services.connection.handlers.confirmation import confirmed
from services.connection.handlers.find import found
from services.connection.handlers.setup import ticket_for
from services.connection.ports import SecretSource, Store
from shared.kernel.records import Side


async def new_move(
    store: Store, connection_id: UUID, *, target: Target, confirm: str, new_secret: SecretSource
) -> str:
    """The ticket of a link that signs in to `target` and takes the connection there.

    Nothing changes until somebody has signed in; the link may be left unused.

    Raises:
        UnknownConnectionError, NotConfirmedError: no link was made.
    """
    async with store.begin() as work:
        connection = await found(work, connection_id)
        confirmed(connection, confirm, "to move")
        return await ticket_for(
            work, connection.id, Side.SALESFORCE, target=target, new_secret=new_secret
        )
