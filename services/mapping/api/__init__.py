"""Routes of the mapping service: /api/v1/setup, /api/v1/settings, /api/v1/mappings."""

from fastapi import APIRouter

from services.mapping.api.desk import Desk
from services.mapping.api.drafts import draft_routes
from services.mapping.api.fields import field_routes
from services.mapping.api.history import history_routes
from services.mapping.api.mappings import mapping_routes
from services.mapping.api.offers import offer_routes
from services.mapping.api.pairs import pair_routes
from services.mapping.api.properties import property_routes
from services.mapping.api.settings import settings_routes
from services.mapping.api.setup import setup_routes
from services.mapping.ports import Crms, FieldStore, Lookups
from shared.kernel.clock import Clock
from shared.web.guard import Guard

__all__ = ["routes"]


def routes(
    store: FieldStore, crms: Crms, lookups: Lookups, *, guard: Guard, clock: Clock
) -> APIRouter:
    """All routes of the service."""
    desk = Desk(store, crms, lookups, guard, clock)
    router = APIRouter(prefix="/api/v1", tags=["mapping"])
    router.include_router(setup_routes(desk))
    router.include_router(draft_routes(desk))
    router.include_router(offer_routes(desk))
    router.include_router(settings_routes(desk))
    router.include_router(history_routes(desk))
    router.include_router(mapping_routes(store, guard, clock))
    router.include_router(field_routes(desk))
    router.include_router(pair_routes(desk))
    router.include_router(property_routes(desk))
    return router
