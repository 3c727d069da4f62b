"""A request is one span of ours; what the URL holds is not in it."""

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
    router = APIRouter()

    @router.get("/callbacks/{ticket}")
    async def callback(ticket: str) -> dict[str, int]:
        return {"length": len(ticket)}

    app = create_app(title="x", routers=[router], checks={}, registry=CollectorRegistry())
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://x") as client:
        await client.get("/callbacks/a-ticket?code=planted-code")

    spans = kept.get_finished_spans()
    assert [span.name for span in spans] == ["GET /callbacks/{ticket}"]
    assert dict(spans[0].attributes or {}) == {"http.response.status_code": 200}
