"""The services of the setup over their in-memory fakes, in the states that their routes know."""

import asyncio
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any, Protocol
from uuid import UUID

from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from services.connection.api import Parts
from services.connection.api import routes as connection_routes
from services.mapping.handlers.choice import choose_recommended
from services.mapping.handlers.drafts import begin_draft
from services.mapping.handlers.finish import finish_setup
from services.mapping.handlers.versions import Author
from services.package_watcher.api import Doors
from services.package_watcher.api import routes as package_routes
from services.package_watcher.handlers.lifecycle import note_connection
from services.package_watcher.ports import LayoutSeen
from shared.crm.hosts import SALESFORCE_HOSTS, check_base_url
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.security.tokens import Role, TokenKey
from shared.web.app import create_app
from shared.web.guard import Guard
from tests.factories.bearers import bearer
from tests.factories.standings import stamps
from tests.unit.connection.desk import Desk
from tests.unit.connection.fakes import FakeWork
from tests.unit.mapping.office import ESTABLISHED, ID, NOON, Noon, Office
from tests.unit.mapping.review.samples import full
from tests.unit.package_watcher import fakes as packages
from tests.unit.package_watcher.fake_windows import NoLayouts


class Deployment(Protocol):
    """One service. A test puts it into one of its `stages` before each request."""

    @property
    def stages(self) -> tuple[str, ...]: ...

    def app(self) -> FastAPI:
        """Its routes; made once, whatever the state."""
        ...

    def enter(self, stage: str) -> UUID:
        """Puts it into a state; answers the id of the connection that it knows."""
        ...

    def headers(self) -> dict[str, str]:
        """Of an admin."""
        ...

    def etag(self, path: str) -> str:
        """The newest ETag of what a path changes."""
        ...


class MappingService:
    """Nothing but a connection, a draft, settings that wait, and a sync that runs."""

    stages = ("new", "drafting", "chosen", "running")

    def __init__(self) -> None:
        self._office = Office(full())
        self._states: dict[str, Any] = {}

    def app(self) -> FastAPI:
        return self._office.app()

    def enter(self, stage: str) -> UUID:
        if stage not in self._states:
            self._office.reset()
            asyncio.run(self._walk(stage))
            self._states[stage] = self._office.store.state
        self._office.store.state = self._states[stage].copied()
        return ID

    def headers(self) -> dict[str, str]:
        return self._office.bearer(Role.ADMIN)

    def etag(self, path: str) -> str:
        setup = self._office.store.state.setups[ID]
        number = setup.draft_revision if "/draft" in path else setup.version
        return f'"{number}"'

    async def _walk(self, stage: str) -> None:
        office, author = self._office, Author("ada", NOON)
        await office.connect()
        if stage == "drafting":
            await begin_draft(office.store, office.crms, ID, author)
        elif stage != "new":
            await choose_recommended(office.store, office.crms, ID, author)
        if stage == "running":
            await finish_setup(
                office.store, office.crms, office.lookups, ID, acknowledged=(), author=author
            )


class ConnectionService:
    """Nothing at all, a connection that was begun, and one that stands."""

    stages = ("empty", "begun", "established")

    def __init__(self) -> None:
        self._desk = Desk()
        self._key = TokenKey.generate()
        self._app: FastAPI | None = None
        self._ids: dict[str, UUID] = {}
        self._states: dict[str, Any] = {}

    def app(self) -> FastAPI:
        if self._app is None:
            desk = self._desk
            parts = Parts(
                store=desk.store,
                crms=desk.crms,
                guard=Guard(self._key, audience="connection", clock=SystemClock()),
                public_url="https://causeway.example",
                hubspot_app_id="77",
                check_domain=_salesforce_host,
                new_id=desk.new_id,
                new_secret=desk.new_secret,
                pause=desk.pause,
                scout=desk.scout,
            )
            self._app = _app("connection", connection_routes(parts))
        return self._app

    def enter(self, stage: str) -> UUID:
        if stage not in self._states:
            self._desk.store.state = FakeWork()
            asyncio.run(self._walk(stage))
            self._states[stage] = deepcopy(self._desk.store.state)
        self._desk.store.state = deepcopy(self._states[stage])
        return self._ids[stage]

    def headers(self) -> dict[str, str]:
        return bearer(self._key, Role.ADMIN, service="connection")

    def etag(self, path: str) -> str:
        return f'"{len(path)}"'

    async def _walk(self, stage: str) -> None:
        match stage:
            case "empty":
                self._ids[stage] = new_id()
            case "begun":
                self._ids[stage] = (await self._desk.create())[0].id
            case _:
                self._ids[stage] = (await self._desk.established()).id


class Bare(NoLayouts):
    """An org without layouts."""

    async def layouts(self, connection_id: UUID) -> Sequence[LayoutSeen]:
        return []


class PackageService:
    """An org that waits for its package."""

    stages = ("waiting",)

    def __init__(self) -> None:
        self._store = packages.FakeStore()
        self._key = TokenKey.generate()
        self._app: FastAPI | None = None

    def app(self) -> FastAPI:
        if self._app is None:
            guard = Guard(self._key, audience="package_watcher", clock=Noon())
            vault = packages.FakeVault()
            doors = Doors(self._store, guard, new_id, vault, "1.1", Bare())
            self._app = _app("package_watcher", package_routes(doors))
        return self._app

    def enter(self, stage: str) -> UUID:
        assert stage in self.stages
        self._store.state = packages.State()
        asyncio.run(self._connect())
        return ID

    def headers(self) -> dict[str, str]:
        return bearer(self._key, Role.ADMIN, service="package_watcher", now=NOON)

    def etag(self, path: str) -> str:
        return f'"{len(path)}"'

    async def _connect(self) -> None:
        async with self._store.begin() as work:
            await note_connection(work, ID, ESTABLISHED, next(stamps()), installation_id=new_id())


DEPLOYMENTS: dict[str, Callable[[], Deployment]] = {
    "connection": ConnectionService,
    "mapping": MappingService,
    "package_watcher": PackageService,
}


def _app(title: str, router: Any) -> FastAPI:
    return create_app(title=title, routers=[router], checks={}, registry=CollectorRegistry())


def _salesforce_host(host: str) -> str:
    checked = check_base_url(f"https://{host}", allowed_hosts=SALESFORCE_HOSTS)
    return checked.removeprefix("https://")
