"""The package in the Salesforce org: ordered once, watched until it is in place."""

import os
from typing import Any

from remote.client import RefusedError, UsageError
from remote.setup.file import PackagePart
from remote.setup.walk import StoppedError, Walk

RESTING = frozenset({"absent", "failed", "timed_out", "uninstalled", "removed"})
"""States in which nothing is under way, so that an order is accepted."""

ENDED_BADLY = frozenset({"failed", "timed_out", "uninstalled"})
RUNNING = "installation-running"


async def package(walk: Walk, connection_id: str) -> None:
    """Returns when the package is in place and the setup knows it.

    Raises:
        StoppedError: the installation has failed; Salesforce's words and what to do are in it.
    """
    path = f"/api/v1/packages/{connection_id}"
    state = await walk.heard(path)
    if state["state"] in RESTING:
        await _order(walk, path, state)
    if state["state"] != "installed":
        await _watch(walk, path)
    walk.screen.say("package: installed")
    await walk.until_done(connection_id, "package")


async def _order(walk: Walk, path: str, state: dict[str, Any]) -> None:
    wanted = walk.file.package
    if wanted is None:
        raise StoppedError(
            "The Salesforce package is missing, and the file has no `package` that says how it "
            "may be installed."
        )
    if state["state"] == "timed_out" and state["resumable"]:
        walk.screen.say("package: the last order has timed out; it is watched on")
        await walk.deployment.post(f"{path}/resume")
        return
    walk.screen.say(f"package: ordered ({wanted.method})")
    # An order that failed stays what it is; the next try is another order.
    key = walk.file.key("package", state["state"], str(state["requested_at"]))
    try:
        await walk.deployment.post(f"{path}/installations", order_of(wanted), key=key)
    except RefusedError as refused:
        if refused.status != 409:  # noqa: PLR2004 -- somebody else has ordered it meanwhile
            raise


def order_of(wanted: PackagePart) -> dict[str, Any]:
    """The body of the order.

    Raises:
        UsageError: the variable with the installation key is not set.
    """
    body: dict[str, Any] = {"method": wanted.method}
    if wanted.method == "manual":
        return body | ({"version_id": wanted.version_id} if wanted.version_id else {})
    body |= {
        "audience": wanted.audience,
        "name_conflict": wanted.name_conflict,
        "grant_third_party_access": wanted.grant_third_party_access,
    }
    if wanted.method == "version":
        body["version_id"] = wanted.version_id
    if wanted.password_variable is not None:
        secret = os.environ.get(wanted.password_variable, "")
        if not secret:
            raise UsageError(
                f"The variable {wanted.password_variable} is empty: it has to hold the "
                "installation key of the package version."
            )
        body["password"] = secret
    return body


async def _watch(walk: Walk, path: str) -> None:
    told_link = False
    with walk.screen.progress("package") as tell:
        async for _ in walk.looks("The package was not in place"):
            state = await walk.deployment.get(path)
            if state["state"] == "installed":
                return
            if state["state"] in ENDED_BADLY:
                raise _failed(state)
            if state["state"] == "waiting_for_admin" and not told_link:
                told_link = True
                walk.screen.say(f"package: {state['todo']} {state['install_link']}")
            said = f"{state['state']} {state['salesforce_said']}".strip()
            tell(said, float(state["percent"]))


def _failed(state: dict[str, Any]) -> StoppedError:
    parts = "".join(
        f"\n  {one['component']}: {one['problem']} {one['hint']}" for one in state["failures"]
    )
    return StoppedError(
        f"The package was not installed ({state['state']}). {state['salesforce_said']} "
        f"{state['todo']}{parts}"
    )
