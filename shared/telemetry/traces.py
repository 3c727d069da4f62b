"""Traces: OpenTelemetry spans that follow one change through HTTP, the bus and the CRMs."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from opentelemetry import trace
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Span, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.telemetry.redaction import mask_named

_PROPAGATOR = TraceContextTextMapPropagator()
_INSTRUMENTATION = "causeway"
Attribute = str | bool | int | float


def configure_traces(*, service: str, export_path: Path | None) -> None:
    """Record spans under the service's name; write them as JSON lines when a path is given.

    Call it once a process (a role does). A later call adds its file to the first provider,
    because OpenTelemetry keeps one provider a process.
    """
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}))
        trace.set_tracer_provider(provider)
    if export_path is not None:
        provider.add_span_processor(BatchSpanProcessor(JsonLinesExporter(export_path)))


def tracer() -> Tracer:
    """The tracer of Causeway's own spans."""
    return trace.get_tracer(_INSTRUMENTATION)


def current_traceparent() -> str | None:
    """The W3C traceparent of the span that is open here, None outside of any."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def span(name: str, *, parent: str | None = None, **attributes: Attribute) -> Iterator[Span]:
    """Open a span; `parent` is the text of a traceparent, None = under the span that is open.

    An exception marks the span with its class only (a message may quote a CRM's answer).
    """
    context = _PROPAGATOR.extract({"traceparent": parent}) if parent else None
    with tracer().start_as_current_span(
        name,
        context=context,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as opened:
        try:
            yield opened
        except Exception as error:
            opened.set_status(StatusCode.ERROR, type(error).__name__)
            raise


class JsonLinesExporter(SpanExporter):
    """Appends finished spans to a file, one JSON object a line, values masked like log fields."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Write one batch with one append, so that several processes can share the file."""
        lines = "".join(json.dumps(_row(span), default=str) + "\n" for span in spans)
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(lines)
        except OSError:
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing is buffered here."""
        del timeout_millis
        return True


def _row(span: ReadableSpan) -> dict[str, object]:
    context = span.get_span_context()
    attributes = {key: mask_named(key, value) for key, value in (span.attributes or {}).items()}
    return {
        "trace_id": format(context.trace_id, "032x") if context else "",
        "span_id": format(context.span_id, "016x") if context else "",
        "parent_id": format(span.parent.span_id, "016x") if span.parent else None,
        "service": span.resource.attributes.get(SERVICE_NAME),
        "name": span.name,
        "start_ns": span.start_time,
        "end_ns": span.end_time,
        "status": span.status.status_code.name,
        "error": span.status.description,
        "attributes": attributes,
    }
