"""The control plane of outbound messages: an admin defines them and looks at their queue."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Request

from tests.simulators.machinery.misbehaviour import CONTROL_PREFIX
from tests.simulators.salesforce.oauth import TheOrg, origin
from tests.simulators.salesforce.outbound.messages import define

Json = dict[str, Any]
PREFIX = "04k"
PLACE = "/outbound-messages"
router = APIRouter(prefix=CONTROL_PREFIX)


@router.post(PLACE)
async def add(request: Request, org: TheOrg, body: Annotated[Json, Body()]) -> Json:
    """A rule that sends ``object``'s ``fields`` to ``endpoint_url`` on each create and update.

    Optional: ``name``, ``on`` (``["create"]``), ``include_session``. 400 says what is wrong.
    """
    kind = org.catalogue.get(str(body.get("object", "")))
    if kind is None:
        raise HTTPException(400, f"there is no object {body.get('object')}")
    org.outbound.collect()
    try:
        made = define(kind, body, action_id=org.ids.next(PREFIX), origin=origin(request))
    except (ValueError, TypeError) as wrong:
        raise HTTPException(400, f"no such outbound message: {wrong}") from wrong
    org.outbound.messages[made.id] = made
    return made.as_json()


@router.get(PLACE)
async def look(org: TheOrg) -> Json:
    """The messages, the pending notifications, and what became of the others."""
    return org.outbound.view()


@router.delete(PLACE + "/{action_id}")
async def remove(org: TheOrg, action_id: str) -> Json:
    """Delete a message with all that is pending for it."""
    try:
        org.outbound.forget(action_id)
    except KeyError as wrong:
        raise HTTPException(404, f"there is no outbound message {action_id}") from wrong
    return {}
