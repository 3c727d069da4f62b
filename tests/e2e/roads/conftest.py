"""A deployment that nobody has set up yet, for each road through the setup."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.local.backing import Backing
from deploy.stack.quiet import run_until_quiet
from deploy.stack.setup import Admin
from deploy.stack.simulator import Simulator
from deploy.stack.stack import Stack, stack
from tests.e2e.conftest import wanted

PATIENCE_SECONDS = 90.0
LOOK_SECONDS = 0.2


def silent(_line: str) -> None:
    """A test run has its own output."""


@dataclass(frozen=True)
class Road:
    """The deployment, an admin of it, and the two CRMs with their users."""

    stack: Stack
    admin: Admin
    hubspot: Simulator
    salesforce: Simulator

    async def quiet(self, *, polls: bool = True) -> None:
        """Waits until nothing is left to do; without `polls` where nothing is polled yet."""
        await run_until_quiet(self.stack, polls=polls)

    async def until_idle(self, other: Simulator) -> None:
        """Quiet, with a second portal that has sent all of its webhooks."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await other.pending_webhooks():
                await asyncio.sleep(LOOK_SECONDS)
        await self.quiet()

    async def until(self, path: str, good: Callable[[Any], bool]) -> Any:
        """What a GET answers, once it is good; TimeoutError with the last answer."""
        answer: Any = None
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not good(answer := await self.admin.get(path)):
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            raise TimeoutError(f"{path} still answers {answer}") from None
        return answer

    async def salesforce_people(self, object_name: str = "Contact") -> dict[str, dict[str, Any]]:
        """The people of the org by e-mail address."""
        found = await self.salesforce.records(object_name)
        return {str(person.get("Email")): {**person, "Id": one} for one, person in found.items()}


Opened = Callable[..., AbstractAsyncContextManager[Road]]


@pytest.fixture
def opened(servers: Backing, tmp_path: Path) -> Opened:
    """Starts a deployment; takes what `Wanted` takes."""

    @asynccontextmanager
    async def open_road(
        salesforce: tuple[str, ...] = (), options: dict[str, str] | None = None
    ) -> AsyncIterator[Road]:
        fresh = wanted(servers, tmp_path, options=options or {}, salesforce=salesforce)
        running = ExitStack()
        started = await asyncio.to_thread(running.enter_context, stack(fresh, silent))
        admin = Admin(started.origin, started.token())
        sides = Simulator(started.hubspot_url), Simulator(started.salesforce_url)
        try:
            yield Road(started, admin, *sides)
        finally:
            for client in (admin, *sides):
                await client.close()
            await asyncio.to_thread(running.close)

    return open_road


@pytest.fixture
async def road(opened: Opened) -> AsyncIterator[Road]:
    """A deployment as most people have it."""
    async with opened() as found:
        yield found
