"""Garbage is refused in words, never a 500."""

import json
import re
from typing import Any

import httpx2
import pytest

from shared.security.tokens import Role
from tests.e2e.conftest import World
from tests.e2e.hostile.document import operations
from tests.e2e.hostile.garbage import IDS, TEXTS, bodies, cursors, refused
from tests.e2e.hostile.people import UNKNOWN, identity, token_for

pytestmark = [pytest.mark.xdist_group("broker"), pytest.mark.timeout(300)]


async def test_garbage_in_paths_and_queries_is_no_accident(
    world: World, http: httpx2.AsyncClient, document: dict[str, Any]
) -> None:
    accidents = set()
    for method, path, operation in operations(document):
        headers = identity(world, path)
        names = re.findall(r"\{([^}:]*)[^}]*\}", path)
        body: dict[str, Any] = {"json": {}} if "requestBody" in operation else {}
        for value in IDS if names else ():
            for name in names:
                url = path
                for other in names:
                    url = re.sub(
                        r"\{" + other + r"[^}]*\}",
                        (value if other == name else world.connection_id).replace("\\", ""),
                        url,
                    )
                accidents.add(await refused(http, method, url, headers, **body))
        query = [p["name"] for p in operation.get("parameters", ()) if p["in"] == "query"]
        url = re.sub(r"\{[^}]*\}", world.connection_id, path)
        if method != "get":
            continue
        for name in query:
            for value in (*TEXTS, *(cursors() if name == "cursor" else ())):
                given = {"connection_id": world.connection_id} if "connection_id" in query else {}
                params = {**given, name: value}
                accidents.add(await refused(http, method, url, headers, params=params))
    assert accidents - {None} == set()


KEPT_OUT = ("/pause", "/resume", "/park")
"""What they do would keep the other tests of this deployment waiting."""


async def test_garbage_in_bodies_is_no_accident(
    world: World, http: httpx2.AsyncClient, document: dict[str, Any]
) -> None:
    accidents = set()
    for method, path, operation in operations(document):
        if not path.startswith("/api/") or path.endswith(KEPT_OUT):
            continue
        headers = {**identity(world, path), "Content-Type": "application/json"}
        for known in (UNKNOWN, world.connection_id):
            if method == "delete" and known == world.connection_id:
                continue
            url = re.sub(r"\{side\}", "hubspot", path)
            url = re.sub(r"\{[^}]*\}", known, url)
            for body in bodies(operation, document, known):
                raw = b"" if body is None else json.dumps(body).encode()
                accidents.add(await refused(http, method, url, headers, content=raw))
    assert accidents - {None} == set()


PAGE_PATHS = (
    "/",
    "/connections/{id}",
    "/connections/{id}/settings",
    "/connections/{id}/records",
    "/connections/{id}/errors",
    "/connections/{id}/journal",
    "/connections/{id}/records/{id}",
)


async def test_garbage_in_the_consoles_addresses_is_no_accident(
    world: World, http: httpx2.AsyncClient
) -> None:
    form = hidden((await http.get("/sign-in")).text)
    signed = await http.post("/sign-in", data={**form, "token": token_for(world, Role.ADMIN)})
    assert (signed.status_code, signed.headers["location"]) == (303, "/")
    accidents = set()
    for path in PAGE_PATHS:
        for value in IDS:
            accidents.add(await refused(http, "get", path.replace("{id}", value), {}))
        url = path.replace("{id}", world.connection_id)
        for value in (*TEXTS, *cursors()):
            for name in ("cursor", "record"):
                accidents.add(await refused(http, "get", url, {}, params={name: value}))
    assert accidents - {None} == set()


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's form."""
    tags = re.findall(r"<input[^>]*>", page)
    named = [(re.search(r'name="([^"]*)"', t), re.search(r'value="([^"]*)"', t)) for t in tags]
    return {n[1]: v[1] for t, (n, v) in zip(tags, named, strict=True) if n and v and "hidden" in t}


BODIES = {
    "oversized": (b'{"confirm": "' + b"x" * 2_000_000 + b'"}', "application/json", 413),
    "deep": (b"[" * 100_000, "application/json", 400),
    "no JSON": (b"{confirm: 1", "application/json", 422),
    "bad UTF-8": (b'{"confirm": "\xff\xfe"}', "application/json", 400),
    "a form": (b"confirm=111", "application/x-www-form-urlencoded", 422),
    "XML": (b"<confirm>111</confirm>", "application/xml", 422),
    "no type": (b'{"confirm": "111"}', "", 422),
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_body_that_cannot_be_read_is_refused(
    world: World, http: httpx2.AsyncClient, name: str
) -> None:
    body, kind, status = BODIES[name]
    headers = {**identity(world, "/"), **({"Content-Type": kind} if kind else {})}
    path = f"/api/v1/connections/{UNKNOWN}"
    answer = await http.request("DELETE", path, headers=headers, content=body)
    assert answer.status_code == status
    assert "problem+json" in answer.headers["content-type"]


async def test_headers_cannot_be_injected(world: World, http: httpx2.AsyncClient) -> None:
    evil = "%0d%0aSet-Cookie:%20a=b"
    for path in (
        f"/sign-in?next={evil}",
        f"/sign-in?next=//evil.example/{evil}",
        f"/api/v1/connections/callbacks/hubspot?state={evil}&code=x",
        f"/api/v1/connections/authorizations/{evil}/start",
        f"/{evil}",
    ):
        answer = await http.get(path, headers={"X-Forwarded-Host": "evil.example"})
        cookies = [c for c in answer.headers.get_list("set-cookie") if c.startswith("a=")]
        assert cookies == []
        assert "evil.example" not in answer.headers.get("location", "")
        assert answer.status_code < 500
