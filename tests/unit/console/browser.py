"""A browser that looks at the console, with the fake backend behind it."""

import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx2
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from services.console.main import build
from services.console.settings import Settings
from shared.security.tokens import PEOPLE, Role, TokenKey, mint
from shared.web.app import create_app
from tests.unit.console.backend import Backend

NOW = datetime(2026, 11, 24, 19, 40, tzinfo=UTC)
CONSUMER_SECRET = "3E2A-consumer-secret"
SESSION_KEY = base64.b64encode(bytes(range(32))).decode()


class MovingClock:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class Browser:
    """`page` follows nothing: what was answered is what a test looks at."""

    http: httpx2.AsyncClient
    backend: Backend
    token_key: TokenKey
    clock: MovingClock

    def token(self, role: Role = Role.ADMIN, *, audience: str = PEOPLE) -> str:
        return mint(
            self.token_key,
            subject="ada",
            role=role,
            audience=audience,
            lifetime=timedelta(hours=8),
            now=self.clock.now(),
        )

    async def page(self, path: str) -> httpx2.Response:
        return await self.http.get(path)

    async def csrf(self, path: str = "/") -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', (await self.page(path)).text)
        assert found is not None
        return found[1]

    async def sign_in(self, role: Role = Role.ADMIN) -> None:
        self.forget_session()
        form = {"csrf": await self.csrf("/sign-in"), "token": self.token(role)}
        response = await self.http.post("/sign-in", data=form)
        assert response.status_code == 303, response.text

    def forget_session(self) -> None:
        if "causeway" in self.http.cookies:
            self.http.cookies.delete("causeway")

    async def submit(self, path: str, **fields: str) -> httpx2.Response:
        return await self.http.post(path, data={"csrf": await self.csrf(), **fields})

    async def submit_and_follow(self, path: str, **fields: str) -> httpx2.Response:
        response = await self.submit(path, **fields)
        assert response.status_code == 303, response.text
        return await self.page(urlsplit(response.headers["location"]).path)


@dataclass
class Deployment:
    """A console and what is behind it; nothing leaves the process."""

    app: FastAPI
    backend: Backend
    token_key: TokenKey
    clock: MovingClock
    public_url: str

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[Browser]:
        """A fresh browser in front of services that hold nothing yet."""
        self.backend.reset()
        self.clock.at = NOW
        transport = httpx2.ASGITransport(self.app)
        async with httpx2.AsyncClient(transport=transport, base_url=self.public_url) as http:
            yield Browser(http, self.backend, self.token_key, self.clock)


def deployment(public_url: str = "http://console.test") -> Deployment:
    """A console at `public_url`."""
    clock, token_key = MovingClock(), TokenKey.generate()
    backend = Backend(token_key, clock)
    behind = httpx2.AsyncClient(transport=httpx2.ASGITransport(backend.app))
    settings = Settings(
        amqp_url=SecretStr("amqp://unused"),
        token_key=SecretStr(token_key.export()),
        public_url=public_url,
        peer_url="http://peers.test",
        session_key=SecretStr(SESSION_KEY),
        salesforce_client_secret=SecretStr(CONSUMER_SECRET),
    )
    service = build(settings, http=behind, clock=clock)
    app = create_app(
        title="console", routers=service.routers, checks={}, registry=CollectorRegistry()
    )
    return Deployment(app, backend, token_key, clock, public_url)
