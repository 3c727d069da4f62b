"""A request seen from outside: its id, span, log line and number, and the last resort."""

import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kernel.ids import new_id
from shared.telemetry.logs import get_logger
from shared.telemetry.metrics import Metrics
from shared.telemetry.traces import Span, span
from shared.web.problems import http_problem, internal_problem

_LOG = get_logger(__name__)
_SERVER_ERROR = 500
_ERROR = 400
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})  # asked every few seconds
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    # A page brings its own policy (the one shown inside Salesforce allows that frame).
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class ObservedRequests:
    """ASGI middleware around everything else.

    Every answer carries security headers (unless the route set them) and `X-Request-Id`, which
    is the trace id. An exception that nothing handled becomes a 500 problem without details;
    the log line with the same id has them.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._seconds = metrics.histogram(
            "causeway_http_request_seconds",
            "Time from a request's arrival to the end of its answer",
            ("method", "route", "status"),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (anything else passes)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        parent = Headers(scope=scope).get("traceparent")
        started = time.perf_counter()
        with span("HTTP", parent=parent) as opened:
            answer = _Answer(send, _request_id(opened))
            with structlog.contextvars.bound_contextvars(request_id=answer.request_id):
                await self._run(scope, receive, answer)
                self._record(scope, opened, answer, time.perf_counter() - started)

    def _record(self, scope: Scope, opened: Span, answer: "_Answer", seconds: float) -> None:
        method, route, status = _method(scope), _route(scope), answer.status
        opened.update_name(f"{method} {route}")
        opened.set_attribute("http.response.status_code", status)
        self._seconds.labels(method, route, str(status)).observe(seconds)
        # What went well is counted and traced; a line for each would be most of the log.
        say = _LOG.info if status >= _ERROR else _LOG.debug
        if scope["path"] not in _QUIET_PATHS:
            say("request", method=method, route=route, status=status, seconds=round(seconds, 4))

    async def _run(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._app(scope, receive, answer.send)
        except Exception:  # noqa: BLE001 - logged below; the caller gets a 500 problem
            _LOG.exception("request failed", method=_method(scope), route=_route(scope))
            if not answer.started:
                await internal_problem(answer.request_id).response()(scope, receive, answer.send)


class _Answer:
    """Watches one answer go out, and puts the headers on it."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self.request_id = request_id
        self.started = False
        self.status = _SERVER_ERROR
        self._replacement: bytes | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start(message)
        elif self._replacement is not None:
            message = {**message, "body": self._replacement}
            self._replacement = b""
        await self._send(message)

    def _start(self, message: Message) -> None:
        self.started = True
        self.status = message["status"]
        message.setdefault("headers", [])
        headers = MutableHeaders(scope=message)
        if self.status >= _ERROR and headers.get("content-type", "").startswith("text/plain"):
            # Only the framework itself answers in plain text (its limit on bodies does).
            problem = http_problem(self.status).response()
            self._replacement = bytes(problem.body)
            headers["content-type"] = problem.headers["content-type"]
            headers["content-length"] = problem.headers["content-length"]
        for name, value in _SECURITY_HEADERS.items():
            headers.setdefault(name, value)
        headers["X-Request-Id"] = self.request_id


def _request_id(opened: Span) -> str:
    """The trace id, or one of our own where no traces are recorded: 32 hexadecimal digits."""
    context = opened.get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else new_id().hex


def _method(scope: Scope) -> str:
    """The method as a label: invented ones must not make new time series."""
    method = str(scope["method"])
    return method if method in _METHODS else "OTHER"


def _route(scope: Scope) -> str:
    """The path's template, never the path: ids and callback codes stay out of logs and labels."""
    # The route itself only knows its path below the router that it was included from.
    whole = scope.get("fastapi", {}).get("effective_route_context")
    path = getattr(whole, "path_format", None) or getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else "unmatched"
