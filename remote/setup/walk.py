"""What every step has: the deployment, the file, the screen, and the time that is left."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from remote.client import Deployment, RefusedError
from remote.setup.file import SetupFile
from remote.setup.screen import Screen
from shared.kernel.errors import FatalError

LOOK_SECONDS = 1.0
"""Between two looks at something that a person or a CRM does."""

NEWS_SECONDS = 60.0
"""Services hear of each other within a second or two; more means that something stands."""

NOT_FOUND = 404


class StoppedError(FatalError):
    """The setup cannot go on by itself; the message says what a person has to do."""

    def __init__(self, message: str) -> None:
        super().__init__(
            f"{message}\nThen run the same command again: it goes on where it is.", code="stopped"
        )


@dataclass(frozen=True, slots=True)
class Walk:
    """One run over a file. `until` is on the monotonic clock."""

    deployment: Deployment
    file: SetupFile
    screen: Screen
    until: float
    look: float = field(default=LOOK_SECONDS)

    async def looks(self, what: str, seconds: float | None = None) -> AsyncIterator[None]:
        """One turn for each look, until the time is over.

        Raises:
            StoppedError: it is; `what` says what did not happen.
        """
        end = self.until if seconds is None else min(self.until, time.monotonic() + seconds)
        while True:
            yield
            if time.monotonic() >= end:
                raise StoppedError(f"{what} within the time that was given.")
            await asyncio.sleep(self.look)

    async def heard(self, path: str) -> Any:
        """A read of something that a service may not have heard of yet: 404 for a moment."""
        async for _ in self.looks(f"GET {path} found nothing", NEWS_SECONDS):
            try:
                return await self.deployment.get(path)
            except RefusedError as refused:
                if refused.status != NOT_FOUND:
                    raise
        raise AssertionError("looks() ends by raising")

    async def setup(self, connection_id: str) -> dict[str, Any]:
        """Where the setup stands."""
        found: dict[str, Any] = await self.heard(f"/api/v1/setup/{connection_id}")
        return found

    async def until_done(self, connection_id: str, step: str) -> None:
        """The setup has heard that a step is done."""
        what = f"The setup did not hear that the step {step} is done"
        async for _ in self.looks(what, NEWS_SECONDS):
            if done(await self.setup(connection_id), step):
                return


def done(setup: dict[str, Any], step: str) -> bool:
    """Whether a step of the setup is done."""
    return any(one["name"] == step and one["state"] == "done" for one in setup["steps"])
