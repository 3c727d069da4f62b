"""The connection: found or made, and both sides of it connected by a person."""

import time
from typing import Any

from remote.client import UsageError
from remote.connections import all_connections
from remote.setup.walk import StoppedError, Walk

NAMES = {"hubspot": "HubSpot", "salesforce": "Salesforce"}
LINK_SECONDS = 540.0
"""A link is good for ten minutes; a new one is shown before the old one ends."""

CONNECTIONS = "/api/v1/connections"


async def connect(walk: Walk) -> str:
    """The id of the connection of this file, connected on both sides."""
    connection_id = await _found(walk) or await _made(walk)
    for side in NAMES:
        await _side(walk, connection_id, side)
    return connection_id


async def _found(walk: Walk) -> str:
    """One that the file names, or that has its portal; "" for none."""
    wanted = walk.file.connection
    if wanted.id is not None:
        return str((await walk.deployment.get(f"{CONNECTIONS}/{wanted.id}"))["id"])
    if wanted.portal_id is None:
        return ""
    for one in await all_connections(walk.deployment):
        if one["portal_id"] == wanted.portal_id:
            if one["environment"] != wanted.environment:
                raise UsageError(
                    f"Portal {wanted.portal_id} is connected to a {one['environment']} org, the "
                    f"file says {wanted.environment}. Correct the file, or move the connection."
                )
            walk.screen.say(f"connection: {one['id']} (found by its portal)")
            return str(one["id"])
    return ""


async def _made(walk: Walk) -> str:
    wanted = walk.file.connection
    body = {"environment": wanted.environment, "salesforce_domain": wanted.salesforce_domain}
    made = await walk.deployment.post(CONNECTIONS, body, key=walk.file.key("connection"))
    walk.screen.say(f"connection: {made['id']}")
    return str(made["id"])


async def _side(walk: Walk, connection_id: str, side: str) -> None:
    name, path = NAMES[side], f"{CONNECTIONS}/{connection_id}"
    linked_at = -LINK_SECONDS
    with walk.screen.progress(name) as tell:
        async for _ in walk.looks(f"Nobody has allowed access to {name}"):
            seen = await walk.deployment.get(path)
            if seen[side]["state"] == "active":
                break
            if time.monotonic() - linked_at >= LINK_SECONDS:
                link = await walk.deployment.post(f"{path}/authorizations/{side}")
                linked_at = time.monotonic()
                walk.screen.say(f"Open this as an admin of {name} and allow access (ten minutes):")
                walk.screen.say(f"  {link['authorize_url']}")
            tell("waiting for somebody to allow access", None)
    _check(walk, seen, side)
    walk.screen.say(f"{name}: connected, account {seen[side]['account_id']}")


def _check(walk: Walk, seen: dict[str, Any], side: str) -> None:
    wanted = walk.file.connection.portal_id
    if side == "hubspot" and wanted is not None and seen["portal_id"] != wanted:
        raise StoppedError(
            f"Somebody connected portal {seen['portal_id']}, the file says {wanted}. Correct the "
            f"file, or remove the connection {seen['id']}."
        )
