"""Whether the package is still in place, as a daily look tells it: values and decisions."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.package_watcher.domain.model import Installation, Method
from services.package_watcher.domain.observation import Held, Refused, Unreachable

CHECK_EVERY = timedelta(days=1)
"""A look costs up to ten API calls; a package is taken out by a person, and rarely."""

CONFIRM_AFTER = timedelta(minutes=5)
"""What is missing is looked for once more before the sync stops: an admin who moves permissions
about takes them away before giving them back."""

ASK_AGAIN_AFTER = timedelta(hours=1)
"""A look without an answer is repeated sooner than the next day."""

BUSY_AFTER = timedelta(minutes=15)
"""An installation that is under way looks for itself."""


class Found(StrEnum):
    """`suspect`: something was missing at the last look; the next one decides."""

    IN_PLACE = "in_place"
    SUSPECT = "suspect"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Presence:
    """What is known of a package that was in place once.

    `user_id` is the user who could see it; another user is given the permission set first.
    `method` and `version_id` tell how it came. `missing` and `objects` are as in PackageRemoved.
    """

    connection_id: UUID
    found: Found
    since: datetime
    method: Method
    version_id: str = ""
    version: str = ""
    user_id: str = ""
    missing: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    said: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look found. `missing` is empty when all is there; `text` says it in a sentence.

    `version_id` is the package version that is installed, empty where none is.
    """

    missing: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    text: str = ""
    version: str = ""
    version_id: str = ""


@dataclass(frozen=True, slots=True)
class Removed:
    """The package is not in place any more; sent again when more of it goes missing."""

    reason: str
    missing: tuple[str, ...]
    objects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """The package is in place again."""


CheckEffect = Removed | Restored
Finding = Checked | Refused | Unreachable | Held


def in_place(installation: Installation, user_id: str, now: datetime) -> Presence:
    """The presence that an installation leaves at its end."""
    order = installation.order
    return Presence(
        installation.connection_id,
        Found.IN_PLACE,
        now,
        order.method,
        version_id=order.version_id,
        version=installation.version,
        user_id=user_id,
    )


def leaving(presence: Presence, reason: str, now: datetime) -> Presence:
    """The presence once its removal was ordered and told."""
    return ungranted(replace(presence, found=Found.REMOVED, since=now, said=reason))


def ungranted(presence: Presence) -> Presence:
    """Nobody has the permission set any more; the next check gives it to the connected user."""
    return replace(presence, user_id="")


def checked(
    presence: Presence, seen: Finding, user_id: str, now: datetime
) -> tuple[Presence, tuple[CheckEffect, ...]]:
    """The presence after one look, and what follows for the others.

    A look without an answer (refused, silent, held up) proves nothing and changes only the text.
    """
    if not isinstance(seen, Checked):
        return replace(presence, said=seen.text), ()
    told = replace(
        presence,
        missing=seen.missing,
        objects=seen.objects,
        said=seen.text,
        version=seen.version or presence.version,
        version_id=seen.version_id or presence.version_id,
    )
    if not seen.missing:
        back = replace(_to(told, Found.IN_PLACE, now), user_id=user_id)
        return back, (Restored(),) if presence.found is Found.REMOVED else ()
    if presence.found is Found.IN_PLACE:
        return _to(told, Found.SUSPECT, now), ()
    known = presence.found is Found.REMOVED
    if known and (presence.missing, presence.objects) == (seen.missing, seen.objects):
        return told, ()
    gone = told if known else _to(told, Found.REMOVED, now)
    return gone, (Removed(seen.text, seen.missing, seen.objects),)


def next_check(presence: Presence, seen: Finding) -> timedelta:
    """When to look again."""
    if isinstance(seen, Held):
        return min(CHECK_EVERY, max(ASK_AGAIN_AFTER, timedelta(seconds=seen.seconds)))
    if isinstance(seen, Unreachable):
        return ASK_AGAIN_AFTER
    return CONFIRM_AFTER if presence.found is Found.SUSPECT else CHECK_EVERY


def _to(presence: Presence, found: Found, now: datetime) -> Presence:
    return presence if presence.found is found else replace(presence, found=found, since=now)
