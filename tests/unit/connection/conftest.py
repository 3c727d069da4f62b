"""The routes of connection over the fakes."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from prometheus_client import CollectorRegistry

from services.connection.api import Parts, routes
from shared.crm.hosts import SALESFORCE_HOSTS, check_base_url
from shared.kernel.clock import SystemClock
from shared.web.app import create_app
from shared.web.guard import Guard
from tests.unit.connection.desk import Desk
from tests.unit.connection.routes import KEY, PUBLIC


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def http(desk: Desk) -> AsyncIterator[httpx2.AsyncClient]:
    parts = Parts(
        store=desk.store,
        crms=desk.crms,
        guard=Guard(KEY, audience="connection", clock=SystemClock()),
        public_url=PUBLIC,
        hubspot_app_id="77",
        check_domain=lambda host: check_base_url(
            f"https://{host}", allowed_hosts=SALESFORCE_HOSTS
        ).removeprefix("https://"),
        new_id=desk.new_id,
        new_secret=desk.new_secret,
        pause=desk.pause,
        scout=desk.scout,
    )
    app = create_app(
        title="connection", routers=[routes(parts)], checks={}, registry=CollectorRegistry()
    )
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=PUBLIC) as client:
        yield client
