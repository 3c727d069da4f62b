"""The web application: OAuth pages, the data API behind one door, the control plane."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.simulators.machinery.control import Machinery
from tests.simulators.machinery.control import router as machinery_router
from tests.simulators.machinery.faults import FaultBoard
from tests.simulators.machinery.misbehaviour import Misbehaviour
from tests.simulators.machinery.pages import routes as page_routes
from tests.simulators.machinery.recent import Watching
from tests.simulators.machinery.server import READY_NOTE
from tests.simulators.machinery.snapshot import Keeper
from tests.simulators.salesforce import admin, control, identity, oauth, packaging, tokens
from tests.simulators.salesforce.dispatcher import Dispatcher, versions
from tests.simulators.salesforce.errors import (
    SalesforceError,
    bad_json,
    limit_exceeded,
    session_expired,
)
from tests.simulators.salesforce.fault_codes import ROW_CODES, canned
from tests.simulators.salesforce.layouts import routes as layout_routes
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.outbound import routes as outbound_routes
from tests.simulators.salesforce.outbound.sender import OutboundSender
from tests.simulators.salesforce.pubsub import routes as change_event_routes
from tests.simulators.salesforce.pubsub.server import serving
from tests.simulators.salesforce.record_pages import OrgPages
from tests.simulators.salesforce.settings import Settings
from tests.simulators.salesforce.soap import routes as soap_routes
from tests.simulators.salesforce.wire import Call, Reply

JSON_TYPE = "application/json;charset=UTF-8"
CSV_TYPE = "text/csv"
DATA = "/services/data/"
MAX_URI = 16_384
"""Bytes of a URI, and of all headers (facts: section 2)."""
UPLOAD = re.compile(DATA + r"v[^/]+/jobs/ingest/[^/]+/batches/?")
"""The one resource that takes CSV."""
API_SCOPES = frozenset({"api", "full", "web"})
METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"]
WRITING = frozenset({"POST", "PATCH", "DELETE"})
ROW_FAULT = "row_fault"
router = APIRouter()


def create_app(settings: Settings) -> ASGIApp:
    """The application of one org, faults included."""
    machinery = Machinery()
    org = Org(settings, machinery)
    app = FastAPI(
        title="Simulated Salesforce org", lifespan=_running, docs_url=None, redoc_url=None
    )
    app.state.machinery = machinery
    app.state.org = org
    app.state.shown = OrgPages(org)
    app.state.keeper = keeper = _keeper(org)
    if keeper is not None:
        keeper.load_if_there()
    app.state.dispatcher = Dispatcher(org)
    app.include_router(oauth.router)
    app.include_router(tokens.router)
    app.include_router(identity.router)
    app.include_router(packaging.router)
    app.include_router(soap_routes.router)
    app.include_router(router)
    app.include_router(page_routes.router)
    if settings.control:
        app.include_router(control.router)
        app.include_router(admin.router)
        app.include_router(outbound_routes.router)
        app.include_router(change_event_routes.router)
        app.include_router(layout_routes.router)
        app.include_router(machinery_router)
    outer = Misbehaviour(app, board=machinery.faults, answer=canned)
    inner = _RowFaults(app, outer, machinery.faults)
    return Watching(inner, recent=machinery.recent, clock=machinery.clock)


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[Mapping[str, str]]:
    """Outbound messages go out, and change events are served, while the application runs."""
    org: Org = app.state.org
    task = asyncio.create_task(OutboundSender(org).run())
    async with serving(org, org.settings.pubsub_port) as app.state.pubsub:
        server = app.state.pubsub
        yield {READY_NOTE: f"pubsub {server.address}"} if server else {}
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    if app.state.keeper is not None:
        app.state.keeper.save()


def _keeper(org: Org) -> Keeper | None:
    """What writes the state down, if the org is told to."""
    if org.settings.snapshot is None:
        return None
    whose = f"salesforce org {org.settings.org_id}"
    return Keeper(org.settings.snapshot, whose, org, {"settings": org.settings})


class _RowFaults:
    """Lets calls run whose fault hits the single rows: each row then fails in its own reply."""

    def __init__(self, app: ASGIApp, outer: ASGIApp, board: FaultBoard) -> None:
        self._app = app
        self._outer = outer
        self._board = board

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        code = self._taken(scope) if scope["type"] == "http" else ""
        if not code:
            await self._outer(scope, receive, send)
            return
        scope.setdefault("state", {})[ROW_FAULT] = code
        await self._app(scope, receive, send)

    def _taken(self, scope: Scope) -> str:
        method, path = scope["method"], scope["path"]
        if method not in WRITING or not path.startswith(DATA):
            return ""
        first = next((one for one in self._board.waiting() if one.hits(method, path)), None)
        if first is None or first.kind != "http" or first.code not in ROW_CODES:
            return ""
        self._board.take(method, path)
        return first.code


@router.get("/services/data")
@router.get(DATA)
async def list_versions(request: Request) -> Response:
    """The versions: no token, no quota, no limit header."""
    return _json(Reply(200, versions(request.app.state.org.switches.latest_version)))


@router.api_route(DATA + "v{rest:path}", methods=METHODS)
async def data(request: Request) -> Response:
    """Everything below a version."""
    org: Org = request.app.state.org
    try:
        call = await _call(request, org)
    except SalesforceError as problem:
        return _finished(org, Reply(problem.status, problem.as_array()))
    dispatcher: Dispatcher = request.app.state.dispatcher
    name = dispatcher.name_of(call)
    now = org.clock.seconds()
    if org.at_the_cap():
        org.machinery.calls.reject(name)
        refusal = limit_exceeded()
        return _finished(org, Reply(refusal.status, refusal.as_array()))
    reply = dispatcher.handle(call)
    org.limit.add(now, reply.calls)
    org.machinery.calls.accept(name, reply.calls)
    return _finished(org, reply)


async def _call(request: Request, org: Org) -> Call:
    user_id = _user(request, org)
    raw = request.scope["raw_path"].decode("latin-1").partition("?")[0]
    version, slash, rest = raw.removeprefix(DATA + "v").partition("/")
    query = request.scope["query_string"].decode("latin-1")
    if len(raw) + len(query) > MAX_URI:
        raise SalesforceError(414, "URI_TOO_LONG", "The URI is too long")
    if sum(len(name) + len(value) for name, value in request.headers.raw) > MAX_URI:
        raise SalesforceError(431, "REQUEST_HEADER_TOO_LARGE", "The headers are too long")
    parts = await _parts(request)
    return Call(
        method=request.method,
        version=version,
        path=(slash + rest).rstrip("/"),
        query=dict(parse_qsl(query, keep_blank_values=True)),
        headers=dict(request.headers),
        body=None if parts else await _content(request),
        parts=parts,
        user_id=user_id,
        row_fault=request.scope.get("state", {}).get(ROW_FAULT, ""),
    )


def _user(request: Request, org: Org) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme and scheme.lower() not in {"bearer", "oauth"}:
        raise SalesforceError(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
    session = org.grants.session(token.strip(), org.switches.session_timeout_seconds)
    if session is None:
        raise session_expired()
    if org.switches.session_refusal:
        raise SalesforceError(401, "INVALID_SESSION_ID", org.switches.session_refusal)
    if not API_SCOPES.intersection(session.scopes):
        message = "One of the following scopes is required: api, full, web"
        raise SalesforceError(401, "INVALID_SESSION_ID", message)
    org.rights.check_api(session.user.id)
    return session.user.id


async def _parts(request: Request) -> dict[str, bytes]:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return {}
    form = await request.form()
    return {
        name: await part.read() if isinstance(part, UploadFile) else part.encode()
        for name, part in form.items()
    }


async def _content(request: Request) -> Any:
    data = await request.body()
    if UPLOAD.fullmatch(request.url.path) and request.method == "PUT":
        return _csv(data, request.headers)
    return _body(data, request.headers)


def _csv(data: bytes, headers: Mapping[str, str]) -> bytes:
    if not headers.get("content-type", "").startswith(CSV_TYPE):
        raise _not_supported(headers)
    return data


def _not_supported(headers: Mapping[str, str]) -> SalesforceError:
    message = f"Content type {headers.get('content-type', '')} is not supported"
    return SalesforceError(415, "UNSUPPORTED_MEDIA_TYPE", message)


def _body(data: bytes, headers: Mapping[str, str]) -> Any:
    if not data:
        return None
    if "json" not in headers.get("content-type", "json"):
        raise _not_supported(headers)
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise bad_json(f"Unexpected input at [line:1, column:1]: {wrong}") from wrong


def _finished(org: Org, reply: Reply) -> Response:
    response = _json(reply)
    response.headers["Sforce-Limit-Info"] = org.limit_header()
    return response


def _json(reply: Reply) -> Response:
    if reply.body is None:
        return Response(status_code=reply.status, headers=dict(reply.headers))
    if isinstance(reply.body, bytes):
        return Response(reply.body, reply.status, dict(reply.headers), media_type=CSV_TYPE)
    content = msgspec.json.encode(reply.body)
    return Response(content, reply.status, dict(reply.headers), media_type=JSON_TYPE)
