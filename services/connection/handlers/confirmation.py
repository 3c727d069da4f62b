"""What ends or moves a connection has to be typed out."""

from services.connection.domain.connection import Connection
from shared.kernel.errors import FatalError


class NotConfirmedError(FatalError):
    """The confirmation does not name the connection that would be changed."""


def confirmed(connection: Connection, confirm: str, purpose: str) -> None:
    """Passes when `confirm` is the portal's id, or the connection's own while it has no portal.

    `purpose` says in the error what the confirmation is for, as in `to remove`.
    """
    expected = connection.portal_id or str(connection.id)
    if confirm != expected:
        what = "the HubSpot portal's id" if connection.portal_id else "the connection's own id"
        raise NotConfirmedError(
            f"Send `confirm` with {what} {purpose} connection {connection.id}. Nothing was "
            "changed.",
            code="confirmation-wrong",
        )
