import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from shared.telemetry.logs import configure_logs, get_logger
from shared.telemetry.traces import configure_traces, span

PLANTED = (
    "planted-access-token",
    "planted-client-secret",
    "planted-password",
    "ada@example.com",
    "grace@example.org",
    "+49 170 1234567",
    "00D5g000001abcd!planted.session",
)


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    # pytest gives each phase a stream of its own, so each test configures the logs itself.
    root = logging.getLogger()
    before = (root.handlers, root.level)
    yield
    root.handlers, root.level = before
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    captured = capsys.readouterr()
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


def test_a_line_says_what_when_where_and_who(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(service="quota")
    get_logger("shared.x").warning("lane lost", lane="contact", waited=1.5)
    (line,) = lines(capsys)
    assert line.pop("time").endswith("Z")
    assert line == {
        "event": "lane lost",
        "lane": "contact",
        "waited": 1.5,
        "level": "warning",
        "logger_name": "shared.x",
        "service": "quota",
    }


def test_a_line_inside_a_span_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(service="quota")
    configure_traces(service="quota", export_path=None)
    with span("work") as opened:
        get_logger("x").info("here")
    (line,) = lines(capsys)
    context = opened.get_span_context()
    assert line["trace_id"] == format(context.trace_id, "032x")
    assert line["span_id"] == format(context.span_id, "016x")


def test_libraries_write_the_same_kind_of_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(service="quota")
    logging.getLogger("alembic").info("at %s", "head")
    (line,) = lines(capsys)
    assert (line["event"], line["logger_name"], line["level"]) == ("at head", "alembic", "info")


def test_the_level_holds_for_both_kinds(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(service="quota", level="warning")
    get_logger("x").info("no")
    logging.getLogger("y").info("no")
    get_logger("x").warning("yes")
    assert [line["event"] for line in lines(capsys)] == ["yes"]


def leak() -> None:
    raise RuntimeError(
        "refused: access_token=planted-access-token for ada@example.com "
        "at postgresql://app:planted-password@db/causeway"
    )


def test_no_planted_secret_or_address_reaches_the_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs(service="quota")
    log = get_logger("x")
    structlog.contextvars.bind_contextvars(actor="grace@example.org", refresh_token=PLANTED[0])
    log.info("synced ada@example.com", email="ada@example.com", phone="+49 170 1234567")
    log.info("grant", body={"access_token": PLANTED[0], "nested": [{"client_secret": PLANTED[1]}]})
    log.info("header", value="Bearer planted-access-token")
    log.info("session", value="sid=00D5g000001abcd!planted.session")
    log.bind(password=PLANTED[2]).info("bound")
    try:
        leak()
    except RuntimeError:
        log.exception("failed for %s", "grace@example.org")
        logging.getLogger("library").exception("failed for %s", "ada@example.com")
    logging.getLogger("library").warning("%s", {"client_secret": PLANTED[1], "to": PLANTED[4]})

    captured = capsys.readouterr().err
    assert len(captured.splitlines()) == 8
    assert [planted for planted in PLANTED if planted in captured] == []
    assert "RuntimeError" in captured


def test_an_error_that_is_passed_by_hand_is_masked_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs(service="quota")
    get_logger("x").error("failed", exc_info=ValueError("about ada@example.com"))
    (line,) = lines(capsys)
    assert "ValueError: about [redacted]" in line["exception"]
