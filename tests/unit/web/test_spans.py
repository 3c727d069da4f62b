"""A request is one span of ours with the whole template of its path, and nothing of the URL."""

import httpx2
import pytest
from fastapi import APIRouter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry

from shared.telemetry.traces import configure_traces
from shared.web.app import create_app


async def test_no_other_span_tells_the_path_and_the_query(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    configure_traces(service="tests", export_path=None)
    monkeypatch.setattr("opentelemetry.trace._TRACER_PROVIDER", provider)
    router, outer = APIRouter(), APIRouter(prefix="/api/v1")

    @router.get("/callbacks/{ticket}")
    async def callback(ticket: str) -> dict[str, int]:
        return {"length": len(ticket)}

    outer.include_router(router)
    app = create_app(title="x", routers=[outer], checks={}, registry=CollectorRegistry())
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://x") as client:
        await client.get("/api/v1/callbacks/a-ticket?code=planted-code")

    spans = kept.get_finished_spans()
    assert [span.name for span in spans] == ["GET /api/v1/callbacks/{ticket}"]
    assert dict(spans[0].attributes or {}) == {"http.response.status_code": 200}
