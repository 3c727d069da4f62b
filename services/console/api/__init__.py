"""The console's routes: pages, forms, the files they need."""

from collections.abc import Mapping

from fastapi import APIRouter

from services.console.api.assets import Asset, asset_routes
from services.console.api.commands import command_routes
from services.console.api.context import Console
from services.console.api.entry import entry_routes
from services.console.api.pages import page_routes
from services.console.api.record_page import Signed, record_page_routes
from shared.kernel.ids import IdSource

__all__ = ["Signed", "routes"]


def routes(
    console: Console, assets: Mapping[str, Asset], new_id: IdSource, signed: Signed
) -> APIRouter:
    """All routes of the service. They are pages, so the API's description leaves them out."""
    router = APIRouter(tags=["console"], include_in_schema=False)
    router.include_router(asset_routes(assets))
    router.include_router(entry_routes(console))
    router.include_router(page_routes(console, new_id))
    router.include_router(command_routes(console))
    router.include_router(record_page_routes(console, signed))
    return router
