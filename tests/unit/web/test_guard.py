from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Annotated

import httpx2
import pytest
from fastapi import APIRouter, Depends
from prometheus_client import CollectorRegistry

from shared.security.tokens import Principal, Role, TokenKey, mint
from shared.web.app import create_app
from shared.web.guard import Guard

KEY = TokenKey.generate()
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class FixedClock:
    def now(self) -> datetime:
        return NOW


def token(role: Role, *, audience: str = "", key: TokenKey = KEY, at: datetime = NOW) -> str:
    audience = audience or ("quota" if role is Role.SERVICE else "causeway")
    return mint(
        key, subject="ada", role=role, audience=audience, lifetime=timedelta(hours=1), now=at
    )


def routes(guard: Guard) -> APIRouter:
    router = APIRouter()
    for name in ("viewer", "operator", "admin", "service"):
        gate = getattr(guard, name)

        def route(principal: Annotated[Principal, Depends(gate)]) -> dict[str, str]:
            return {"subject": principal.subject, "role": principal.role}

        router.get(f"/{name}")(route)
    return router


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    guard = Guard(KEY, audience="quota", clock=FixedClock())
    app = create_app(
        title="quota", routers=[routes(guard)], checks={}, registry=CollectorRegistry()
    )
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://causeway") as client:
        yield client


async def status(client: httpx2.AsyncClient, route: str, bearer: str) -> int:
    response = await client.get(f"/{route}", headers={"Authorization": f"Bearer {bearer}"})
    return response.status_code


@pytest.mark.parametrize(
    ("role", "passes"),
    [
        (Role.VIEWER, {"viewer"}),
        (Role.OPERATOR, {"viewer", "operator"}),
        (Role.ADMIN, {"viewer", "operator", "admin"}),
        (Role.SERVICE, {"viewer", "service"}),
    ],
)
async def test_each_role_passes_its_gates(
    client: httpx2.AsyncClient, role: Role, passes: set[str]
) -> None:
    gates = ("viewer", "operator", "admin", "service")
    answers = {gate: await status(client, gate, token(role)) for gate in gates}
    assert answers == {gate: 200 if gate in passes else 403 for gate in gates}


async def test_the_route_learns_who_calls(client: httpx2.AsyncClient) -> None:
    response = await client.get(
        "/viewer", headers={"Authorization": f"Bearer {token(Role.OPERATOR)}"}
    )
    assert response.json() == {"subject": "ada", "role": "operator"}


@pytest.mark.parametrize("header", [None, "", "Basic YTpi", "Bearer", "Bearer "])
async def test_without_a_token_it_says_what_to_send(
    client: httpx2.AsyncClient, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    response = await client.get("/viewer", headers=headers)
    assert response.status_code == 401
    assert response.json()["type"] == "urn:causeway:problem:token-missing"
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("bearer", "kind"),
    [
        (token(Role.ADMIN, at=NOW - timedelta(hours=1)), "token-expired"),
        (token(Role.ADMIN, key=TokenKey.generate()), "token-invalid"),
        (token(Role.SERVICE, audience="connection"), "token-audience"),
        ("nonsense", "token-invalid"),
    ],
)
async def test_a_refused_token_says_why(client: httpx2.AsyncClient, bearer: str, kind: str) -> None:
    response = await client.get("/viewer", headers={"Authorization": f"Bearer {bearer}"})
    assert response.status_code == 401
    assert response.json()["type"] == f"urn:causeway:problem:{kind}"
    assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'


async def test_a_small_role_is_told_which_is_needed(client: httpx2.AsyncClient) -> None:
    response = await client.get("/admin", headers={"Authorization": f"Bearer {token(Role.VIEWER)}"})
    assert response.json()["detail"] == "This needs the role admin; the token has viewer."
