"""Spans that are kept in memory, to be looked at."""

from collections.abc import Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


class RecordedSpans:
    """The spans that end while a test runs, in the order of their ends."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        provider = TracerProvider()
        self._kept = InMemorySpanExporter()
        provider.add_span_processor(SimpleSpanProcessor(self._kept))
        tracer = provider.get_tracer("test")
        monkeypatch.setattr("shared.telemetry.traces.tracer", lambda: tracer)

    @property
    def ended(self) -> Sequence[ReadableSpan]:
        """All of them."""
        return self._kept.get_finished_spans()

    @property
    def names(self) -> list[str]:
        """Their names."""
        return [span.name for span in self.ended]

    def one(self, name: str) -> ReadableSpan:
        """The only span of that name."""
        (found,) = [span for span in self.ended if span.name == name]
        return found


def trace_of(span: ReadableSpan) -> str:
    """The trace's id in hexadecimal, as a traceparent has it."""
    return format(span.get_span_context().trace_id, "032x")  # type: ignore[union-attr]


def traceparent_of(span: ReadableSpan) -> str:
    """The traceparent that a span hands on."""
    context = span.get_span_context()
    assert context is not None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-01"
