import json
import subprocess
import sys
from pathlib import Path

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult

from shared.telemetry.traces import (
    MAX_LINKS,
    JsonLinesExporter,
    batch_span,
    configure_traces,
    continued,
    current_traceparent,
    span,
    tracer,
)

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(autouse=True)
def _traces() -> None:
    configure_traces(service="tests", export_path=None)


def test_outside_of_a_span_there_is_no_traceparent() -> None:
    assert current_traceparent() is None


def test_a_span_continues_its_parents_trace() -> None:
    with span("work", parent=PARENT):
        inside = current_traceparent()
    assert inside is not None
    assert inside.split("-")[1] == "0af7651916cd43dd8448eb211c80319c"
    assert inside.split("-")[2] != "b7ad6b7169203331"
    assert current_traceparent() is None


def test_a_span_inside_a_span_is_its_child() -> None:
    with span("outer"):
        outer = current_traceparent()
        with span("inner"):
            inner = current_traceparent()
    assert outer is not None
    assert inner is not None
    assert inner.split("-")[1] == outer.split("-")[1]


@pytest.mark.parametrize("parent", ["", "nonsense", "00-zz-zz-01", None])
def test_a_parent_that_cannot_be_read_starts_a_new_trace(parent: str | None) -> None:
    with span("work", parent=parent):
        assert current_traceparent() is not None


def test_an_error_passes_through() -> None:
    with pytest.raises(ValueError, match="x"), span("work"):
        raise ValueError("x")


def exported(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def exporting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "traces.jsonl"
    provider = TracerProvider(resource=Resource.create({"service.name": "quota"}))
    provider.add_span_processor(SimpleSpanProcessor(JsonLinesExporter(path)))
    monkeypatch.setattr("shared.telemetry.traces.tracer", lambda: provider.get_tracer("test"))
    return path


def test_finished_spans_are_lines_of_json(exporting: Path) -> None:
    with span("drain", parent=PARENT, lane="contact", rows=3):
        pass
    (row,) = exported(exporting)
    assert row["name"] == "drain"
    assert row["service"] == "quota"
    assert row["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
    assert row["parent_id"] == "b7ad6b7169203331"
    assert row["attributes"] == {"lane": "contact", "rows": 3}
    assert row["status"] == "UNSET"


def test_no_secret_reaches_the_file(exporting: Path) -> None:
    with (
        pytest.raises(RuntimeError),
        span("call", to="ada@example.com", access_token="planted"),
    ):
        raise RuntimeError("about grace@example.org")
    (row,) = exported(exporting)
    assert row["attributes"] == {"to": "[redacted]", "access_token": "[redacted]"}
    assert (row["status"], row["error"]) == ("ERROR", "RuntimeError")
    assert "grace" not in exporting.read_text()


def test_a_file_that_cannot_be_written_fails_the_export_alone(tmp_path: Path) -> None:
    assert JsonLinesExporter(tmp_path).export([]) is SpanExportResult.FAILURE


def other(number: int) -> str:
    return f"00-{number:032x}-{number:016x}-01"


def test_a_batch_stands_in_its_first_trace_and_is_linked_to_the_others(exporting: Path) -> None:
    with batch_span("drain", [None, PARENT, other(1), PARENT, "nonsense", other(2)], rows=6):
        pass
    (row,) = exported(exporting)
    assert row["parent_id"] == "b7ad6b7169203331"
    assert row["links"] == [f"{1:032x}", f"{2:032x}"]
    assert row["attributes"] == {"rows": 6}


def test_a_batch_without_traces_begins_one(exporting: Path) -> None:
    with batch_span("drain", [None]):
        pass
    assert [row["parent_id"] for row in exported(exporting)] == [None]


def test_the_links_of_a_batch_are_bounded(exporting: Path) -> None:
    with batch_span("drain", [other(number) for number in range(1, 500)]):
        pass
    (row,) = exported(exporting)
    assert isinstance(row["links"], list)
    assert len(row["links"]) == MAX_LINKS


def test_what_follows_a_span_hangs_under_it_in_its_own_trace_only() -> None:
    with span("publish", parent=PARENT) as opened:
        here = current_traceparent()
        assert continued(PARENT, opened) == here
        assert continued(None, opened) == here
        assert continued(other(1), opened) == other(1)


def test_each_process_writes_a_file_of_its_own_into_a_directory(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path;"
        "from shared.telemetry.traces import configure_traces, span;"
        "configure_traces(service='quota', export_path=Path(sys.argv[1]));"
        "span('work').__enter__().end()"
    )
    for _ in range(2):
        subprocess.run(  # noqa: S603 - our own interpreter on our own text
            [sys.executable, "-W", "error", "-c", program, str(tmp_path)], check=True, timeout=60
        )
    files = sorted(tmp_path.glob("quota-*.jsonl"))
    assert [[row["name"] for row in exported(file)] for file in files] == [["work"], ["work"]]


def test_the_tracer_is_causeways() -> None:
    assert tracer() is not None
