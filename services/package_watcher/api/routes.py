"""The routes that show and order an installation."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Depends

from services.package_watcher.api.answers import IdempotencyKey, order_id, refusals
from services.package_watcher.api.models import InstallRequest, UninstallRequest, UpgradeRequest
from services.package_watcher.api.parts import FarewellView, farewell_view
from services.package_watcher.api.views import PackageView, package_view
from services.package_watcher.api.window import window_routes
from services.package_watcher.domain.model import Method
from services.package_watcher.handlers.check import check_now
from services.package_watcher.handlers.order import (
    order_installation,
    order_upgrade,
    resume_installation,
)
from services.package_watcher.handlers.uninstall import farewell, order_uninstall
from services.package_watcher.handlers.views import view_of
from services.package_watcher.ports import Store, Vault, WindowSalesforce
from shared.kernel.ids import IdSource
from shared.web.guard import Guard


@dataclass(frozen=True, slots=True)
class Doors:
    """What the routes need. `brought` is the version of the package that this Causeway deploys."""

    store: Store
    guard: Guard
    new_id: IdSource
    vault: Vault
    brought: str
    windows: WindowSalesforce

    async def page(self, connection_id: UUID) -> PackageView:
        """The package as it is now."""
        with refusals():
            return package_view(await view_of(self.store, connection_id), self.brought)


def routes(doors: Doors) -> APIRouter:
    """All routes of the service."""
    router = APIRouter(prefix="/api/v1/packages", tags=["package_watcher"])
    _reading(router, doors)
    _ordering(router, doors)
    _leaving(router, doors)
    window_routes(router, doors.store, doors.guard, doors.windows, doors.new_id)
    return router


def _reading(router: APIRouter, doors: Doors) -> None:
    guard = doors.guard

    @router.get("/{connection_id}", dependencies=[Depends(guard.viewer)])
    async def read_package(connection_id: UUID) -> PackageView:
        """State, steps, history, versions, presence, what Salesforce said, and what to do."""
        return await doors.page(connection_id)

    @router.post("/{connection_id}/check", status_code=202, dependencies=[Depends(guard.operator)])
    async def check(connection_id: UUID) -> PackageView:
        """Looks now whether the package is still in place, instead of once a day."""
        with refusals():
            await check_now(doors.store, connection_id)
        return await doors.page(connection_id)


def _ordering(router: APIRouter, doors: Doors) -> None:
    admin, store = [Depends(doors.guard.admin)], doors.store

    @router.post("/{connection_id}/installations", status_code=202, dependencies=admin)
    async def install(
        connection_id: UUID, request: InstallRequest, idempotency_key: IdempotencyKey = None
    ) -> PackageView:
        """Starts an installation; the watcher carries it on, through restarts too."""
        new = order_id(connection_id, idempotency_key) or doors.new_id()
        order = request.order_of(Method(request.method), new, doors.vault)
        with refusals():
            await order_installation(store, connection_id, order, installation_id=new)
        return await doors.page(connection_id)

    @router.post("/{connection_id}/upgrade", status_code=202, dependencies=admin)
    async def upgrade(
        connection_id: UUID, request: UpgradeRequest, idempotency_key: IdempotencyKey = None
    ) -> PackageView:
        """Brings an older package up to date; the sync goes on meanwhile."""
        new = order_id(connection_id, idempotency_key) or doors.new_id()
        order = request.order_of(Method(request.method), new, doors.vault)
        with refusals():
            await order_upgrade(
                store, connection_id, order, installation_id=new, brought=doors.brought
            )
        return await doors.page(connection_id)

    @router.post("/{connection_id}/resume", status_code=202, dependencies=admin)
    async def resume(connection_id: UUID) -> PackageView:
        """Watches the same request on after its deadline; no new one is sent."""
        with refusals():
            await resume_installation(store, connection_id)
        return await doors.page(connection_id)


def _leaving(router: APIRouter, doors: Doors) -> None:
    store, path = doors.store, "/{connection_id}/uninstall"

    @router.get(path, dependencies=[Depends(doors.guard.viewer)])
    async def before_uninstall(connection_id: UUID) -> FarewellView:
        """What would be lost, what is kept, and what to type to have the package taken out."""
        with refusals():
            return farewell_view(await farewell(store, connection_id))

    @router.post(path, status_code=202, dependencies=[Depends(doors.guard.admin)])
    async def uninstall(
        connection_id: UUID, request: UninstallRequest, idempotency_key: IdempotencyKey = None
    ) -> PackageView:
        """Takes the package out of the org; the sync is paused at once."""
        new = order_id(connection_id, idempotency_key) or doors.new_id()
        with refusals():
            await order_uninstall(
                store,
                connection_id,
                typed=request.confirmation,
                version_id=request.version_id or "",
                installation_id=new,
            )
        return await doors.page(connection_id)
