"""The control plane of change events: selections, faults, limits and a look at the streams."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, HTTPException, Request

from tests.simulators.machinery.misbehaviour import CONTROL_PREFIX
from tests.simulators.salesforce.errors import SalesforceError
from tests.simulators.salesforce.ids import long_form
from tests.simulators.salesforce.oauth import TheOrg
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.pubsub.selection import STANDARD_CHANNEL, SUFFIX
from tests.simulators.salesforce.pubsub.server import PubSubServer
from tests.simulators.salesforce.stamps import stamp
from tests.simulators.salesforce.store import Record, Write
from tests.simulators.salesforce.writer import existing

Json = dict[str, Any]
Posted = Annotated[Json, Body()]
PLACE = "/change-events"
router = APIRouter(prefix=CONTROL_PREFIX)


async def server_of(request: Request) -> PubSubServer:
    """The Pub/Sub server. 404 when the simulator was started without ``--pubsub-port``."""
    found = getattr(request.app.state, "pubsub", None)
    if not isinstance(found, PubSubServer):
        raise HTTPException(404, "start the simulator with --pubsub-port")
    return found


TheServer = Annotated[PubSubServer, Depends(server_of)]


@router.get(PLACE)
async def look(org: TheOrg, server: TheServer) -> Json:
    """Address, channels, selections, kept events, open streams and used deliveries."""
    capture = org.capture
    used = capture.deliveries.used(org.clock.seconds())
    return {
        "address": server.address,
        "channels": list(capture.selection.channels),
        "members": [one.as_json() for one in capture.selection.members.values()],
        "retained": capture.bus.retained,
        "deliveries": {"used": used, "allowed": capture.allowed},
        "streams": [one.as_json() for one in server.streams],
    }


@router.post(PLACE + "/select")
async def select(org: TheOrg, body: Posted) -> list[Json]:
    """Select ``objects`` for ``channel`` (or the standard one) as an admin. 400 beyond the cap."""
    channel = str(body.get("channel", STANDARD_CHANNEL))
    try:
        made = [org.capture.select(channel, f"{one}{SUFFIX}") for one in body.get("objects", ())]
    except SalesforceError as problem:
        raise HTTPException(400, problem.message) from problem
    return [one.as_json() for one in made]


@router.delete(PLACE + "/members/{record_id}")
async def remove(org: TheOrg, record_id: str) -> Json:
    """Take back a selection."""
    try:
        org.capture.remove(record_id)
    except SalesforceError as problem:
        raise HTTPException(404, f"there is no selection {record_id}") from problem
    return {}


@router.post(PLACE + "/change-database")
async def change_database(org: TheOrg, body: Posted) -> Json:
    """Change ``fields`` of a record past the application servers, as archiving does: a gap event.

    Nothing is checked, and neither the change log nor an outbound message tells of it.
    """
    try:
        record = existing(org.store, str(body["object"]), long_form(str(body["id"])))
        _change(org, record, dict(body["fields"]))
    except (SalesforceError, KeyError, TypeError, ValueError) as wrong:
        raise HTTPException(400, f"give object, id and fields of a record: {wrong!r}") from wrong
    return {}


def _change(org: Org, record: Record, fields: Json) -> None:
    now = org.pulse.next()
    changed = {**record.fields, **fields, "SystemModstamp": stamp(now // 1_000)}
    after = replace(record, fields=changed, stamp=now)
    table = org.store.table(record.object)
    table.put(after)
    org.capture.change_database(Write(table, record, after, "update", "user", tuple(fields), ""))


@router.post(PLACE + "/drop-streams")
async def drop_streams(server: TheServer) -> Json:
    """Break all open streams, as a lost connection does."""
    return {"dropped": server.drop_streams()}


@router.post(PLACE + "/move-org")
async def move_org(org: TheOrg) -> Json:
    """Move the org to another instance: the kept events and all replay ids are gone."""
    org.capture.bus.move()
    return {}


@router.post(PLACE + "/deliveries")
async def use_up(org: TheOrg, body: Posted) -> Json:
    """Pretend that ``used`` events were delivered in the last 24 hours."""
    try:
        used = int(body["used"])
    except (KeyError, TypeError, ValueError) as wrong:
        raise HTTPException(400, f"give used, a number: {wrong!r}") from wrong
    org.capture.deliveries.set(org.clock.seconds(), used)
    return {"used": used, "allowed": org.capture.allowed}
