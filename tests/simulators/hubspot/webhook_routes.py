"""Where the app says what it wants to hear, and where (facts: section 10)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from tests.simulators.hubspot.batch import inputs_of
from tests.simulators.hubspot.batch_routes import completed
from tests.simulators.hubspot.errors import HubSpotError, error, not_found
from tests.simulators.hubspot.model import Json
from tests.simulators.hubspot.object_requests import Body
from tests.simulators.hubspot.portal import InPortal, Portal, portal_of
from tests.simulators.hubspot.tokens import invalid_authentication
from tests.simulators.hubspot.wire import no_content, reply

ROOTS = ("/webhooks/v3/{app_id}", "/webhooks/2026-03/{app_id}", "/app-webhooks/2026-09/{app_id}")
"""The same calls under every version's own prefix."""
LEAST_CONCURRENCY = 5
"""``maxConcurrentRequests`` must be above this."""


async def _own_app(request: Request, portal: Annotated[Portal, Depends(portal_of)]) -> None:
    """Needs the developer's key in the query, and the app must be the one we know."""
    if not request.query_params.get("hapikey") and "authorization" not in request.headers:
        raise invalid_authentication()
    if request.path_params["app_id"] != str(portal.settings.app_id):
        raise not_found()


router = APIRouter(dependencies=[Depends(_own_app)])


def _settings(portal: Portal) -> Json:
    sender = portal.sender
    throttling = {"maxConcurrentRequests": sender.concurrency, "period": "SECONDLY"}
    return {"targetUrl": sender.url, "throttling": throttling}


@router.get("/settings")
async def read_settings(portal: InPortal) -> Response:
    """Where events go."""
    if not portal.sender.url:
        raise not_found()
    return reply(_settings(portal))


@router.put("/settings")
async def write_settings(portal: InPortal, body: Body) -> Response:
    """Send events there from now on."""
    target = str(body.get("targetUrl") or "")
    wanted = (body.get("throttling") or {}).get("maxConcurrentRequests", portal.sender.concurrency)
    if not target.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise error(400, "targetUrl must be an https URL")
    if int(wanted) <= LEAST_CONCURRENCY:
        raise error(400, f"maxConcurrentRequests must be greater than {LEAST_CONCURRENCY}")
    portal.sender.url = target
    portal.sender.concurrency = int(wanted)
    return reply(_settings(portal))


@router.delete("/settings")
async def delete_settings(portal: InPortal) -> Response:
    """Send nothing any more."""
    portal.sender.url = ""
    return no_content()


@router.get("/subscriptions")
async def list_subscriptions(portal: InPortal) -> Response:
    """All subscriptions."""
    return reply({"results": [one.as_json() for one in portal.subscriptions.listed()]})


@router.post("/subscriptions")
async def subscribe(portal: InPortal, body: Body) -> Response:
    """A new one, paused unless the body says otherwise."""
    now = portal.machinery.clock.milliseconds()
    return reply(portal.subscriptions.add(body, now).as_json(), 201)


@router.post("/subscriptions/batch/update")
async def switch_many(portal: InPortal, body: Body) -> Response:
    """Pause or resume several."""
    results: list[Json] = []
    errors: list[Json] = []
    for one in inputs_of(body):
        try:
            active = bool(one.get("active"))
            switched = portal.subscriptions.switch(str(one.get("id")), active=active)
            results.append(switched.as_json())
        except HubSpotError as problem:
            errors.append({**problem.body, "context": {"ids": [str(one.get("id"))]}})
    return completed(portal, results, errors, 200)


@router.get("/subscriptions/{subscription_id}")
async def read_subscription(portal: InPortal, subscription_id: str) -> Response:
    """One subscription."""
    return reply(portal.subscriptions.find(subscription_id).as_json())


@router.patch("/subscriptions/{subscription_id}")
async def switch(portal: InPortal, subscription_id: str, body: Body) -> Response:
    """Pause or resume one."""
    active = bool(body.get("active"))
    return reply(portal.subscriptions.switch(subscription_id, active=active).as_json())


@router.delete("/subscriptions/{subscription_id}")
async def unsubscribe(portal: InPortal, subscription_id: str) -> Response:
    """Forget one."""
    portal.subscriptions.remove(subscription_id)
    return no_content()
