"""Why a use case refuses: one class, and a code for each reason."""

from uuid import UUID

from services.package_watcher.domain.model import Org
from shared.kernel.errors import FatalError

UNKNOWN_CONNECTION = "unknown_connection"
RUNNING = "installation_running"
NOT_RESUMABLE = "not_resumable"
NOT_INSTALLED = "not_installed"
NOTHING_NEWER = "nothing_newer"
NOT_CONFIRMED = "not_confirmed"


class RefusedError(FatalError):
    """A use case cannot do what was asked."""


def known(org: Org | None, connection_id: UUID) -> Org:
    """`org` where there is one.

    Raises:
        RefusedError: the connection was never established, or it was removed.
    """
    if org is None:
        raise unknown(connection_id)
    return org


def unknown(connection_id: UUID) -> RefusedError:
    """Nothing is known of the connection."""
    return RefusedError(
        f"No Salesforce org is connected under {connection_id}. Connect both sides first; a "
        "connection that was made a moment ago appears here within seconds.",
        code=UNKNOWN_CONNECTION,
    )
