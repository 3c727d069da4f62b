"""One deployment for everything that is hostile or careless."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest
from prometheus_client import CollectorRegistry

from deploy.local.backing import Backing
from deploy.stack.stack import Stack, stack
from services.__main__ import SERVICES, definition
from shared.runtime.operations import operations
from shared.runtime.settings import load_settings
from shared.runtime.wiring import close_service
from shared.web.app import create_app
from tests.e2e.audit import entered
from tests.e2e.conftest import World, wanted


@pytest.fixture(scope="package")
def running(servers: Backing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A deployment of this package's own."""
    with stack(wanted(servers, tmp_path_factory.mktemp("hostile")), lambda _line: None) as up:
        yield up


@pytest.fixture
async def world(running: Stack) -> AsyncIterator[World]:
    """The deployment after its setup."""
    async with entered(running) as found:
        yield found


@pytest.fixture
async def http(running: Stack) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody who may say anything."""
    async with httpx2.AsyncClient(base_url=running.origin, timeout=30.0) as client:
        yield client


@pytest.fixture
async def document(
    running: Stack, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[dict[str, Any]]:
    """The OpenAPI document of all services together; it is not served."""
    for name, value in running.environ.items():
        monkeypatch.setenv(name, value)
    built, routers = [], []
    for name in SERVICES:
        found = definition(name)
        settings = load_settings(found.settings_type)
        built.append(found.build(settings))
        routers += [*built[-1].routers, *operations(built[-1], settings)]
    app = create_app(title="all", routers=routers, checks={}, registry=CollectorRegistry())
    yield app.openapi()
    for service in built:
        await close_service(service)
