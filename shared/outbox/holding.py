"""A connection's lanes are held as its standing says."""

from uuid import UUID

from shared.contracts.standing import Standing
from shared.outbox.mail import Mail


async def hold_or_free(mail: Mail, connection_id: UUID, standing: Standing) -> None:
    """Holds the lanes with the reason, frees them, or lets them wait until calls are granted."""
    if standing.waits_for:
        await mail.pause(connection_id, standing.waits_for)
        return
    await mail.resume(connection_id)
    if standing.calls_from is not None:
        await mail.postpone_connection(connection_id, standing.calls_from)
