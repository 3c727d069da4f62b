"""The settings: recommended, or those of the document."""

from typing import Any

from remote.setup.walk import StoppedError, Walk
from shared.kernel.plain_yaml import write_yaml


async def choose(walk: Walk, connection_id: str) -> None:
    """Chooses where nothing was chosen yet, and brings the document into the draft.

    A repeat of a document that is there already stores nothing.
    """
    path, kind = f"/api/v1/setup/{connection_id}", walk.file.choice.kind
    setup = await walk.setup(connection_id)
    if not setup["version"] and not setup["drafting"]:
        made = await walk.deployment.post(f"{path}/choice", {"kind": kind})
        count = len(made["settings"]["mappings"])
        walk.screen.say(f"settings: {kind}, {count} field mappings to start with")
    else:
        walk.screen.say("settings: chosen already")
    if walk.file.choice.settings is not None:
        await _document(walk, connection_id, walk.file.choice.settings)


async def _document(walk: Walk, connection_id: str, settings: dict[str, Any]) -> None:
    path = f"/api/v1/settings/{connection_id}/import"
    text = write_yaml({"causeway_settings": 1, **settings})
    seen = await walk.deployment.send_yaml(path, text, dry_run="true")
    if seen.body["unresolved"]:
        told = "".join(
            f"\n  {one['where']}: {one['what']} {one['fix']}" for one in seen.body["unresolved"]
        )
        raise StoppedError(f"The settings name what is not there:{told}")
    if seen.body["same"]:
        walk.screen.say("settings: as the file says")
        return
    for part in seen.body["parts"]:
        for one in part["changes"]:
            walk.screen.say(f"settings: {one['text']}")
    await walk.deployment.send_yaml(path, text, etag=seen.etag)
