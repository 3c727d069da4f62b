"""Logs: one JSON object a line on stderr, redacted before anything else looks at them."""

import logging
import sys
import traceback
from typing import Any

import structlog
from opentelemetry import trace
from structlog.typing import EventDict, Processor, WrappedLogger

from shared.telemetry.redaction import mask_named, mask_text

# Loggers of libraries that tell of every packet or every job at INFO.
_QUIET = ("aio_pika", "aiormq", "asyncio", "httpcore", "httpx2", "uvicorn.access", "uvicorn.error")


def configure_logs(*, service: str, level: str = "INFO") -> None:
    """Send our logs and those of libraries to stderr as JSON lines, redaction first."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared = _shared_processors(service)
    structlog.configure(
        processors=[redact, *shared, structlog.processors.JSONRenderer(sort_keys=True)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=_to_stderr,
        cache_logger_on_first_use=False,
    )
    handler = _StderrHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[redact, _add_library_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(sort_keys=True),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(number)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger whose lines carry `logger_name: name`; safe to make before configure_logs."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(logger_name=name)
    return logger


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask secrets and personal values in every field, in the message and in the exception.

    It merges the context variables itself, because nothing may enter the line behind it.
    """
    event = {**structlog.contextvars.get_contextvars(), **event}
    rendered = _exception_text(event.pop("exc_info", None))
    masked = {
        key: value if key.startswith("_") else mask_named(key, value)
        for key, value in event.items()
    }
    if rendered:
        masked["exception"] = mask_text(rendered)
    return masked


class _StderrHandler(logging.Handler):
    """Writes to the stderr of the moment; a process that replaces it does not lose its logs."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            _to_stderr().msg(self.format(record))
        except Exception:  # noqa: BLE001 - what logging asks of every handler
            self.handleError(record)


def _to_stderr(*_name: str) -> structlog.PrintLogger:
    return structlog.PrintLogger(sys.stderr)


def _shared_processors(service: str) -> list[Processor]:
    def add_service(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["service"] = service
        return event

    return [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        add_service,
        _add_trace,
    ]


def _add_library_name(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    record: logging.LogRecord = event["_record"]
    event["logger_name"] = record.name
    return event


def _add_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = format(context.trace_id, "032x")
        event["span_id"] = format(context.span_id, "016x")
    return event


def _exception_text(exc_info: Any) -> str:
    """The traceback as text; libraries' objects in it are never rendered beyond their message."""
    if not exc_info:
        return ""
    if isinstance(exc_info, BaseException):
        return "".join(traceback.format_exception(exc_info))
    if isinstance(exc_info, tuple):
        return "".join(traceback.format_exception(*exc_info))
    return traceback.format_exc()
