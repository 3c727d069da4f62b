"""The pre-flight: what the chosen features need in both CRMs, looked at before anything is done."""

from typing import Any

from remote.setup.file import SetupFile
from remote.setup.walk import StoppedError, Walk
from remote.terminal import table


async def preflight(walk: Walk, connection_id: str) -> None:
    """Runs it and shows it.

    Raises:
        StoppedError: something has failed that the file does not want to go on with.
    """
    path = f"/api/v1/connections/{connection_id}/preflight"
    wanted = walk.file.preflight.features or features_of(walk.file)
    query = "&".join(f"features={feature}" for feature in wanted)
    found = await walk.deployment.post(f"{path}?{query}")
    _show(walk, found)
    if found["mark"] == "failed" and not walk.file.preflight.go_on_when_failed:
        todo = "\n".join(
            f"  {one['right']}: {one['todo']}" for one in found["items"] if one["mark"] == "failed"
        )
        raise StoppedError(f"The pre-flight has failed:\n{todo}")


def features_of(file: SetupFile) -> tuple[str, ...]:
    """What this file sets up."""
    settings: dict[str, Any] = file.choice.settings or {}
    method = file.package.method if file.package is not None else "manual"
    ways = {"deploy": "deployed_package", "version": "managed_package"}
    lists = [_page(settings, page).get("inclusion_list") for page in ("contacts", "companies")]
    wanted = {
        "contacts": True,
        "companies": _page(settings, "companies").get("enabled") is True,
        "deals": _page(settings, "deals").get("enabled") is True,
        "activities": True,
        "inclusion_list": any(one is not None for one in lists),
        "window": file.window.action == "add",
        ways.get(method, ""): method in ways,
    }
    return tuple(name for name, on in wanted.items() if on)


def _page(settings: dict[str, Any], name: str) -> dict[str, Any]:
    found = settings.get(name)
    return found if isinstance(found, dict) else {}


def _show(walk: Walk, found: dict[str, Any]) -> None:
    shown = table(f"Pre-flight: {found['mark']}", "", "side", "right", "found")
    for one in found["items"]:
        shown.add_row(one["mark"], one["side"], one["right"], one["todo"] or one["found"])
    walk.screen.show(shown)
