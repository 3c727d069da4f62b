"""What an admin should know of a connection that works all the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.connection.domain.connection import Connection
from services.connection.domain.preflight import Preflight, users_of


@dataclass(frozen=True, slots=True)
class Warned:
    """`code` is stable, `text` is for a person."""

    code: str
    text: str


def warnings_of(
    connection: Connection, sharing: Sequence[UUID], preflight: Preflight | None
) -> tuple[Warned, ...]:
    """All warnings; `sharing` are the connections that have the same org, this one included."""
    found = (
        _shared_org(connection, sharing),
        _fewer_rights(connection, preflight),
        _failures(connection, preflight),
    )
    return tuple(warned for warned in found if warned is not None)


def _shared_org(connection: Connection, sharing: Sequence[UUID]) -> Warned | None:
    """Facts: native 1.1, several HubSpot accounts on one org."""
    others = [str(other) for other in sharing if other != connection.id]
    if not others:
        return None
    return Warned(
        "org-shared",
        f"Salesforce org {connection.org_id} has other HubSpot accounts, too (connection "
        f"{', '.join(others)}). Set 'create contacts in HubSpot' to off in the settings of each, "
        "or limit each by an inclusion list: otherwise records that one account makes in "
        "Salesforce are created in the others.",
    )


def _fewer_rights(connection: Connection, preflight: Preflight | None) -> Warned | None:
    if preflight is None or not preflight.lost:
        return None
    names = [item.right for item in preflight.failures if item.key in preflight.lost]
    return Warned(
        "user-has-fewer-rights",
        f"The user who is connected now may do less than the one before: {'; '.join(names)}. "
        "Give the user these rights, or connect as another user. GET /api/v1/connections/"
        f"{connection.id}/preflight says how.",
    )


def _failures(connection: Connection, preflight: Preflight | None) -> Warned | None:
    place = f"/api/v1/connections/{connection.id}/preflight"
    if preflight is None:
        return None
    if preflight.users != users_of(connection):
        text = f"Another user is connected than at the last pre-flight. POST {place} runs it again."
        return Warned("preflight-outdated", text)
    if not preflight.failures:
        return None
    keys = ", ".join(item.key for item in preflight.failures)
    text = f"The last pre-flight found something missing ({keys}). GET {place} says what to do."
    return Warned("preflight-failed", text)
