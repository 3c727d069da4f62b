"""The review, the finish, and the imports that the file asks for."""

from typing import Any

from remote.client import RefusedError
from remote.setup.walk import NEWS_SECONDS, NOT_FOUND, StoppedError, Walk

SHOWN = ("what", "fix")
MOVED = "settings-moved"


async def finish(walk: Walk, connection_id: str) -> None:
    """Reviews, and starts the sync.

    Raises:
        StoppedError: the review finds errors, or warnings that the file does not acknowledge.
    """
    path = f"/api/v1/setup/{connection_id}"
    review = await walk.deployment.get(f"{path}/review")
    for statement in review["statements"]:
        walk.screen.say(f"review: {statement['text']}")
    for problem in review["problems"]:
        told = " ".join(problem[name] for name in SHOWN)
        walk.screen.say(f"review: {problem['severity']} [{problem['code']}] {told}")
    if not review["can_finish"]:
        raise StoppedError("The review finds errors: correct what it says, in the file.")
    unseen = [code for code in review["acknowledge"] if code not in walk.file.acknowledge]
    if unseen:
        raise StoppedError(
            "The review warns. Change what should be otherwise, and put the rest into the file: "
            f"acknowledge: [{', '.join(unseen)}]."
        )
    body = {"acknowledge": list(walk.file.acknowledge)}
    try:
        done = await walk.deployment.post(f"{path}/finish", body)
    except RefusedError as refused:
        if refused.code != MOVED:
            raise
        raise StoppedError("Somebody changed the settings during the review.") from None
    walk.screen.say(f"setup: finished. {done['message']}")


async def imports(walk: Walk, connection_id: str) -> None:
    """Starts an import of each side of the file that never had one; none waits for its end."""
    for side in walk.file.imports:
        path = "/api/v1/imports"
        before = await walk.deployment.get(path, connection_id=connection_id)
        if any(one["side"] == side for one in before):
            walk.screen.say(f"import from {side}: started already")
            continue
        await _begin(walk, {"connection_id": connection_id, "side": side})
        walk.screen.say(f"import from {side}: started")


async def _begin(walk: Walk, body: dict[str, Any]) -> None:
    """contact_sync hears of the start within seconds; it answers 404 before."""
    async for _ in walk.looks("The sync did not hear of its start", NEWS_SECONDS):
        try:
            await walk.deployment.post("/api/v1/imports", body)
        except RefusedError as refused:
            if refused.status != NOT_FOUND:
                raise
        else:
            return
