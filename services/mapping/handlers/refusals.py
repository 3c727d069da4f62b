"""Why a use case refuses: one class, and a code for each reason."""

from collections.abc import Collection, Sequence
from uuid import UUID

from services.mapping.domain.review import Problem
from services.mapping.domain.setup import Setup, Sync
from shared.kernel.errors import FatalError, FieldProblem

UNKNOWN_CONNECTION = "unknown_connection"
NOT_CONNECTED = "not_connected"
NO_SETTINGS = "no_settings"
INCOMPLETE = "setup_incomplete"
OUTDATED = "version_outdated"
INVALID = "settings_invalid"
NOT_STARTED = "sync_not_started"
STARTED = "sync_already_started"
DRAFTING = "draft_open"
DRAFT_BEHIND = "draft_behind"
MOVED = "settings_moved"
UNACKNOWLEDGED = "warnings_not_acknowledged"
LIST_REFUSED = "list_not_usable"
UNRESOLVED = "names_unresolved"


class RefusedError(FatalError):
    """A use case cannot do what was asked; `problems` names the fields that are in the way."""

    def __init__(self, message: str, *, code: str, problems: Sequence[FieldProblem] = ()) -> None:
        super().__init__(message, code=code)
        self.problems = tuple(problems)


def known(setup: Setup | None, connection_id: UUID) -> Setup:
    """`setup` where there is one.

    Raises:
        RefusedError: nothing was ever heard of the connection.
    """
    if setup is None:
        raise RefusedError(
            f"The mapping service knows no connection {connection_id}. Check the id in the list of "
            "connections; one that was made a moment ago appears here within seconds.",
            code=UNKNOWN_CONNECTION,
        )
    return setup


def connected(setup: Setup) -> Setup:
    """`setup` where both CRMs can be called.

    Raises:
        RefusedError: a side was never connected, or its grant died.
    """
    if not setup.connected or setup.broken:
        raise RefusedError(
            "Both CRMs have to be connected for this. "
            + (f"Connect again: {setup.broken}." if setup.broken else "Connect them first."),
            code=NOT_CONNECTED,
        )
    return setup


def not_started(setup: Setup) -> Setup:
    """`setup` where nothing was started yet, so that a draft harms nobody.

    Raises:
        RefusedError: the sync was started; a draft would replace live settings unseen.
    """
    if setup.sync is not Sync.NOT_STARTED:
        raise RefusedError(
            "The sync of this connection was started, so its settings are not drafted anew. Change "
            "them with PUT /api/v1/settings or /api/v1/mappings and If-Match.",
            code=STARTED,
        )
    return setup


def not_drafting(setup: Setup) -> Setup:
    """`setup` where no draft is open that a fresh start would lose.

    Raises:
        RefusedError: a draft is open.
    """
    if setup.drafting:
        raise RefusedError(
            "A draft of the settings is open. Finish it, or throw it away first: DELETE "
            "/api/v1/setup/{connection_id}/draft.",
            code=DRAFTING,
        )
    return setup


def invalid(errors: Collection[Problem]) -> RefusedError:
    """The choices have errors; each is named with its fix."""
    return RefusedError(
        f"{len(errors)} things are wrong with the settings. Correct what `errors` lists; nothing "
        "was changed.",
        code=INVALID,
        problems=[FieldProblem(p.where, f"{p.what} {p.fix}") for p in errors],
    )


def no_settings() -> RefusedError:
    """There is no version of the settings yet."""
    return RefusedError(
        "This connection has no settings yet. Choose the recommended ones first: "
        'POST /api/v1/setup/{connection_id}/choice {"kind": "recommended"}.',
        code=NO_SETTINGS,
    )
