"""What is measured of the simulators, against what, and what it must reach."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from tests.bench.comparing import Measurement, Run
from tests.bench.simulators import bare, hubspot, salesforce
from tests.bench.simulators.wire import Request, Server
from tests.simulators.machinery.launch import Started, starting

LEAST = 5_000.0
"""Records a second that no batch endpoint may bound a benchmark below (issue 4)."""
ITEMS = 10_000
UNLIMITED = "1000000000"
"""A limit that no run reaches: limits are not what is measured."""
Timed = Callable[[Server, int], Run]


@dataclass(frozen=True, slots=True)
class Scene:
    """The two simulators and the bare server, each a process of its own."""

    hubspot: Server
    salesforce: Server
    bare: Server


@contextmanager
def opened() -> Iterator[Scene]:
    """A scene of its own; the processes end with the block."""
    with (
        starting("tests.simulators.hubspot", ["--burst-limit", UNLIMITED]) as portal,
        starting("tests.simulators.salesforce", ["--daily-limit", UNLIMITED]) as org,
        starting("tests.bench.simulators.bare") as echo,
    ):
        yield Scene(_entered(portal, "token"), _entered(org, "grant"), Server(*echo))


def _entered(process: Started, order: str) -> Server:
    (answer,) = Server(*process).ask([Request("POST", f"/_control/{order}", b"{}")])
    tokens: dict[str, Any] = msgspec.json.decode(answer)
    return Server(*process, {"Authorization": f"Bearer {tokens['access_token']}"})


def measurements() -> Iterator[Measurement[Scene]]:
    """Every endpoint that takes many records in one call."""
    for what in (hubspot.create, hubspot.read, hubspot.update, hubspot.upsert):
        name = f"HubSpot batch {what.__name__}, {hubspot.BATCH} a call"
        yield _measurement(name, _in_portal(what), hubspot.BATCH)
    for whole in (salesforce.create, salesforce.update, salesforce.upsert, salesforce.retrieve):
        name = f"Salesforce collections {whole.__name__}, {salesforce.BATCH} a call"
        yield _measurement(name, _in_org(whole), salesforce.BATCH)
    yield _measurement("Salesforce bulk ingest, one job", _in_org(salesforce.ingest), ITEMS)


def _measurement(
    name: str, ours: Callable[[Scene, int], Awaitable[Run]], batch: int
) -> Measurement[Scene]:
    async def echoed(scene: Scene, items: int) -> Run:
        return await asyncio.to_thread(bare.exchange, scene.bare, items, batch=batch)

    return Measurement(
        name=f"{name} / echo",
        unit="records/s",
        ours=ours,
        bare=echoed,
        items=ITEMS,
        bare_items=ITEMS,
        least=LEAST,
    )


def _in_portal(timed: Timed) -> Callable[[Scene, int], Awaitable[Run]]:
    async def run(scene: Scene, items: int) -> Run:
        return await asyncio.to_thread(timed, scene.hubspot, items)

    return run


def _in_org(timed: Timed) -> Callable[[Scene, int], Awaitable[Run]]:
    async def run(scene: Scene, items: int) -> Run:
        return await asyncio.to_thread(timed, scene.salesforce, items)

    return run
