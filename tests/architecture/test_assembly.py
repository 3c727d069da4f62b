"""All services in one process: they build, their routes do not collide, their doors are shut."""

from collections import Counter
from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry

from deploy.stack.environment import Secrets, database_passwords, environment
from services.__main__ import SERVICES, definition
from shared.runtime.operations import operations as operations_of
from shared.runtime.service import Service
from shared.runtime.settings import DeploymentSettings, load_settings
from shared.runtime.wiring import close_service, wire
from shared.web.app import create_app

NOWHERE = "http://127.0.0.1:1"  # built, never started: nothing is called
AMQP = "amqp://127.0.0.1:1/"
METHODS = ("get", "put", "post", "patch", "delete")
OPEN = ("/healthz", "/readyz", "/metrics")
BOUND = ("/api/v1/connections/callbacks/", "/api/v1/connections/authorizations/")
"""Opened by a browser: bound to the state or to the one-time ticket of a sign-in."""


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> DeploymentSettings:
    settings = environment(
        origin=NOWHERE,
        amqp_url=AMQP,
        database_urls=dict.fromkeys(database_passwords(), "postgresql://x:x@127.0.0.1:1/x"),
        hubspot_url=NOWHERE,
        salesforce_url=NOWHERE,
        keys=Secrets(),
    )
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return load_settings(DeploymentSettings)


@pytest.fixture
async def services(deployment: DeploymentSettings) -> AsyncIterator[list[Service]]:
    built: list[Service] = []
    try:
        for name in SERVICES:
            found = definition(name)
            built.append(found.build(load_settings(found.settings_type)))
        yield built
    finally:
        for service in built:
            await close_service(service)


def routers_of(service: Service, deployment: DeploymentSettings) -> tuple[APIRouter, ...]:
    """What a process serves of one service: its own routes, and those of its operators."""
    return (*service.routers, *operations_of(service, deployment))


@pytest.fixture
def app(services: list[Service], deployment: DeploymentSettings) -> FastAPI:
    routers = [r for service in services for r in routers_of(service, deployment)]
    return create_app(title="all", routers=routers, checks={}, registry=CollectorRegistry())


def operations(app: FastAPI) -> list[tuple[str, str]]:
    return [
        (method, path)
        for path, item in app.openapi()["paths"].items()
        for method in item
        if method in METHODS
    ]


def test_each_service_calls_itself_by_its_directory(services: list[Service]) -> None:
    assert [service.name for service in services] == list(SERVICES)


def test_every_loop_queue_and_check_has_a_name_of_its_own(services: list[Service]) -> None:
    wired = [wire(service, amqp_url=AMQP, working=True) for service in services]
    names = Counter(loop.name for wiring in wired for loop in wiring.loops)
    names += Counter(f"check {name}" for wiring in wired for name in wiring.checks)
    names += Counter(f"queue {s.queue}" for service in services for s in service.subscriptions)
    assert [name for name, count in names.items() if count > 1] == []


def test_a_queue_is_named_after_its_service(services: list[Service]) -> None:
    foreign = [
        subscription.queue
        for service in services
        for subscription in service.subscriptions
        if not subscription.queue.startswith(f"{service.name}.")
    ]
    assert foreign == []


def test_a_metric_is_causeways_and_the_same_in_every_service(services: list[Service]) -> None:
    for service in services:
        wire(service, amqp_url=AMQP, working=True)
    families = [f for service in services for f in service.metrics.registry.collect()]
    assert [family.name for family in families if not family.name.startswith("causeway_")] == []
    described = {(family.name, family.type, family.documentation) for family in families}
    assert len(described) == len({family.name for family in families}) > 10


def test_no_two_routes_answer_the_same_request(
    services: list[Service], deployment: DeploymentSettings
) -> None:
    seen: Counter[tuple[str, str]] = Counter()
    for service in services:
        registry = CollectorRegistry()
        routers = routers_of(service, deployment)
        own = create_app(title="x", routers=routers, checks={}, registry=registry)
        seen.update(operation for operation in operations(own) if operation[1] not in OPEN)
    assert [operation for operation, count in seen.items() if count > 1] == []


def test_every_service_that_listens_has_its_dead_letters_served(
    services: list[Service], app: FastAPI
) -> None:
    served = {path for _, path in operations(app) if path.endswith("/dead-letters")}
    assert served == {
        f"/api/v1/operations/{service.name}/dead-letters"
        for service in services
        if service.subscriptions
    }


def test_every_service_that_has_a_mailbox_has_it_served(
    services: list[Service], app: FastAPI
) -> None:
    served = {path for _, path in operations(app) if path.endswith("/mailbox")}
    assert served == {
        f"/api/v1/operations/{service.name}/mailbox"
        for service in services
        if service.mailbox is not None
    }
    assert len(served) == 2


async def test_no_route_of_the_api_answers_without_a_token(app: FastAPI) -> None:
    doors = [(m, p) for m, p in operations(app) if p.startswith("/api/")]
    assert len(doors) > 20
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://x") as client:
        answers = {
            f"{method} {path}": (await client.request(method, path)).status_code
            for method, path in doors
            if not path.startswith(BOUND)
        }
    assert {door: status for door, status in answers.items() if status != 401} == {}
