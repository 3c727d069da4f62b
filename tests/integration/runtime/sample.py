"""A service without stores, started by the tests as a process: routes, a loop, a slow end."""

import asyncio
import os

from fastapi import APIRouter

from shared.kernel.errors import RetriableError
from shared.runtime.process import run
from shared.runtime.service import Loop, Service
from shared.runtime.settings import DeploymentSettings
from shared.telemetry.metrics import Metrics

MODE = os.environ.get("SAMPLE_MODE", "")


def build(settings: DeploymentSettings) -> Service:
    """The service; SAMPLE_MODE says how it ends."""
    del settings
    if MODE == "broken":
        raise RuntimeError("cannot be built: token=planted-secret")
    metrics = Metrics()
    beats = metrics.counter("causeway_sample_beats", "Beats")
    router = APIRouter(prefix="/api/v1/sample")
    slow_started = asyncio.Event()
    answer = asyncio.Event()

    @router.get("/slow")
    async def slow() -> dict[str, str]:
        slow_started.set()
        await answer.wait()
        return {"status": "answered"}

    async def beat(stop: asyncio.Event) -> None:
        beats.inc()
        await stop.wait()
        answer.set()
        if MODE == "stuck":
            await asyncio.Event().wait()
        print("settled", flush=True)  # noqa: T201 - what the test waits for

    async def started() -> None:
        if not slow_started.is_set():
            raise RetriableError("Nobody has asked yet.", code="idle")

    async def close() -> None:
        print("closed", flush=True)  # noqa: T201 - what the test waits for

    return Service(
        name="sample",
        routers=(router,),
        loops=(Loop("beat", beat),),
        checks={"asked": started},
        close=close,
        metrics=metrics,
    )


if __name__ == "__main__":
    run("sample", DeploymentSettings, build)
