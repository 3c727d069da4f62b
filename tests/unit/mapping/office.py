"""The routes of the mapping service over fakes, as an ASGI app, and a client of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from services.mapping.api import routes
from services.mapping.domain.model import Catalogue
from services.mapping.handlers.lifecycle import note_lifecycle
from shared.contracts.base import Event
from shared.contracts.connection import ConnectionEstablished
from shared.contracts.package_watcher import PackageInstalled, VisualforceSkipped
from shared.security.tokens import Role, TokenKey
from shared.web.app import create_app
from shared.web.guard import Guard
from tests.factories.bearers import bearer
from tests.unit.mapping.fakes import FakeCrms, FakeStore, State
from tests.unit.mapping.lookups import FakeLookups

ID = UUID("01890000-0000-7000-8000-000000000001")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SETUP = f"/api/v1/setup/{ID}"
DRAFT = f"{SETUP}/draft"
SETTINGS = f"/api/v1/settings/{ID}"
PREFIX = "urn:causeway:problem:"
ESTABLISHED = ConnectionEstablished(
    portal_id="62",
    org_id="00D1",
    environment="production",
    instance_url="https://acme.my.salesforce.com",
    hubspot_app_id="7",
    salesforce_user_id="0051",
)


class Noon:
    """A clock that stands."""

    def now(self) -> datetime:
        return NOON


class Office:
    """One deployment of the service in memory."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.key = TokenKey.generate()
        self.store = FakeStore()
        self.crms = FakeCrms(self.store, catalogue)
        self.lookups = FakeLookups(self.store)
        self._app: FastAPI | None = None

    def reset(self) -> None:
        """As on the first day. Making the routes anew would take a second a test."""
        self.store.state = State()
        self.lookups.reset()

    def app(self) -> FastAPI:
        """Its routes, guarded as in production; made once."""
        if self._app is None:
            self._app = self._made()
        return self._app

    def _made(self) -> FastAPI:
        guard = Guard(self.key, audience="mapping", clock=Noon())
        router = routes(self.store, self.crms, self.lookups, guard=guard, clock=Noon())
        registry = CollectorRegistry()
        return create_app(title="mapping", routers=[router], checks={}, registry=registry)

    def bearer(self, role: Role) -> dict[str, str]:
        """The header of somebody with a role."""
        return bearer(self.key, role, service="mapping", now=NOON)

    @asynccontextmanager
    async def client(self, role: Role = Role.ADMIN) -> AsyncIterator[httpx2.AsyncClient]:
        """Somebody's client."""
        transport = httpx2.ASGITransport(app=self.app())
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://mapping", headers=self.bearer(role)
        ) as made:
            yield made

    async def hear(self, *events: Event, connection_id: UUID = ID) -> None:
        """Events of other services."""
        async with self.store.begin() as work:
            for event in events:
                await note_lifecycle(work, connection_id, event)

    async def connect(self, connection_id: UUID = ID) -> None:
        """Every step before the choice is done."""
        await self.hear(
            ESTABLISHED,
            PackageInstalled(method="deploy"),
            VisualforceSkipped(),
            connection_id=connection_id,
        )

    @property
    def sent(self) -> list[str]:
        """What was published, by name."""
        return [type(event).__name__ for event in self.store.sent]


def kind(answer: httpx2.Response) -> tuple[int, str]:
    """Status and type of a problem."""
    return answer.status_code, answer.json()["type"].removeprefix(PREFIX)


def fields(answer: httpx2.Response) -> list[str]:
    """The fields that a problem names."""
    return [error["field"] for error in answer.json()["errors"]]


def etag(answer: httpx2.Response) -> dict[str, str]:
    """The If-Match that goes on from an answer."""
    return {"If-Match": answer.headers["etag"]}


def codes(body: dict[str, Any]) -> list[str]:
    """The codes of the problems in a draft or a review."""
    return [problem["code"] for problem in body["problems"]]
