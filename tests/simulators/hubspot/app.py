"""Puts the simulated portal together as a web application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from tests.simulators.hubspot import (
    account,
    association_routes,
    batch_routes,
    control,
    control_marketing,
    email_event_routes,
    form_routes,
    list_routes,
    membership_routes,
    oauth,
    objects,
    pipeline_routes,
    properties,
    webhook_routes,
)
from tests.simulators.hubspot.errors import HubSpotError, error
from tests.simulators.hubspot.fault_answers import canned
from tests.simulators.hubspot.gate import CORRELATION_ID, Gate
from tests.simulators.hubspot.object_types import OBJECT_TYPES
from tests.simulators.hubspot.page import PortalPages
from tests.simulators.hubspot.portal import Portal
from tests.simulators.hubspot.settings import Settings
from tests.simulators.hubspot.wire import refusal
from tests.simulators.machinery import control as machinery_control
from tests.simulators.machinery.control import Machinery
from tests.simulators.machinery.misbehaviour import Misbehaviour
from tests.simulators.machinery.pages import routes as page_routes
from tests.simulators.machinery.recent import Watching
from tests.simulators.machinery.snapshot import Keeper

DATED = ("2026-03", "2026-09")
"""Date versions that the same portal answers beside v3 and v4."""


def _roots(area: str, legacy: str = "v3") -> list[str]:
    return [f"/crm/{legacy}/{area}", *(f"/crm/{area}/{version}" for version in DATED)]


def create_app(settings: Settings, *, with_control: bool) -> ASGIApp:
    """The portal of ``settings``; the control plane only if it is asked for."""
    machinery = Machinery()
    portal = Portal(settings, machinery)
    app = FastAPI(lifespan=_delivering, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.portal = portal
    app.state.machinery = machinery
    app.state.shown = PortalPages(portal)
    app.state.keeper = keeper = _keeper(portal)
    if keeper is not None:
        keeper.load_if_there()
    app.add_exception_handler(HubSpotError, _refused)
    app.add_exception_handler(HTTPException, _no_route)
    _add_routes(app)
    if with_control:
        app.include_router(machinery_control.router)
        app.include_router(control.router)
        app.include_router(control_marketing.router)
    inner = Misbehaviour(Gate(app, portal=portal), board=machinery.faults, answer=canned)
    return Watching(inner, recent=machinery.recent, clock=machinery.clock)


def _add_routes(app: FastAPI) -> None:
    """The more specific paths come first: a record may not be called ``batch``."""
    app.include_router(page_routes.router)
    app.include_router(oauth.router)
    app.include_router(account.account)
    for root in [*_roots("objects", "v4"), "/crm/v3/objects"]:
        app.include_router(association_routes.singles, prefix=root)
    for root in _roots("associations", "v4"):
        app.include_router(association_routes.batches, prefix=root)
    for root in _roots("objects"):
        app.include_router(batch_routes.router, prefix=root)
        app.include_router(objects.router, prefix=root)
    for root in _roots("properties"):
        app.include_router(properties.router, prefix=root)
    for root in _roots("owners"):
        app.include_router(account.owners, prefix=root)
    for root in _roots("pipelines"):
        app.include_router(pipeline_routes.router, prefix=root)
    for root in _roots("lists"):
        app.include_router(membership_routes.router, prefix=root)
        app.include_router(list_routes.router, prefix=root)
    app.include_router(list_routes.every, prefix="/crm/lists/2026-09")
    for root in form_routes.ROOTS:
        app.include_router(form_routes.definitions, prefix=root)
    app.include_router(form_routes.submissions)
    app.include_router(email_event_routes.router)
    for root in webhook_routes.ROOTS:
        app.include_router(webhook_routes.router, prefix=root)


@asynccontextmanager
async def _delivering(app: FastAPI) -> AsyncIterator[None]:
    """Webhooks go out while the application runs."""
    task = asyncio.create_task(app.state.portal.sender.run())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    if app.state.keeper is not None:
        app.state.keeper.save()


def _keeper(portal: Portal) -> Keeper | None:
    """What writes the state down, if the portal is told to. Types are compared by identity."""
    settings = portal.settings
    if settings.snapshot is None:
        return None
    types = {f"type {kind.type_id}": kind for kind in OBJECT_TYPES}
    whose = f"hubspot portal {settings.portal_id} with app {settings.app_id}"
    return Keeper(settings.snapshot, whose, portal, {"settings": settings, **types})


async def _refused(request: Request, problem: Exception) -> Response:
    if not isinstance(problem, HubSpotError):
        raise problem
    return refusal(problem, getattr(request.state, CORRELATION_ID))


async def _no_route(request: Request, problem: Exception) -> Response:
    if not isinstance(problem, HTTPException):
        raise problem
    answer = error(problem.status_code, str(problem.detail), None)
    return refusal(answer, getattr(request.state, CORRELATION_ID))
