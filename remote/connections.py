"""Which connection a command is about."""

from typing import Any

from remote.client import Deployment, UsageError

MAX_PAGES = 100
"""Of a hundred connections each: more than any deployment has."""


async def all_connections(deployment: Deployment) -> list[dict[str, Any]]:
    """Every connection, the oldest first."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    for _ in range(MAX_PAGES):
        page = await deployment.get("/api/v1/connections", limit=100, **cursor)
        found += page["items"]
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    return found


async def chosen(deployment: Deployment, connection_id: str) -> str:
    """The id that was given, or that of the only connection.

    Raises:
        UsageError: none was given and there is not exactly one.
    """
    if connection_id:
        return connection_id
    found = await all_connections(deployment)
    if len(found) == 1:
        return str(found[0]["id"])
    known = "".join(
        f"\n  {one['id']} HubSpot {one['portal_id']}, Salesforce {one['org_id']}" for one in found
    )
    raise UsageError(f"Say which connection with --connection. There are {len(found)}.{known}")
