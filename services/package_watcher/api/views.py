"""The package as a page shows it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from services.package_watcher.api.parts import (
    FailureView,
    PresenceView,
    SeenView,
    StageView,
    VersionsView,
    history_views,
    presence_view,
    stage_views,
    versions_view,
)
from services.package_watcher.domain.hints import hint_for
from services.package_watcher.domain.model import TERMINAL, Installation, Kind, State
from services.package_watcher.domain.orders import resumable
from services.package_watcher.domain.presence import Found
from services.package_watcher.domain.progress import install_link, percent
from services.package_watcher.domain.todo import todo_of
from services.package_watcher.handlers.views import View
from services.package_watcher.ports import Current

BY_HAND = (
    "Deploy the package with the Salesforce CLI (in deploy/salesforce: sf project deploy start "
    "--source-dir force-app) or order it with a version_id to get a link. "
    "Causeway looks until the fields are there, and assigns the permission set itself."
)
BY_LINK = (
    "Open the link as a Salesforce administrator and install the package. Causeway looks until "
    "the fields are there; you can close this page."
)
GONE = (
    "Order the installation again. The sync was paused where it needs what is missing, and goes "
    "on by itself once the package is back."
)
Removed = Literal["removed"]


class PackageView(BaseModel):
    """Where the package is. Times are UTC; `percent` is an estimate where nothing is counted.

    `state` is the last order's, or `removed` when the package was in place and is not any more.
    `presence` is None until a package was in place.
    """

    connection_id: UUID
    state: State | Removed
    kind: Kind
    method: str
    version_id: str
    percent: int
    elapsed_seconds: float
    attempts: int
    requested_at: datetime
    deadline: datetime | None
    resumable: bool
    looked_at: datetime | None
    next_look_at: datetime | None
    salesforce_said: str
    failures: list[FailureView]
    todo: str
    install_link: str
    visualforce: str
    versions: VersionsView
    presence: PresenceView | None
    steps: list[StageView]
    history: list[SeenView]


def package_view(view: View, brought: str) -> PackageView:
    """Everything that a page shows; `brought` is the version that this Causeway deploys."""
    current = view.current
    installation = current.installation
    order = installation.order
    return PackageView(
        connection_id=installation.connection_id,
        state="removed" if _gone(view) else installation.state,
        kind=order.kind,
        method=order.method.value,
        version_id=order.version_id,
        percent=0 if _gone(view) else percent(installation, view.now),
        elapsed_seconds=_elapsed(current, view.now),
        attempts=installation.looks,
        requested_at=installation.requested_at,
        deadline=installation.deadline,
        resumable=resumable(installation),
        looked_at=current.looked_at,
        next_look_at=current.due_at,
        salesforce_said=installation.said,
        failures=[
            FailureView(component=f.component, problem=f.problem, hint=hint_for(f.problem))
            for f in installation.failures
        ],
        todo=_todo(view),
        install_link=_link(view),
        visualforce=view.window or "waiting",
        versions=versions_view(view.known, brought, installation.warning),
        presence=presence_view(view.known),
        steps=stage_views(installation),
        history=history_views(installation),
    )


def _gone(view: View) -> bool:
    """Whether a package that the last order put in place has been removed since."""
    removed = view.known is not None and view.known.presence.found is Found.REMOVED
    return removed and view.current.installation.state is State.INSTALLED


def _todo(view: View) -> str:
    if _gone(view):
        return GONE
    if view.current.installation.state is State.WAITING_FOR_ADMIN:
        return BY_LINK if _link(view) else BY_HAND
    return todo_of(view.current.installation)


def _link(view: View) -> str:
    installation: Installation = view.current.installation
    if installation.state is not State.WAITING_FOR_ADMIN:
        return ""
    return install_link(view.org, installation.order.version_id)


def _elapsed(current: Current, now: datetime) -> float:
    """Seconds since the order; at the end, how long it took."""
    installation = current.installation
    end = installation.since if installation.state in TERMINAL else now
    return round((end - installation.requested_at).total_seconds(), 1)
