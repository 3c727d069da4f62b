"""Routes of the package watcher: /api/v1/packages."""

from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field, model_validator

from services.package_watcher.api.answers import Asked, IdempotencyKey, order_id, refusals
from services.package_watcher.api.views import PackageView, package_view
from services.package_watcher.api.window import window_routes
from services.package_watcher.domain.model import Audience, Method, Order
from services.package_watcher.handlers.order import order_installation
from services.package_watcher.handlers.views import view_of
from services.package_watcher.ports import Store
from shared.kernel.errors import FieldProblem
from shared.kernel.ids import IdSource
from shared.web.guard import Guard
from shared.web.problems import Problem

VERSION_ID = r"^04t[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?$"


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


def routes(store: Store, guard: Guard, new_id: IdSource) -> APIRouter:
    """All routes of the service."""
    router = APIRouter(prefix="/api/v1/packages", tags=["package_watcher"])

    @router.get("/{connection_id}", dependencies=[Depends(guard.viewer)])
    async def read_package(connection_id: UUID) -> PackageView:
        """State, progress, what Salesforce said, and what to do."""
        with refusals():
            return package_view(await view_of(store, connection_id))

    @router.post(
        "/{connection_id}/installations", status_code=202, dependencies=[Depends(guard.admin)]
    )
    async def install(
        connection_id: UUID, request: InstallRequest, idempotency_key: IdempotencyKey = None
    ) -> PackageView:
        """Starts an installation; the watcher carries it on, through restarts too."""
        _check_consent(request)
        with refusals():
            installation_id = order_id(connection_id, idempotency_key) or new_id()
            await order_installation(
                store, connection_id, request.order(), installation_id=installation_id
            )
            return package_view(await view_of(store, connection_id))

    window_routes(router, store, guard)
    return router


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
