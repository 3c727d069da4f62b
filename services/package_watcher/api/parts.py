"""The parts of the package's page: versions, presence, steps, history, and the way out."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.package_watcher.domain.editions import Edition, edition, newer_warning
from services.package_watcher.domain.model import Installation, State
from services.package_watcher.domain.presence import Found
from services.package_watcher.domain.progress import StepState, stages
from services.package_watcher.handlers.uninstall import Farewell
from services.package_watcher.ports import Known


class FailureView(BaseModel):
    """One component that Salesforce did not take, and what to do."""

    component: str
    problem: str
    hint: str


class StageView(BaseModel):
    """One step of the installation."""

    name: str
    state: StepState
    done_at: datetime | None


class SeenView(BaseModel):
    """One line of the history: what was asked, what Salesforce said, when and how often."""

    asked: str
    answer: str
    said: str
    state: State
    first_at: datetime
    last_at: datetime
    times: int


class VersionsView(BaseModel):
    """The package in the org and the one that this Causeway brings; "" where it is not known.

    `upgrade` tells whether an upgrade is on offer; `warning` is empty when all is well.
    """

    installed: str
    available: str
    standing: Edition
    upgrade: bool
    warning: str


class PresenceView(BaseModel):
    """Whether the package is still in place, as the daily look tells it."""

    found: Found
    since: datetime
    missing: list[str]
    said: str
    checked_at: datetime | None
    next_check_at: datetime | None


class FarewellView(BaseModel):
    """What taking the package out would mean, and what to type to have it done."""

    method: str
    version_id: str
    lost: list[str]
    kept: list[str]
    sync: str
    other_connections: list[UUID]
    confirmation: str


def versions_view(known: Known | None, brought: str, warning: str) -> VersionsView:
    """What is installed against what is brought; nothing is installed that was removed."""
    there = known is not None and known.presence.found is not Found.REMOVED
    installed = known.presence.version if known is not None and there else ""
    standing = edition(installed, brought) if there else Edition.UNKNOWN
    ahead = newer_warning(installed, brought) if standing is Edition.NEWER else ""
    return VersionsView(
        installed=installed,
        available=brought,
        standing=standing,
        upgrade=there and (standing is Edition.OLDER or (not installed and bool(brought))),
        warning=ahead or (warning if there else ""),
    )


def presence_view(known: Known | None) -> PresenceView | None:
    """None while no package was ever in place."""
    if known is None:
        return None
    presence = known.presence
    return PresenceView(
        found=presence.found,
        since=presence.since,
        missing=list(presence.missing),
        said=presence.said,
        checked_at=known.checked_at,
        next_check_at=known.due_at,
    )


def stage_views(installation: Installation) -> list[StageView]:
    """The steps in order."""
    return [
        StageView(name=one.name, state=one.state, done_at=one.done_at)
        for one in stages(installation)
    ]


def history_views(installation: Installation) -> list[SeenView]:
    """The oldest line first."""
    return [
        SeenView(
            asked=one.asked,
            answer=one.answer,
            said=one.said,
            state=one.state,
            first_at=one.first_at,
            last_at=one.last_at,
            times=one.times,
        )
        for one in installation.history
    ]


def farewell_view(found: Farewell) -> FarewellView:
    """The answer before an uninstall."""
    return FarewellView(
        method=found.method.value,
        version_id=found.version_id,
        lost=list(found.lost),
        kept=list(found.kept),
        sync=found.sync,
        other_connections=list(found.others),
        confirmation=found.confirmation,
    )
