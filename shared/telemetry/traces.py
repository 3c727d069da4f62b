"""Traces: OpenTelemetry spans that follow one change through HTTP, the bus and the CRMs."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, Span, SpanContext, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.telemetry.redaction import mask_named

__all__ = [
    "JsonLinesExporter",
    "Span",
    "batch_span",
    "configure_traces",
    "continued",
    "current_traceparent",
    "span",
    "tracer",
]
_PROPAGATOR = TraceContextTextMapPropagator()
_INSTRUMENTATION = "causeway"
MAX_LINKS = 100
"""Other traces that the span of a batch names; the SDK would drop what is over 128 in silence."""

Attribute = str | bool | int | float


def configure_traces(*, service: str, export_path: Path | None) -> None:
    """Record spans under the service's name; write them as JSON lines when a path is given.

    The path is a file, or a directory, in which each process makes a file of its own.
    Call it once a process (a role does). A later call adds its file to the first provider,
    because OpenTelemetry keeps one provider a process.
    """
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}))
        trace.set_tracer_provider(provider)
    if export_path is not None:
        if export_path.is_dir():
            export_path /= f"{service}-{os.getpid()}.jsonl"
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
def span(
    name: str,
    *,
    parent: str | None = None,
    links: Sequence[str] = (),
    **attributes: Attribute,
) -> Iterator[Span]:
    """Open a span; `parent` is the text of a traceparent, None = under the span that is open.

    `links` are traceparents of other traces that this work serves too. An exception marks the span
    with its class only (a message may quote a CRM's answer).
    """
    context = _PROPAGATOR.extract({"traceparent": parent}, context=Context()) if parent else None
    with tracer().start_as_current_span(
        name,
        context=context,
        links=[Link(found) for link in links if (found := _read(link)).is_valid],
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as opened:
        try:
            yield opened
        except Exception as error:
            opened.set_status(StatusCode.ERROR, type(error).__name__)
            raise


@contextmanager
def batch_span(
    name: str, traceparents: Sequence[str | None], **attributes: Attribute
) -> Iterator[Span]:
    """One span over work for several changes: in the trace of the first, linked to the others'."""
    known = list(dict.fromkeys(each for each in traceparents if each))
    parent = known[0] if known else None
    with span(name, parent=parent, links=known[1 : MAX_LINKS + 1], **attributes) as opened:
        yield opened


def continued(traceparent: str | None, opened: Span) -> str | None:
    """The traceparent for what follows `opened` in one change's trace.

    That of `opened` where it belongs to the change's trace (or the change has none yet), else the
    change's own: a batch's span stands in one trace only.
    """
    context = opened.get_span_context()
    if not context.is_valid:
        return traceparent
    if traceparent and _read(traceparent).trace_id != context.trace_id:
        return traceparent
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def _read(traceparent: str) -> SpanContext:
    """What a traceparent names; invalid for one that cannot be read."""
    context = _PROPAGATOR.extract({"traceparent": traceparent}, context=Context())
    return trace.get_current_span(context).get_span_context()


class JsonLinesExporter(SpanExporter):
    """Appends finished spans to a file, one JSON object a line, values masked like log fields."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Write one batch with one append, so that several processes can share the file."""
        lines = "".join(json.dumps(_row(span), default=str) + "\n" for span in spans)
        try:
            with self._path.open("ab", buffering=0) as file:  # unbuffered: one write, one append
                file.write(lines.encode())
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
        "links": [format(link.context.trace_id, "032x") for link in span.links],
    }
