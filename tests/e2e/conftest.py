"""A whole deployment with both simulators, set up once; every test leaves it quiet."""

import uuid
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.backing import Backing
from deploy.stack.quiet import run_until_quiet
from deploy.stack.setup import Admin, walk_setup
from deploy.stack.simulator import Simulator
from deploy.stack.stack import Stack, Wanted, stack

POLL_SECONDS = "1"


def _silent(_line: str) -> None:
    """A test run has its own output."""


@dataclass(frozen=True)
class World:
    """A deployment, its admin, and the two CRMs with their users."""

    stack: Stack
    admin: Admin
    connection_id: str
    hubspot: Simulator
    salesforce: Simulator

    async def quiet(self) -> None:
        """Waits until nothing is left to do."""
        await run_until_quiet(self.stack)

    async def salesforce_person(self, email: str) -> dict[str, object]:
        """The one Salesforce contact of that address."""
        people = await self.salesforce.records("Contact")
        found = [p | {"Id": one} for one, p in people.items() if p.get("Email") == email]
        assert len(found) == 1, f"{len(found)} Salesforce contacts have the address"
        return found[0]

    async def hubspot_person(self, email: str) -> dict[str, object]:
        """The one HubSpot contact of that address."""
        people = await self.hubspot.records("contacts")
        found = [p | {"id": one} for one, p in people.items() if p.get("email") == email]
        assert len(found) == 1, f"{len(found)} HubSpot contacts have the address"
        return found[0]


def wanted(
    servers: Backing,
    logs: Path,
    *,
    apart: Sequence[str] = (),
    options: Mapping[str, str] | None = None,
    salesforce: Sequence[str] = (),
) -> Wanted:
    """A deployment on a database that nobody else uses.

    `options` are more variables, `salesforce` more words for that simulator's command line.
    """
    return Wanted(
        database_url=servers.database_url,
        amqp_url=servers.amqp_url,
        database=f"e2e_{uuid.uuid4().hex[:12]}",
        logs=logs,
        apart=apart,
        options={
            "CAUSEWAY_INGRESS_POLL_SECONDS": POLL_SECONDS,
            "CAUSEWAY_CONTACT_SYNC_LEASE_SECONDS": "3",
            **(options or {}),
        },
        simulator_options={"salesforce": ("--install-seconds", "1", *salesforce)},
    )


@pytest.fixture(scope="session")
def deployment(servers: Backing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All services in one process."""
    with stack(wanted(servers, tmp_path_factory.mktemp("logs")), _silent) as running:
        yield running


_set_up: dict[str, str] = {}


@pytest.fixture
async def world(deployment: Stack) -> AsyncIterator[World]:
    """The deployment after its setup, quiet."""
    async with opened(deployment) as found:
        yield found


class opened:  # noqa: N801 -- reads as a verb
    """Clients for a deployment, whose setup is walked on the first use."""

    def __init__(self, running: Stack) -> None:
        self._stack = running
        self._admin = Admin(running.origin, running.token())
        self._sides = Simulator(running.hubspot_url), Simulator(running.salesforce_url)

    async def __aenter__(self) -> World:
        origin = self._stack.origin
        if origin not in _set_up:
            _set_up[origin] = await walk_setup(self._admin, _silent)
        found = World(self._stack, self._admin, _set_up[origin], *self._sides)
        await found.quiet()
        return found

    async def __aexit__(self, *_: object) -> None:
        for client in (self._admin, *self._sides):
            await client.close()
