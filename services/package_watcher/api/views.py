"""The package as a page shows it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.package_watcher.domain.hints import hint_for, todo_of
from services.package_watcher.domain.model import TERMINAL, State
from services.package_watcher.domain.progress import install_link, percent
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


class FailureView(BaseModel):
    """One component that Salesforce did not take, and what to do."""

    component: str
    problem: str
    hint: str


class PackageView(BaseModel):
    """Where the package is. Times are UTC; `percent` is an estimate where nothing is counted."""

    connection_id: UUID
    state: State
    method: str
    version_id: str
    percent: int
    elapsed_seconds: float
    attempts: int
    requested_at: datetime
    deadline: datetime | None
    looked_at: datetime | None
    next_look_at: datetime | None
    salesforce_said: str
    failures: list[FailureView]
    todo: str
    install_link: str
    visualforce: str


def package_view(view: View) -> PackageView:
    """Everything that a page shows."""
    current = view.current
    installation = current.installation
    manual = installation.state is State.WAITING_FOR_ADMIN
    link = install_link(view.org, installation.order.version_id) if manual else ""
    by_hand = BY_LINK if link else BY_HAND
    return PackageView(
        connection_id=installation.connection_id,
        state=installation.state,
        method=installation.order.method.value,
        version_id=installation.order.version_id,
        percent=percent(installation, view.now),
        elapsed_seconds=_elapsed(current, view.now),
        attempts=installation.looks,
        requested_at=installation.requested_at,
        deadline=installation.deadline,
        looked_at=current.looked_at,
        next_look_at=current.due_at,
        salesforce_said=installation.said,
        failures=[
            FailureView(component=f.component, problem=f.problem, hint=hint_for(f.problem))
            for f in installation.failures
        ],
        todo=by_hand if manual else todo_of(installation.state, installation.said),
        install_link=link,
        visualforce=view.window or "waiting",
    )


def _elapsed(current: Current, now: datetime) -> float:
    """Seconds since the order; at the end, how long it took."""
    installation = current.installation
    end = installation.since if installation.state in TERMINAL else now
    return round((end - installation.requested_at).total_seconds(), 1)
