"""A pre-flight that was run: the whole checklist, whom it was for, and what got worse."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.connection.domain.checklist import Item, Mark, failed, ordered
from services.connection.domain.connection import Connection, Grants
from services.connection.domain.features import Feature
from services.connection.domain.hubspot_checks import hubspot_items
from services.connection.domain.salesforce_checks import salesforce_items
from services.connection.domain.seen import HubSpotSeen, SalesforceSeen
from shared.kernel.records import Side


@dataclass(frozen=True, slots=True)
class Users:
    """Who was connected when it ran, and to which org: another one may do less."""

    hubspot: str | None
    salesforce: str | None
    org_id: str | None


@dataclass(frozen=True, slots=True)
class Preflight:
    """`lost` names the items that the user before had passed and the present one fails."""

    connection_id: UUID
    checked_at: datetime
    features: tuple[Feature, ...]
    items: tuple[Item, ...]
    users: Users
    lost: tuple[str, ...] = ()

    @property
    def mark(self) -> Mark:
        """The worst of all items; `unknown` is better than `failed`."""
        marks = {item.mark for item in self.items}
        return next(
            (mark for mark in (Mark.FAILED, Mark.UNKNOWN) if mark in marks),
            Mark.PASSED,
        )

    @property
    def failures(self) -> tuple[Item, ...]:
        """What somebody has to mend."""
        return failed(self.items)


def users_of(connection: Connection) -> Users:
    """Who is connected now."""
    return Users(connection.hubspot_user_id, connection.salesforce_user_id, connection.org_id)


def check(
    connection: Connection,
    grants: Grants,
    features: Collection[Feature],
    seen: tuple[HubSpotSeen | None, SalesforceSeen | None],
    *,
    now: datetime,
) -> Preflight:
    """The checklist of these features. A side that could not be looked at is None in `seen`."""
    items = [
        *hubspot_items(connection, grants.get(Side.HUBSPOT), features, seen[0]),
        *salesforce_items(connection, grants.get(Side.SALESFORCE), features, seen[1]),
    ]
    return Preflight(connection.id, now, ordered(features), tuple(items), users_of(connection))


def compared(before: Preflight | None, after: Preflight) -> Preflight:
    """The same pre-flight, knowing which rights were lost with the user before.

    What was lost stays lost until it is mended, however often the pre-flight is run.
    """
    if before is None:
        return after
    had = set(before.lost)
    if before.users != after.users:
        had |= {item.key for item in before.items if item.mark is Mark.PASSED}
    lost = tuple(item.key for item in after.failures if item.key in had)
    return replace(after, lost=lost)
