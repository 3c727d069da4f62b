"""Routes of the package watcher: /api/v1/packages."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.package_watcher.domain.hints import hint_for, todo_of
from services.package_watcher.domain.model import TERMINAL, Audience, Method, Order, State
from services.package_watcher.domain.progress import install_link, percent
from services.package_watcher.handlers.order import order_installation, skip_window
from services.package_watcher.handlers.refusals import RUNNING, UNKNOWN_CONNECTION, RefusedError
from services.package_watcher.handlers.views import View, view_of
from services.package_watcher.ports import Current, Store
from shared.kernel.errors import FieldProblem
from shared.kernel.ids import IdSource
from shared.web.guard import Guard
from shared.web.problems import Problem

VERSION_ID = r"^04t[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?$"
BY_HAND = (
    "Deploy the package with the Salesforce CLI (sf project deploy start --metadata-dir "
    "deploy/salesforce/src --single-package) or order it with a version_id to get a link. "
    "Causeway looks until the fields are there, and assigns the permission set itself."
)
BY_LINK = (
    "Open the link as a Salesforce administrator and install the package. Causeway looks until "
    "the fields are there; you can close this page."
)
_STATUS = {UNKNOWN_CONNECTION: (404, "No such connection"), RUNNING: (409, "Already under way")}

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=255,
        description="a repeat of an order with the same key changes nothing",
    ),
]


class Asked(BaseModel):
    """A request body: what it does not know is an error, so that no typo passes in silence."""

    model_config = ConfigDict(extra="forbid")


class InstallRequest(Asked):
    """How the package is to be installed. `version_id` is a package version's id (04t...).

    `grant_third_party_access` approves the sites that a package version names, as the tick box on
    Salesforce's own page does; the method version needs it said.
    """

    method: Literal["deploy", "version", "manual"] = "deploy"
    version_id: Annotated[str, Field(pattern=VERSION_ID)] | None = None
    audience: Literal["admins", "all"] = "admins"
    grant_third_party_access: bool = False

    @model_validator(mode="after")
    def _version_is_named(self) -> Self:
        if self.method == "version" and self.version_id is None:
            raise ValueError("version_id is needed for the method version: the id that starts 04t")
        return self

    def order(self) -> Order:
        """In the words of the domain."""
        return Order(
            Method(self.method),
            self.version_id or "",
            Audience(self.audience),
            self.grant_third_party_access,
        )


class WindowRequest(Asked):
    """What to do about the in-record window; this version of Causeway can only go on without."""

    action: Literal["skip"]


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


def routes(store: Store, guard: Guard, new_id: IdSource) -> APIRouter:
    """All routes of the service."""
    router = APIRouter(prefix="/api/v1/packages", tags=["package_watcher"])

    @router.get("/{connection_id}", dependencies=[Depends(guard.viewer)])
    async def read_package(connection_id: UUID) -> PackageView:
        """State, progress, what Salesforce said, and what to do."""
        with _refusals():
            return package_view(await view_of(store, connection_id))

    @router.post(
        "/{connection_id}/installations", status_code=202, dependencies=[Depends(guard.admin)]
    )
    async def install(
        connection_id: UUID, request: InstallRequest, idempotency_key: IdempotencyKey = None
    ) -> PackageView:
        """Starts an installation; the watcher carries it on, through restarts too."""
        _check_consent(request)
        with _refusals():
            installation_id = _installation_id(connection_id, idempotency_key) or new_id()
            await order_installation(
                store, connection_id, request.order(), installation_id=installation_id
            )
            return package_view(await view_of(store, connection_id))

    @router.post("/{connection_id}/visualforce", dependencies=[Depends(guard.admin)])
    async def decide_window(connection_id: UUID, _request: WindowRequest) -> PackageView:
        """Goes on without the in-record window."""
        with _refusals():
            await skip_window(store, connection_id)
            return package_view(await view_of(store, connection_id))

    return router


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


def _installation_id(connection_id: UUID, key: str | None) -> UUID | None:
    """The same order by the same key is the same installation."""
    return uuid5(connection_id, key) if key else None


def _elapsed(current: Current, now: datetime) -> float:
    """Seconds since the order; at the end, how long it took."""
    installation = current.installation
    end = installation.since if installation.state in TERMINAL else now
    return round((end - installation.requested_at).total_seconds(), 1)


def _check_consent(request: InstallRequest) -> None:
    if request.method == "version" and not request.grant_third_party_access:
        text = (
            "Say true to let the package call the sites that it names; Salesforce's own page asks "
            "the same. Without that consent use the method deploy, whose package names none."
        )
        raise Problem(
            422,
            type="consent-missing",
            title="Consent is needed",
            detail=text,
            errors=[FieldProblem("body.grant_third_party_access", text)],
        )


@contextmanager
def _refusals() -> Iterator[None]:
    """Turns a use case's refusal into its answer."""
    try:
        yield
    except RefusedError as refused:
        status, title = _STATUS[refused.code]
        raise Problem(
            status, type=refused.code.replace("_", "-"), title=title, detail=str(refused)
        ) from None
