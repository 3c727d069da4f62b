"""The routes of the in-record window."""

from collections.abc import Awaitable, Callable
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Depends

from services.package_watcher.api.answers import Asked, refusals
from services.package_watcher.api.views import PackageView
from services.package_watcher.handlers.window import skip_window
from services.package_watcher.ports import Store
from shared.web.guard import Guard


class WindowRequest(Asked):
    """What to do about the in-record window; this version of Causeway can only go on without."""

    action: Literal["skip"]


def window_routes(
    router: APIRouter, store: Store, guard: Guard, page: Callable[[UUID], Awaitable[PackageView]]
) -> None:
    """Adds the routes of the window to the service's; `page` is the answer to a GET."""

    @router.post("/{connection_id}/visualforce", dependencies=[Depends(guard.admin)])
    async def decide_window(connection_id: UUID, _request: WindowRequest) -> PackageView:
        """Goes on without the in-record window."""
        with refusals():
            await skip_window(store, connection_id)
        return await page(connection_id)
