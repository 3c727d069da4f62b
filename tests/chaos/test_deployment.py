"""All services as they are deployed: renewed one by one, and with a clock that is wrong."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import asyncpg
import httpx2
import pytest

from deploy.local.backing import Backing
from deploy.stack.environment import free_port
from deploy.stack.process import STOP_SECONDS, Child
from deploy.stack.stack import Stack, stack
from tests.chaos.balancer import balancing
from tests.chaos.plant import until
from tests.e2e.audit import audit, entered
from tests.e2e.conftest import World, wanted
from tests.e2e.test_faults import Burst, arrived, people

pytestmark = [pytest.mark.xdist_group("crash"), pytest.mark.timeout(900)]

WORKERS = ("contact_sync", "activity_sync", "ingress", "quota", "mapping", "connection")
"""What runs apart in a full run; in a quick one it is the first of them."""

CROWD = 20
SKEWS = {"600": "token_invalid", "-600": "token_expired", "604800": "token_invalid"}
"""Seconds by which a worker's clock is wrong, and why its calls to other services are refused."""


@dataclass(frozen=True)
class Deployed:
    """Two processes with every service's HTTP behind one origin, and workers apart."""

    running: Stack
    ports: dict[str, int]

    def begin(self, name: str) -> Child:
        """Starts one of the processes."""
        if name in WORKERS:
            arguments = [f"services.{name}", "worker"]
            return self.running.start(name, arguments, CAUSEWAY_PORT=self.port_of(name))
        apart = ",".join(child for child in self.running.children if child in WORKERS)
        environ = {"CAUSEWAY_APART": apart, "CAUSEWAY_PORT": str(self.ports[name])}
        return self.running.start(name, ["services", "all"], **environ)

    def port_of(self, worker: str) -> str:
        """Where a worker tells its health from its second start on."""
        return str(self.ports.setdefault(worker, free_port()))

    async def end(self, name: str) -> int | None:
        """SIGTERM; the exit code."""
        process = self.running.children[name].process
        process.terminate()
        return await asyncio.to_thread(process.wait, STOP_SECONDS)

    async def until_ready(self, name: str) -> None:
        """Returns when it takes over."""

        async def ready() -> bool:
            try:
                async with httpx2.AsyncClient() as http:
                    url = f"http://127.0.0.1:{self.ports[name]}/readyz"
                    return (await http.get(url)).is_success
            except httpx2.HTTPError:
                return False

        await until(ready)


@pytest.fixture(scope="module")
def deployed(
    servers: Backing, tmp_path_factory: pytest.TempPathFactory, rounds: int
) -> Iterator[Deployed]:
    logs = tmp_path_factory.mktemp("deployed")
    origin, ports = free_port(), {"services": free_port(), "second": free_port()}
    apart = WORKERS if rounds > len(WORKERS) else WORKERS[:1]
    plain = wanted(servers, logs, apart=apart)
    asked = replace(
        plain,
        options={**plain.options, "CAUSEWAY_PORT": str(ports["services"])},
        simulator_options={**plain.simulator_options, "hubspot": ("--retry-scale", "0.02")},
    )
    with pytest.MonkeyPatch.context() as patched, balancing(origin, list(ports.values())):
        patched.setattr("deploy.stack.stack.free_port", lambda: origin)
        with stack(asked, lambda _line: None) as running:
            found = Deployed(running, ports)
            found.begin("second")
            yield found


@pytest.fixture
async def world(deployed: Deployed) -> AsyncIterator[World]:
    """The deployment after its setup."""
    await deployed.until_ready("second")
    async with entered(deployed.running) as found:
        yield found


async def test_p33_every_process_is_renewed_under_load_and_nobody_notices(
    world: World, deployed: Deployed
) -> None:
    """The sender sees no error of a server; each process ends with its work done."""
    emails: set[str] = set()
    codes: dict[str, int | None] = {}
    for name in list(deployed.running.children):
        emails |= await people(world, f"before-{name}", CROWD)
        codes[name] = await deployed.end(name)
        emails |= await people(world, f"while-{name}", CROWD)
        deployed.begin(name)
        await deployed.until_ready(name)

    await audit(world)
    await arrived(world, Burst(frozenset(emails), frozenset()))
    assert codes == dict.fromkeys(codes, 0)
    assert webhook_errors(deployed.running.logs) == []


def webhook_errors(logs: Path) -> list[int]:
    """The statuses from 500 on with which webhooks were answered."""
    lines = (line for log in logs.glob("*.log") for line in log.read_text("utf-8").splitlines())
    told = (json.loads(line) for line in lines if line.startswith("{"))
    return [
        one["status"]
        for one in told
        if one.get("route") == "/webhooks/hubspot" and one.get("status", 0) >= 500
    ]


async def test_p23_a_worker_with_a_wrong_clock_waits_and_goes_on_when_it_is_right(
    world: World, deployed: Deployed
) -> None:
    """Its calls are refused; nothing is parked or dead, and the reason stands in the mailbox."""
    worker, emails = WORKERS[0], set[str]()
    for skew, reason in SKEWS.items():
        await deployed.end(worker)
        wrong = ["tests.chaos.skewed", f"services.{worker}", "worker"]
        environ = {"CAUSEWAY_PORT": deployed.port_of(worker), "CHAOS_SKEW": skew}
        deployed.running.start(worker, wrong, **environ)
        emails |= await people(world, f"skew{skew}", CROWD // 2)
        await until(partial(waits, world, reason))
    await deployed.end(worker)
    deployed.begin(worker)

    await audit(world)
    await arrived(world, Burst(frozenset(emails), frozenset()))
    listed = await world.admin.get("/api/v1/errors", connection_id=world.connection_id)
    assert listed["items"] == []


async def waits(world: World, reason: str) -> bool:
    """Whether a record waits for that reason."""
    conn = await asyncpg.connect(world.stack.database_url)
    try:
        query = "SELECT count(*) FROM contact_sync.mailbox WHERE reason = $1"
        return bool(await conn.fetchval(query, reason))
    finally:
        await conn.close()
