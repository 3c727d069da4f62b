"""A real process: it binds, serves, and stops the way an orchestrator expects."""

import asyncio
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from shared.runtime.serving import listen
from shared.security.tokens import TokenKey
from tests.architecture.sources import ROOT

SAMPLE = "tests.integration.runtime.sample"
BEATS = 'causeway_sample_beats_total{service="sample"}'
PATIENCE = 20.0  # seconds; far above what a start or a stop takes here


@dataclass
class Running:
    process: asyncio.subprocess.Process
    url: str
    log: list[dict[str, Any]]
    reading: asyncio.Task[None]

    async def get(self, path: str) -> httpx2.Response:
        async with httpx2.AsyncClient(base_url=self.url) as client:
            return await client.get(path, timeout=PATIENCE)

    def signal(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    async def ended(self) -> tuple[int, list[str]]:
        """The exit code and what was printed."""
        assert self.process.stdout is not None
        output = await asyncio.wait_for(self.process.stdout.read(), PATIENCE)
        code = await asyncio.wait_for(self.process.wait(), PATIENCE)
        await self.reading
        return code, output.decode().split()


def environment(**more: str) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "CAUSEWAY_AMQP_URL": "amqp://127.0.0.1:1/",
        "CAUSEWAY_TOKEN_KEY": TokenKey.generate().export(),
        "CAUSEWAY_PUBLIC_URL": "https://causeway.example.com",
        "CAUSEWAY_PEER_URL": "http://127.0.0.1:1",
        "CAUSEWAY_PORT": "0",
        **more,
    }


async def start(role: str, *, module: str = SAMPLE, **more: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-m", module, role),
        cwd=ROOT,
        env=environment(**more),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@asynccontextmanager
async def running(role: str, *, module: str = SAMPLE, **more: str) -> AsyncIterator[Running]:
    process = await start(role, module=module, **more)
    assert process.stderr is not None
    log: list[dict[str, Any]] = []
    try:
        started = await asyncio.wait_for(_line(process.stderr, log, "started"), PATIENCE)
        reading = asyncio.create_task(_rest(process.stderr, log))
        yield Running(process, f"http://127.0.0.1:{started['port']}", log, reading)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _line(
    stream: asyncio.StreamReader, log: list[dict[str, Any]], event: str
) -> dict[str, Any]:
    while raw := await stream.readline():
        log.append(json.loads(raw))
        if log[-1]["event"] == event:
            return log[-1]
    raise AssertionError(f"the process ended before {event!r}: {log}")


async def _rest(stream: asyncio.StreamReader, log: list[dict[str, Any]]) -> None:
    while raw := await stream.readline():
        log.append(json.loads(raw))


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await condition():
            await asyncio.sleep(0.02)


def test_whoever_comes_before_the_server_accepts_is_not_refused() -> None:
    with listen("127.0.0.1", 0) as bound, socket.create_connection(bound.getsockname(), PATIENCE):
        pass


async def test_it_serves_works_and_stops_with_nothing_lost() -> None:
    async with running("all") as service:
        assert (await service.get("/healthz")).status_code == 200
        assert f"{BEATS} 1.0" in (await service.get("/metrics")).text
        ready = await service.get("/readyz")
        assert ready.json()["checks"] == {"process": "ok", "sample.asked": "Nobody has asked yet."}
        slow = asyncio.create_task(service.get("/api/v1/sample/slow"))

        async def asked() -> bool:
            return (await service.get("/readyz")).status_code == 200

        await until(asked)
        service.signal()
        assert (await slow).json() == {"status": "answered"}
        code, printed = await service.ended()
    assert (code, printed) == (0, ["settled", "closed"])
    assert service.log[-1]["event"] == "stopped"


async def test_an_api_runs_no_loops_and_a_worker_has_health_alone() -> None:
    async with running("api") as api, running("worker") as worker:
        assert f"{BEATS} 0.0" in (await api.get("/metrics")).text
        assert f"{BEATS} 1.0" in (await worker.get("/metrics")).text
        assert (await worker.get("/healthz")).status_code == 200
        assert (await worker.get("/api/v1/sample/slow")).status_code == 404
        api.signal()
        worker.signal()
        assert (await api.ended(), await worker.ended()) == (
            (0, ["closed"]),
            (0, ["settled", "closed"]),
        )


async def test_a_service_that_is_apart_leaves_its_work_to_another_process() -> None:
    async with running("all", CAUSEWAY_APART="sample") as service:
        assert f"{BEATS} 0.0" in (await service.get("/metrics")).text
        service.signal()
        assert await service.ended() == (0, ["closed"])


async def test_what_outlasts_the_grace_is_cut_short_and_named() -> None:
    options = {"SAMPLE_MODE": "stuck", "CAUSEWAY_GRACE_SECONDS": "0.1"}
    async with running("all", **options) as service:
        service.signal()
        assert await service.ended() == (4, ["closed"])
    assert [line["late"] for line in service.log if "late" in line] == [["sample.beat"]]


async def test_while_it_stops_it_is_alive_but_not_ready_and_a_second_signal_ends_it() -> None:
    options = {"SAMPLE_MODE": "stuck", "CAUSEWAY_GRACE_SECONDS": "1000"}
    async with running("all", **options) as service:
        service.signal()

        async def stopping() -> bool:
            checks = (await service.get("/readyz")).json()["checks"]
            return bool(checks["process"] == "The process is stopping.")

        await until(stopping)
        assert (await service.get("/healthz")).status_code == 200
        service.signal()
        assert await service.ended() == (4, ["closed"])


@pytest.mark.parametrize(
    ("role", "more", "code", "text"),
    [
        ("sing", {}, 2, "invalid choice"),
        ("all", {"CAUSEWAY_AMQP_URL": "x", "CAUSEWAY_PORT": "high"}, 2, "CAUSEWAY_PORT"),
        ("all", {"SAMPLE_MODE": "broken"}, 1, "cannot be built"),
        ("migrate", {}, 0, "no schema to migrate"),
    ],
)
async def test_what_cannot_start_says_why(
    role: str, more: dict[str, str], code: int, text: str
) -> None:
    process = await start(role, **more)
    _, errors = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert (process.returncode, text in errors.decode()) == (code, True), errors.decode()
    assert b"planted" not in errors


async def test_a_taken_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = await start("all", CAUSEWAY_PORT=str(port))
        _, errors = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 3
    assert f"Cannot listen on 127.0.0.1:{port} (Address already in use)" in errors.decode()
