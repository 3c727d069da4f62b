import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse
from prometheus_client import CollectorRegistry
from pydantic import BaseModel, Field

from shared.kernel.errors import FatalError, FieldProblem, IgnorableError, RetriableError
from shared.telemetry.logs import configure_logs
from shared.web.app import create_app
from shared.web.problems import Problem

MIB = 1024 * 1024


class Rule(BaseModel):
    rule: str = Field(pattern="^two_way$")


class Body(BaseModel):
    mappings: list[Rule]


def raising(error: Exception) -> Any:
    async def route() -> None:
        raise error

    return route


def routes() -> APIRouter:
    router = APIRouter(prefix="/api/v1/things")

    @router.post("/settings")
    async def settings(body: Body) -> dict[str, int]:
        return {"mappings": len(body.mappings)}

    @router.post("/raw", max_body_size=2 * MIB)
    async def raw(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    @router.post("/count")
    async def count(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    @router.get("/page")
    async def page() -> HTMLResponse:
        return HTMLResponse("hi", headers={"Content-Security-Policy": "frame-ancestors x"})

    @router.get("/items/{item_id}")
    async def item(item_id: int) -> dict[str, int]:
        return {"id": item_id}

    problem = Problem(
        412,
        type="version-conflict",
        title="Changed meanwhile",
        detail="Load the settings again.",
        errors=[FieldProblem("settings", "is version 4")],
        headers={"ETag": '"4"'},
        extra={"version": 4, "status": 200},
    )
    for path, error in {
        "problem": problem,
        "retriable": RetriableError("The database is away.", code="database_unavailable"),
        "later": RetriableError("Wait.", code="quota_exhausted", retry_after=1.2),
        "fatal": FatalError("That field is gone.", code="OBJECT_NOT_FOUND"),
        "ignorable": IgnorableError("Already gone.", code="already_gone"),
        "bug": RuntimeError("secret detail"),
    }.items():
        router.get(f"/{path}")(raising(error))
    return router


async def fine() -> None:
    return None


async def broken() -> None:
    raise RetriableError("The broker refuses publishes (disk alarm).", code="blocked")


async def bug() -> None:
    raise RuntimeError("password=hunter2")


async def silent() -> None:
    await asyncio.Event().wait()


def app_with(**checks: Any) -> FastAPI:
    return create_app(
        title="things", routers=[routes()], checks=checks, registry=CollectorRegistry()
    )


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(app_with(database=fine)) as client:
        yield client


def client_of(app: FastAPI) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://causeway")


def problem_of(response: httpx2.Response) -> dict[str, Any]:
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == response.status_code
    return body


async def test_alive(client: httpx2.AsyncClient) -> None:
    response = await client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_ready_when_every_check_is(client: httpx2.AsyncClient) -> None:
    response = await client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "checks": {"database": "ok"}}


async def test_not_ready_names_each_reason_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.web.app.CHECK_SECONDS", 0.01)
    app = app_with(database=fine, broker=broken, cache=bug, peer=silent)
    async with client_of(app) as client:
        response = await client.get("/readyz")
        assert (await client.get("/healthz")).status_code == 200
    assert response.status_code == 503
    assert response.json() == {
        "status": "not ready",
        "checks": {
            "database": "ok",
            "broker": "The broker refuses publishes (disk alarm).",
            "cache": "failed: RuntimeError",
            "peer": "no answer within 0.01 s",
        },
    }


async def test_p35_metrics_tell_of_each_check_whether_it_passes() -> None:
    async with client_of(app_with(database=fine, broker=broken)) as client:
        lines = (await client.get("/metrics")).text.splitlines()
    assert 'causeway_check_ok{check="database"} 1.0' in lines
    assert 'causeway_check_ok{check="broker"} 0.0' in lines


async def test_requests_are_counted_by_template(client: httpx2.AsyncClient) -> None:
    await client.get("/api/v1/things/items/7")
    await client.get("/api/v1/things/items/8")
    await client.request("BREW", "/nowhere")
    text = (await client.get("/metrics")).text
    assert (
        'causeway_http_request_seconds_count{method="GET",route="/api/v1/things/items/{item_id}",'
        'status="200"} 2.0'
    ) in text
    assert 'method="OTHER",route="unmatched",status="404"' in text
    assert "/items/7" not in text


async def test_a_wrong_field_is_named_and_its_value_is_not_repeated(
    client: httpx2.AsyncClient,
) -> None:
    body = {"mappings": [{"rule": "two_way"}, {"rule": "ada@example.com"}]}
    response = await client.post("/api/v1/things/settings", json=body)
    problem = problem_of(response)
    assert problem["status"] == 422
    assert problem["type"] == "urn:causeway:problem:validation-failed"
    assert [error["field"] for error in problem["errors"]] == ["body.mappings[1].rule"]
    assert "ada@example.com" not in response.text


@pytest.mark.parametrize(
    ("content", "field"), [(b"{", "body[1]"), (b"[]", "body"), (b"", "body"), (b"\xff", "body")]
)
async def test_a_body_that_is_no_object_is_a_validation_problem(
    client: httpx2.AsyncClient, content: bytes, field: str
) -> None:
    response = await client.post(
        "/api/v1/things/settings", content=content, headers={"Content-Type": "application/json"}
    )
    problem = problem_of(response)
    if problem["status"] == 422:
        assert problem["errors"][0]["field"] == field
    else:
        assert problem["status"] == 400


async def test_a_path_parameter_is_named(client: httpx2.AsyncClient) -> None:
    problem = problem_of(await client.get("/api/v1/things/items/seven"))
    assert problem["errors"][0]["field"] == "path.item_id"
    assert "path.item_id" in problem["detail"]


async def test_no_such_path(client: httpx2.AsyncClient) -> None:
    problem = problem_of(await client.get("/nowhere"))
    assert (problem["status"], problem["type"]) == (404, "urn:causeway:problem:not-found")


async def test_no_such_method(client: httpx2.AsyncClient) -> None:
    response = await client.get("/api/v1/things/settings")
    problem = problem_of(response)
    assert (problem["status"], problem["type"]) == (405, "urn:causeway:problem:method-not-allowed")
    assert response.headers["allow"] == "POST"


async def test_a_problem_keeps_its_members(client: httpx2.AsyncClient) -> None:
    response = await client.get("/api/v1/things/problem")
    assert problem_of(response) == {
        "type": "urn:causeway:problem:version-conflict",
        "title": "Changed meanwhile",
        "status": 412,
        "detail": "Load the settings again.",
        "errors": [{"field": "settings", "message": "is version 4"}],
        "version": 4,
    }
    assert response.headers["etag"] == '"4"'


@pytest.mark.parametrize(
    ("path", "status", "kind", "detail"),
    [
        ("retriable", 503, "database-unavailable", "The database is away."),
        ("later", 503, "quota-exhausted", "Wait."),
        ("fatal", 422, "object-not-found", "That field is gone."),
        ("ignorable", 409, "already-gone", "Already gone."),
    ],
)
async def test_families_of_errors(
    client: httpx2.AsyncClient, path: str, status: int, kind: str, detail: str
) -> None:
    problem = problem_of(await client.get(f"/api/v1/things/{path}"))
    assert (problem["status"], problem["type"], problem["detail"]) == (
        status,
        f"urn:causeway:problem:{kind}",
        detail,
    )


async def test_a_retriable_error_says_when(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/api/v1/things/retriable")).headers["retry-after"] == "5"
    response = await client.get("/api/v1/things/later")
    assert response.headers["retry-after"] == "2"
    assert response.json()["retry_after"] == 2


@pytest.fixture
def _restored_logs() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.handlers, root.level)
    yield
    root.handlers, root.level = before


@pytest.mark.usefixtures("_restored_logs")
async def test_a_bug_tells_the_caller_where_to_look_and_the_log_what_happened(
    client: httpx2.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs(service="things")
    response = await client.get("/api/v1/things/bug")
    problem = problem_of(response)
    assert problem["status"] == 500
    assert problem["type"] == "urn:causeway:problem:internal-error"
    assert problem["trace_id"] == response.headers["x-request-id"]
    assert problem["trace_id"] in problem["detail"]
    assert "secret detail" not in response.text
    logged = capsys.readouterr().err
    assert "secret detail" in logged
    assert problem["trace_id"] in logged


async def test_the_callers_trace_goes_on(client: httpx2.AsyncClient) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    response = await client.get(
        "/healthz", headers={"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"}
    )
    assert response.headers["x-request-id"] == trace_id


async def test_every_answer_has_security_headers(client: httpx2.AsyncClient) -> None:
    for path in ("/healthz", "/nowhere", "/api/v1/things/bug"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_a_page_may_bring_its_own_policy(client: httpx2.AsyncClient) -> None:
    response = await client.get("/api/v1/things/page")
    assert response.headers["content-security-policy"] == "frame-ancestors x"


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
async def test_nothing_else_answers_without_a_token(client: httpx2.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("count", MIB, 200),
        ("count", MIB + 1, 413),
        ("settings", MIB + 1, 413),
        ("raw", 2 * MIB, 200),
        ("raw", 2 * MIB + 1, 413),
    ],
)
async def test_bodies_have_a_limit_and_routes_their_own(
    client: httpx2.AsyncClient, path: str, size: int, status: int
) -> None:
    response = await client.post(f"/api/v1/things/{path}", content=b"x" * size)
    assert response.status_code == status
    if status == 413:
        assert problem_of(response)["type"].startswith("urn:causeway:problem:")
        assert "Send less at once" in response.json()["detail"]


async def test_the_limit_holds_for_bodies_that_do_not_say_their_length(
    client: httpx2.AsyncClient,
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    response = await client.post("/api/v1/things/count", content=chunks())
    assert problem_of(response)["status"] == 413
