"""The FastAPI application that every role serves: its routes, health, metrics and error answers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse, Response
from fastapi.telemetry import TelemetryConfig
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry

from shared.kernel.errors import CausewayError
from shared.telemetry.metrics import Metrics, render
from shared.web.observed import ObservedRequests
from shared.web.problems import install_problem_handlers

Check = Callable[[], Awaitable[None]]
"""Returns when the thing answers; raises when it does not. The error's text is shown."""

MAX_BODY_BYTES = 1024 * 1024  # a settings version has under 200 kB; a route may set its own
NOT_ITS_OWN = TelemetryConfig(tracing=False, metrics=False, logs=False, auto_configure=False)
"""FastAPI's own spans tell paths and queries as they came: tickets and authorization codes."""

OK = "ok"
CHECK_SECONDS = 2.0  # under the timeouts that probes of Kubernetes and compose use here


def create_app(
    *,
    title: str,
    routers: Sequence[APIRouter],
    checks: Mapping[str, Check],
    registry: CollectorRegistry,
) -> FastAPI:
    """An application with the given routes, `/healthz`, `/readyz` and `/metrics`.

    Bodies over 1 MiB are refused with 413; a route that needs more (or less) says so itself:
    `router.post(..., max_body_size=...)`. The schema is not served, because no route answers
    without a token: `app.openapi()` gives it.
    """
    app = FastAPI(
        title=title,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NOT_ITS_OWN,
    )
    install_problem_handlers(app)
    for router in (_health(checks), _metrics(registry, checks), *routers):
        app.include_router(router, max_body_size=MAX_BODY_BYTES)
    app.add_middleware(ObservedRequests, metrics=Metrics(registry))
    return app


def _health(checks: Mapping[str, Check]) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/healthz", response_class=JSONResponse)
    async def healthz() -> dict[str, str]:
        """The process runs and its event loop turns."""
        return {"status": "ok"}

    @router.get("/readyz", response_class=JSONResponse)
    async def readyz() -> JSONResponse:
        """What the work needs answers: each check with ok, or with the reason (then 503)."""
        report = await _report(checks)
        ready = all(result == OK for result in report.values())
        body = {"status": OK if ready else "not ready", "checks": report}
        return JSONResponse(body, status_code=200 if ready else 503)

    return router


def _metrics(registry: CollectorRegistry, checks: Mapping[str, Check]) -> APIRouter:
    router = APIRouter(tags=["health"])
    passes = Metrics(registry).gauge(
        "causeway_check_ok", "Whether what the work needs answers, as /readyz tells it", ("check",)
    )

    @router.get("/metrics", response_class=Response)
    async def metrics() -> Response:
        """The numbers, in the Prometheus text format; the checks are asked for it."""
        for name, result in (await _report(checks)).items():
            passes.labels(name).set(result == OK)
        return Response(render(registry), media_type=CONTENT_TYPE_LATEST)

    return router


async def _report(checks: Mapping[str, Check]) -> dict[str, str]:
    results = await asyncio.gather(*(_result(check) for check in checks.values()))
    return dict(zip(checks, results, strict=True))


async def _result(check: Check) -> str:
    """`ok` or the reason. Only our own errors' texts are shown: they hold no secret."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:g} s"
    except CausewayError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - a check that fails in a new way is not ready
        return f"failed: {type(error).__name__}"
    return OK
