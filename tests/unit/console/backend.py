"""The other services as the console sees them: one application that holds state and roles."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx2
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from prometheus_client import CollectorRegistry
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint

from shared.kernel.clock import Clock
from shared.security.tokens import Principal, TokenKey
from shared.web.app import create_app
from shared.web.guard import Credentials, Guard
from shared.web.problems import Problem
from tests.unit.console import samples

OWNERS = {
    "connections": "connection",
    "packages": "package_watcher",
    "setup": "mapping",
    "settings": "mapping",
    "quota": "quota",
    "records": "contact_sync",
    "journal": "contact_sync",
    "errors": "contact_sync",
    "imports": "contact_sync",
    "activities": "activity_sync",
}


class Backend:
    """What the services hold. `dead` ones do not answer, `refusing` ones refuse every command."""

    def __init__(self, token_key: TokenKey, clock: Clock) -> None:
        self.guard = Guard(token_key, audience="test", clock=clock)
        self.guards = {
            owner: Guard(token_key, audience=owner, clock=clock) for owner in OWNERS.values()
        }
        self.reset()
        self.app = self._app()

    def reset(self) -> None:
        """Nothing is connected, everybody answers."""
        self.connections: dict[str, dict[str, Any]] = {}
        self.setups: dict[str, dict[str, Any]] = {}
        self.packages: dict[str, dict[str, Any]] = {}
        self.settings: dict[str, dict[str, Any]] = {}
        self.quotas: dict[str, dict[str, Any]] = {}
        self.waiting: dict[str, Any] = {"records": 0, "oldest": None}
        self.records: list[dict[str, Any]] = []
        self.journal: list[dict[str, Any]] = []
        self.errors: list[dict[str, Any]] = []
        self.imports: list[dict[str, Any]] = []
        self.activities: dict[str, list[dict[str, Any]]] = {"written": [], "waiting": []}
        self.timeline: dict[str, list[dict[str, Any]]] = {}
        self.next_cursor: str | None = None
        self.dead: set[str] = set()
        self.garbled: set[str] = set()
        self.refusing: Problem | None = None
        self.commands: list[tuple[str, Any, str]] = []
        self.read: list[str] = []

    def fill(self) -> None:
        """A connection that is set up and has worked."""
        here = samples.CONNECTION_ID
        self.connections[here] = samples.connection()
        self.setups[here] = samples.setup(done=6, sync="running")
        self.packages[here] = samples.package("installed")
        self.settings[here] = samples.settings()
        self.quotas[here] = samples.quota()
        self.waiting = {"records": 1234, "oldest": "2026-11-24T19:36:00+00:00"}
        self.records = [samples.link()]
        self.journal = [samples.write()]
        self.errors = [samples.parked()]
        self.imports = [samples.one_import()]
        self.activities = {
            "written": [samples.activity()],
            "waiting": [samples.waiting_activity()],
        }

    def _app(self) -> FastAPI:
        router = APIRouter(prefix="/api/v1")
        router.include_router(self._reading(), dependencies=[Depends(self._viewer)])
        router.include_router(self._connecting(), dependencies=[Depends(self.guard.admin)])
        router.include_router(self._acting("admin"), dependencies=[Depends(self.guard.admin)])
        router.include_router(self._acting("operator"), dependencies=[Depends(self.guard.operator)])
        app = create_app(
            title="the others", routers=[router], checks={}, registry=CollectorRegistry()
        )
        app.add_middleware(BaseHTTPMiddleware, dispatch=self._dispatch)
        return app

    async def _viewer(self, request: Request, credentials: Credentials) -> Principal:
        """A token of a service is good for the one that it was made for."""
        owner = OWNERS[request.url.path.split("/")[3]]
        return await self.guards[owner].viewer(credentials)

    async def _dispatch(self, request: Request, following: RequestResponseEndpoint) -> Response:
        owner = OWNERS[request.url.path.split("/")[3]]
        if owner in self.dead:
            raise httpx2.ConnectError("nobody listens")
        if owner in self.garbled:
            return Response("<html>a proxy</html>")
        self.read.append(str(request.url.path))
        return await following(request)

    def _reading(self) -> APIRouter:
        router = APIRouter()

        @router.get("/connections")
        async def connections() -> Any:
            return self._page(list(self.connections.values()))

        for name, held in (
            ("connections", lambda: self.connections),
            ("setup", lambda: self.setups),
            ("packages", lambda: self.packages),
            ("quota", lambda: self.quotas),
        ):
            router.get(f"/{name}/{{connection_id}}")(_one(held))

        @router.get("/settings/{connection_id}")
        async def settings(connection_id: str) -> Any:
            return {"settings": self.settings.get(connection_id), "sync": "running"}

        @router.get("/records/waiting/{connection_id}")
        async def waiting(connection_id: UUID) -> Any:
            return {**self.waiting, "of": str(connection_id)}

        self._add_lists(router)
        return router

    def _add_lists(self, router: APIRouter) -> None:
        @router.get("/records")
        async def records(
            connection_id: UUID, limit: int, cursor: str = "", record: str = ""
        ) -> Any:
            found = [i for i in self.records if not record or record in _ids(i)]
            return self._page(found[:limit], connection_id, cursor)

        @router.get("/records/{link_id}")
        async def record(link_id: str, connection_id: UUID) -> Any:
            found = [item for item in self.records if item["id"] == link_id]
            return {**(found or [_missing()])[0], "of": str(connection_id)}

        @router.get("/journal")
        async def journal(connection_id: UUID, limit: int, record: str = "") -> Any:
            found = [i for i in self.journal if not record or record in _ids(i)]
            return self._page(found[:limit], connection_id)

        @router.get("/errors")
        async def errors(connection_id: UUID, limit: int) -> Any:
            return self._page(self.errors[:limit], connection_id)

        @router.get("/imports")
        async def imports(connection_id: UUID) -> Any:
            return self._page(self.imports, connection_id)["items"]

        @router.get("/activities")
        async def activities(connection_id: UUID, state: str = "written") -> Any:
            return self._page(self.activities[state], connection_id)

        @router.get("/activities/timeline")
        async def timeline(connection_id: UUID, contact: str, limit: int) -> Any:
            assert connection_id
            return self.timeline.get(contact, [])[:limit]

    def _page(self, items: list[Any], *_asked: object) -> dict[str, Any]:
        return {"items": items, "next_cursor": self.next_cursor}

    def _connecting(self) -> APIRouter:
        router = APIRouter()

        @router.post("/connections", status_code=201)
        async def create(request: Request) -> Any:
            await self._note(request)
            return {"id": samples.CONNECTION_ID, "hubspot_authorize_url": samples.HUBSPOT_LINK}

        @router.post("/connections/{connection_id}/authorizations/{side}")
        async def authorize(request: Request, connection_id: UUID, side: str) -> Any:
            await self._note(request)
            return {"authorize_url": f"https://causeway.example/{connection_id}/{side}/ticket-2"}

        @router.get("/setup/{connection_id}/review")
        async def review(connection_id: UUID) -> Any:
            assert connection_id
            return {"acknowledge": ["leads-and-companies"], "problems": []}

        @router.post("/setup/{connection_id}/choice", status_code=201)
        async def choose(request: Request, connection_id: UUID) -> Any:
            await self._note(request)
            left_out = [{"hubspot_property": "fax"}]
            return {"settings": {}, "left_out": left_out, "of": str(connection_id)}

        return router

    def _acting(self, role: str) -> APIRouter:
        router = APIRouter()
        paths = {
            "admin": (
                "/packages/{connection_id}/installations",
                "/packages/{connection_id}/visualforce",
                "/setup/{connection_id}/finish",
            ),
            "operator": (
                "/settings/{connection_id}/pause",
                "/settings/{connection_id}/resume",
                "/imports",
                "/errors/{error_id}/retry",
            ),
        }
        for path in paths[role]:
            router.post(path)(self._command())
        return router

    def _command(self) -> Callable[..., Any]:
        async def command(request: Request) -> Any:
            await self._note(request)
            return {"state": "ok"}

        return command

    async def _note(self, request: Request) -> None:
        if self.refusing is not None:
            raise self.refusing
        body = await request.json() if await request.body() else None
        key = request.headers.get("Idempotency-Key", "")
        self.commands.append((request.url.path, body, key))


def _one(held: Callable[[], dict[str, dict[str, Any]]]) -> Callable[..., Any]:
    async def one(connection_id: str) -> Any:
        return held().get(connection_id) or _missing()

    return one


def _ids(item: dict[str, Any]) -> tuple[Any, Any]:
    return item.get("hubspot_id"), item.get("salesforce_id")


def _missing() -> dict[str, Any]:
    raise Problem(404, type="unknown", title="No such thing", detail="It was removed.")
