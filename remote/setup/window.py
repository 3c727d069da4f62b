"""The window inside records: decided once, as the file says."""

from typing import Any

from remote.client import UsageError
from remote.setup.walk import StoppedError, Walk

ENDED = frozenset({"added", "failed", "removed", "previewed"})


async def window(walk: Walk, connection_id: str) -> None:
    """Skips it, or puts it on the layouts of the file that it is not on yet."""
    path = f"/api/v1/packages/{connection_id}"
    wanted = walk.file.window
    standing = await walk.deployment.get(f"{path}/visualforce")
    if wanted.action == "skip":
        if standing["visualforce"] == "waiting":
            await walk.deployment.post(f"{path}/visualforce", {"action": "skip"})
        walk.screen.say(f"window: {_told(standing)}")
    else:
        await _add(walk, path, standing)
    await walk.until_done(connection_id, "visualforce")


def _told(standing: dict[str, Any]) -> str:
    before = standing["visualforce"]
    return "skipped" if before in {"waiting", "skipped"} else f"stays as it is ({before})"


async def _add(walk: Walk, path: str, standing: dict[str, Any]) -> None:
    order = standing["order"]
    if order is not None and order["state"] not in ENDED:
        await _watch(walk, path)
    missing = await _missing(walk, path)
    if missing:
        # What was tried before stays what it is; the next try is another order.
        order = (await walk.deployment.get(f"{path}/visualforce"))["order"]
        before = "" if order is None else str(order["asked_at"])
        body = {"action": "add", "layouts": missing}
        key = walk.file.key("window", before, *missing)
        await walk.deployment.post(f"{path}/visualforce", body, key=key)
        await _watch(walk, path)
    walk.screen.say(f"window: on {', '.join(walk.file.window.layouts)}")


async def _missing(walk: Walk, path: str) -> list[str]:
    """The layouts of the file that have no window yet.

    Raises:
        UsageError: one is none of the org's.
    """
    there = {one["name"]: one for one in await walk.deployment.get(f"{path}/layouts")}
    unknown = [name for name in walk.file.window.layouts if name not in there]
    if unknown:
        raise UsageError(
            f"The org has no layout {', '.join(unknown)}. It has: {', '.join(sorted(there))}."
        )
    return [name for name in walk.file.window.layouts if not there[name]["window"]]


async def _watch(walk: Walk, path: str) -> None:
    with walk.screen.progress("window") as tell:
        async for _ in walk.looks("The window was not on the layouts"):
            order = (await walk.deployment.get(f"{path}/visualforce"))["order"]
            if order["state"] == "failed":
                raise StoppedError(
                    f"The window was not added. {order['salesforce_said']} {order['todo']}"
                )
            if order["state"] in ENDED:
                return
            tell(f"{order['state']} {order['salesforce_said']}".strip(), None)
