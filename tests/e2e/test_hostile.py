"""A hostile sender and a careless admin: refused in words, never a 500, and nothing leaks."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx2
import pytest
from prometheus_client import CollectorRegistry

from deploy.local.backing import Backing
from deploy.stack.browser import ConsentError, consent
from deploy.stack.setup import SetupError
from deploy.stack.stack import Stack, stack
from services.__main__ import SERVICES, definition
from shared.runtime.settings import load_settings
from shared.runtime.wiring import close_service
from shared.security.hubspot_signature import sign_v3
from shared.security.keyring import KeyRing
from shared.security.tokens import PEOPLE, Role, TokenKey, mint
from shared.web.app import create_app
from tests.e2e.audit import audit, entered
from tests.e2e.conftest import World, wanted

pytestmark = [pytest.mark.xdist_group("broker"), pytest.mark.timeout(300)]

METHODS = ("get", "put", "post", "patch", "delete")
NO_TOKEN = ("/healthz", "/readyz", "/metrics", "/webhooks/", "/sign-", "/assets/", "/embedded")
BROWSER = ("/api/v1/connections/callbacks/", "/api/v1/connections/authorizations/")
UNKNOWN = "01890000-0000-7000-8000-0000000000ff"
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def running(servers: Backing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A deployment of this module's own."""
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


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def token_for(world: World, role: Role, audience: str = PEOPLE, age: timedelta = MINUTE) -> str:
    """A token that was made `age` ago and lives for two minutes."""
    return mint(
        TokenKey.parse(world.stack.keys.token_key),
        subject="somebody",
        role=role,
        audience=audience,
        lifetime=2 * MINUTE,
        now=datetime.now(UTC) - age,
    )


@pytest.fixture
async def document(
    running: Stack, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[dict[str, Any]]:
    """The OpenAPI document of all services together; it is not served."""
    for name, value in running.environ.items():
        monkeypatch.setenv(name, value)
    built = []
    for name in SERVICES:
        found = definition(name)
        built.append(found.build(load_settings(found.settings_type)))
    routers = [router for service in built for router in service.routers]
    app = create_app(title="all", routers=routers, checks={}, registry=CollectorRegistry())
    yield app.openapi()
    for service in built:
        await close_service(service)


def operations(document: Mapping[str, Any]) -> list[tuple[str, str, Mapping[str, Any]]]:
    return [
        (method, path, item[method])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]


# Who may come in


async def test_no_route_answers_without_a_token_that_is_meant_for_it(
    world: World, http: httpx2.AsyncClient, document: dict[str, Any]
) -> None:
    tokens = {
        "none": {},
        "garbage": bearer("eyJhbGciOiJub25lIn0.e30."),
        "another service's": bearer(token_for(world, Role.SERVICE, "nobody")),
        "expired": bearer(token_for(world, Role.ADMIN, age=60 * MINUTE)),
        "basic": {"Authorization": "Basic YWRtaW46YWRtaW4="},
    }
    let_in = []
    for method, path, _ in operations(document):
        if path.startswith((*NO_TOKEN, *BROWSER)) or not path.startswith("/api/"):
            continue
        for kind, headers in tokens.items():
            url = re.sub(r"\{[^}]*\}", world.connection_id, path)
            answer = await http.request(method, url, headers=headers)
            if answer.status_code != 401:
                let_in.append((kind, method, path, answer.status_code))
    assert let_in == []


ADMINS_ONLY: tuple[tuple[str, str, Any], ...] = (
    ("post", "/api/v1/connections", {"environment": "production"}),
    ("post", "/api/v1/connections/{id}/authorizations/hubspot", None),
    ("delete", "/api/v1/connections/{id}", {"confirm": "111"}),
    ("post", "/api/v1/packages/{id}/installations", {"method": "deploy"}),
    ("post", "/api/v1/packages/{id}/visualforce", {"action": "skip"}),
    ("post", "/api/v1/setup/{id}/choice", {"kind": "recommended"}),
    ("post", "/api/v1/setup/{id}/finish", None),
    ("put", "/api/v1/settings/{id}", {"mappings": []}),
    ("put", "/api/v1/mappings/{id}", {"mappings": []}),
    ("post", "/api/v1/settings/{id}/pause", {}),
    ("post", "/api/v1/imports", {"connection_id": "{id}", "side": "hubspot"}),
    ("post", "/api/v1/connections/{id}/tokens/hubspot", {}),
    ("post", "/api/v1/quota/leases", {"connection_id": "{id}", "side": "hubspot", "calls": 1}),
)


async def test_a_viewer_changes_nothing_and_gets_no_token(
    world: World, http: httpx2.AsyncClient
) -> None:
    viewer = bearer(token_for(world, Role.VIEWER))
    for method, path, body in ADMINS_ONLY:
        url = path.replace("{id}", world.connection_id)
        answer = await http.request(method, url, headers=viewer, json=body)
        assert (answer.status_code, url) == (403, url)


async def test_nobody_but_a_service_gets_an_access_token(
    world: World, http: httpx2.AsyncClient
) -> None:
    path = f"/api/v1/connections/{world.connection_id}/tokens/hubspot"
    for role in (Role.OPERATOR, Role.ADMIN):
        answer = await http.post(path, headers=bearer(token_for(world, role)), json={})
        assert answer.status_code == 403


# Garbage


IDS = (
    UNKNOWN,
    "not-a-uuid",
    "%00",
    "..%2F..%2Fetc%2Fpasswd",
    "%F0%9D%95%8F",
    "9" * 60,
    "x" * 3_000,
    "'%20OR%201=1--",
)
TEXTS = ("", "\0", "a\0b", "\u202e", "x" * 5_000, "' OR 1=1--", "9" * 60, "-1", "NaN", "null")


def cursors() -> list[str]:
    places: list[object] = [
        [],
        ["x"],
        [UNKNOWN],
        ["1"],
        ["9" * 40],
        ["-1"],
        ["2026-01-01T00:00:00", UNKNOWN],
        ["0001-01-01T00:00:00+14:00", UNKNOWN],
        ["9999-12-31T23:59:59-14:00", UNKNOWN],
        ["x", "y", "z"],
        {"a": 1},
        7,
    ]
    return [base64.urlsafe_b64encode(json.dumps(p).encode()).decode() for p in places]


WRONG: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**40,
    1e308,
    "",
    "a\0b",
    "\ud800",
    "x" * 5_000,
    [],
    [None],
    {},
    {"a": {"b": []}},
    UNKNOWN,
)


def resolved(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema or "anyOf" in schema or "allOf" in schema:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        else:
            schema = (schema.get("anyOf") or schema["allOf"])[0]
    return schema


def plausible(schema: Mapping[str, Any], document: Mapping[str, Any], connection_id: str) -> Any:
    """A value that fits the schema, as far as it says."""
    schema = resolved(schema, document)
    if "const" in schema or "enum" in schema:
        return schema.get("const") or schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {
                name: plausible(one, document, connection_id)
                for name, one in schema.get("properties", {}).items()
            }
        case "array":
            return [plausible(schema["items"], document, connection_id)]
        case "integer" | "number":
            return max(1, schema.get("minimum", 1))
        case "boolean":
            return True
        case _:
            return connection_id if schema.get("format") == "uuid" else "x"


def bodies(operation: Mapping[str, Any], document: Mapping[str, Any], known: str) -> list[Any]:
    """Bodies of a route, each wrong in one place."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return [None]
    good = plausible(content["schema"], document, known)
    if not isinstance(good, dict):
        return [good, *WRONG]
    mutants = [{**good, name: wrong} for name in good for wrong in WRONG]
    less = [{k: v for k, v in good.items() if k != name} for name in good]
    return [*WRONG, *mutants, *less, {**good, "surprise": 1}]


async def refused(
    http: httpx2.AsyncClient, method: str, url: str, headers: Mapping[str, str], **more: Any
) -> str | None:
    """What is wrong with the answer; None when it is an answer and not an accident."""
    answer = await http.request(method, url, headers=headers, **more)
    if answer.status_code >= 500:
        return f"{method} {answer.request.url.path[:90]} {str(more)[:90]}: {answer.status_code}"
    kind = answer.headers.get("content-type", "")
    if (
        answer.status_code >= 400
        and "problem+json" not in kind
        and url.startswith("/api/")
        and not url.startswith(BROWSER)
    ):
        return f"{method} {answer.request.url.path[:90]}: {answer.status_code} as {kind}"
    return None


def identity(world: World, path: str) -> dict[str, str]:
    """The strongest token that a route takes."""
    if "/tokens/" in path or "/quota/leases" in path:
        audience = "quota" if "quota" in path else "connection"
        return bearer(token_for(world, Role.SERVICE, audience))
    return bearer(token_for(world, Role.ADMIN))


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


KEPT_OUT = ("/pause", "/resume")


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


# A careless admin


async def new_connection(world: World) -> dict[str, Any]:
    made: dict[str, Any] = await world.admin.post(
        "/api/v1/connections", {"environment": "production"}
    )
    return made


async def refusal(world: World, path: str, body: object = None) -> str:
    """What the API says against a POST."""
    with pytest.raises(SetupError) as caught:
        await world.admin.post(path, body)
    return str(caught.value)


async def test_a_portal_is_connected_once(world: World) -> None:
    made = await new_connection(world)
    with pytest.raises(ConsentError, match="connected already"):
        await consent(made["hubspot_authorize_url"])
    found = await world.admin.get(f"/api/v1/connections/{made['id']}")
    assert (found["state"], found["hubspot"]["state"]) == ("pending", "missing")


async def test_steps_out_of_their_order_are_refused(world: World) -> None:
    made = await new_connection(world)
    for path, body in (
        (f"/api/v1/setup/{made['id']}/finish", None),
        (f"/api/v1/setup/{made['id']}/choice", {"kind": "recommended"}),
        (f"/api/v1/settings/{made['id']}/pause", {}),
        (f"/api/v1/packages/{made['id']}/installations", {"method": "deploy"}),
        ("/api/v1/imports", {"connection_id": made["id"], "side": "hubspot"}),
    ):
        assert re.search(r" answered 4(04|09)", await refusal(world, path, body))


async def test_what_is_done_is_not_done_again(world: World) -> None:
    """Choosing anew after the start is refused; a second finish changes nothing."""
    choice = f"/api/v1/setup/{world.connection_id}/choice"
    assert " answered 409" in await refusal(world, choice, {"kind": "recommended"})
    before = await world.admin.get(f"/api/v1/settings/{world.connection_id}")
    await world.admin.post(f"/api/v1/setup/{world.connection_id}/finish")
    assert await world.admin.get(f"/api/v1/settings/{world.connection_id}") == before


async def test_installing_twice_leaves_one_package(world: World, http: httpx2.AsyncClient) -> None:
    path = f"/api/v1/packages/{world.connection_id}"
    for _ in range(2):
        answer = await http.post(
            f"{path}/installations", headers=identity(world, "/"), json={"method": "deploy"}
        )
        assert answer.status_code in {202, 409}
    async with asyncio.timeout(60):
        while (await world.admin.get(path))["state"] != "installed":
            await asyncio.sleep(0.2)


async def test_imports_while_paused_and_twice_bring_everybody_once(world: World) -> None:
    await world.hubspot.seed(people=20, seed=5, email_domain="seeded.example")
    await world.salesforce.seed(people=20, seed=6, email_domain="sown.example")
    await world.admin.post(f"/api/v1/settings/{world.connection_id}/pause", {})
    for side in ("hubspot", "salesforce", "hubspot"):
        body = {"connection_id": world.connection_id, "side": side}
        await world.admin.post("/api/v1/imports", body)
    async with asyncio.timeout(60):
        while not await all_noted(world):
            await asyncio.sleep(0.2)
    await world.admin.post(f"/api/v1/settings/{world.connection_id}/resume")
    await audit(world)

    for crm, kind in ((world.hubspot, "contacts"), (world.salesforce, "Contact")):
        addresses = [
            str(p.get("email") or p.get("Email")) for p in (await crm.records(kind)).values()
        ]
        assert sum(one.endswith(("@seeded.example", "@sown.example")) for one in addresses) == 40


async def all_noted(world: World) -> bool:
    found = await world.admin.get("/api/v1/imports", connection_id=world.connection_id)
    return all(one["state"] == "noted" for one in found)


async def test_a_connection_is_removed_only_with_its_portals_number(
    world: World, http: httpx2.AsyncClient
) -> None:
    admin = identity(world, "/")
    path = f"/api/v1/connections/{world.connection_id}"
    for wrong in ("", "yes", "112", world.connection_id, "111 "):
        answer = await http.request("DELETE", path, headers=admin, json={"confirm": wrong})
        assert answer.status_code == 422
    assert (await world.admin.get(path))["state"] == "active"


async def test_the_reason_of_a_pause_may_be_any_text(
    world: World, http: httpx2.AsyncClient
) -> None:
    path = f"/api/v1/settings/{world.connection_id}"
    admin = identity(world, "/")
    for reason, status in (("a\0b", 422), ("x" * 5_000, 422), ("Größe ✓ <b>", 200)):
        answer = await http.post(f"{path}/pause", headers=admin, json={"reason": reason})
        assert (answer.status_code, reason[:20]) == (status, reason[:20])
    await world.admin.post(f"{path}/resume")


# OAuth


async def test_a_callback_without_its_state_connects_nothing(
    world: World, http: httpx2.AsyncClient
) -> None:
    for state in ("", "unknown", "x" * 4_000):
        for side in ("hubspot", "salesforce"):
            answer = await http.get(
                f"/api/v1/connections/callbacks/{side}", params={"state": state, "code": "abc"}
            )
            assert answer.status_code == 400
    assert (await world.admin.get(f"/api/v1/connections/{world.connection_id}"))[
        "state"
    ] == "active"


async def test_a_link_and_its_state_work_once_and_in_one_browser(world: World) -> None:
    path = f"/api/v1/connections/{world.connection_id}/authorizations/hubspot"
    callback = f"{world.stack.origin}/api/v1/connections/callbacks/hubspot"
    link = (await world.admin.post(path))["authorize_url"]
    async with httpx2.AsyncClient() as browser, httpx2.AsyncClient() as thief:
        first = await browser.get(link)
        state = parse_qs(urlsplit(first.headers["location"]).query)["state"][0]
        stolen = await thief.get(callback, params={"state": state, "code": "abc"})
        assert stolen.status_code == 400
    link = (await world.admin.post(path))["authorize_url"]
    await consent(link)
    with pytest.raises(ConsentError, match="cannot be used"):
        await consent(link)
    assert (await world.admin.get(f"/api/v1/connections/{world.connection_id}"))[
        "state"
    ] == "active"


DOMAINS = (
    "evil.example",
    "127.0.0.1",
    "[::1]",
    "169.254.169.254",
    "2130706433",
    "acme.my.salesforce.com.evil.example",
    "acme.my.salesforce.com@evil.example",
    "evil.example#.my.salesforce.com",
    "evil.example/.my.salesforce.com",
    "acme.my.salesforce.com:8080",
    "\u202eacme.my.salesforce.com",
)


@pytest.mark.parametrize("domain", DOMAINS)
async def test_p27_a_domain_that_is_not_salesforces_is_refused(world: World, domain: str) -> None:
    body = {"environment": "production", "salesforce_domain": domain}
    assert " answered 422" in await refusal(world, "/api/v1/connections", body)


# Webhooks


async def test_p24_a_forged_webhook_is_refused(world: World, http: httpx2.AsyncClient) -> None:
    body = json.dumps([{"portalId": 111, "subscriptionType": "contact.creation", "objectId": 1}])
    url = f"{world.stack.origin}/webhooks/hubspot"
    now = datetime.now(UTC)

    def signed(secret: str, at: datetime, method: str = "POST", text: str = body) -> dict[str, str]:
        stamp = str(int(at.timestamp() * 1000))
        signature = sign_v3(
            secret=secret, method=method, uri=url, body=text.encode(), timestamp=stamp
        )
        return {"X-HubSpot-Request-Timestamp": stamp, "X-HubSpot-Signature-v3": signature}

    secret = world.stack.keys.hubspot_client
    forged = {
        "none": {},
        "wrong key": signed("another", now),
        "old": signed(secret, now - 6 * MINUTE),
        "future": signed(secret, now + 6 * MINUTE),
        "method": signed(secret, now, "GET"),
        "body": signed(secret, now, text=body + " "),
        "no time": {"X-HubSpot-Signature-v3": signed(secret, now)["X-HubSpot-Signature-v3"]},
    }
    for kind, headers in forged.items():
        answer = await http.post("/webhooks/hubspot", content=body, headers=headers)
        assert (answer.status_code, kind) == (401, kind)


# Secrets


async def test_p29_no_secret_and_no_address_is_in_any_log(world: World) -> None:
    """The last test: everything that this module did is in the logs by now."""
    await audit(world)
    secrets = await secrets_of(world)
    logs = {path.name: path.read_text(errors="replace") for path in world.stack.logs.iterdir()}
    assert logs["services.log"]
    told = [
        (name, kind)
        for name, text in logs.items()
        for kind, values in secrets.items()
        if any(value in text for value in values)
    ]
    assert told == []


async def secrets_of(world: World) -> dict[str, list[str]]:
    keys = world.stack.keys
    people = [*(await world.hubspot.records("contacts")).values()]
    people += (await world.salesforce.records("Contact")).values()
    found = [person.get("email") or person.get("Email") for person in people]
    service = identity(world, "/tokens/")
    tokens = []
    async with httpx2.AsyncClient(base_url=world.stack.origin, headers=service) as http:
        for side in ("hubspot", "salesforce"):
            path = f"/api/v1/connections/{world.connection_id}/tokens/{side}"
            tokens.append((await http.post(path, json={})).json()["access_token"])
    return {
        "client secret": [keys.hubspot_client, keys.salesforce_client],
        "key": [keys.token_key, keys.key_ring.partition(":")[2], keys.hash_key, keys.session_key],
        "access token": tokens,
        "refresh token": await refresh_tokens(world),
        "database password": [
            urlsplit(url).password or "-"
            for name, url in world.stack.environ.items()
            if name.endswith("_DATABASE_URL")
        ],
        "address": [str(one) for one in found if one],
    }


async def refresh_tokens(world: World) -> list[str]:
    """Out of the database, where they are encrypted."""
    ring = KeyRing.parse(world.stack.keys.key_ring)
    conn = await asyncpg.connect(world.stack.database_url)
    try:
        rows = await conn.fetch("SELECT connection_id, side, refresh_token FROM connection.grants")
    finally:
        await conn.close()
    assert len(rows) == 2
    return [
        ring.decrypt(
            row["refresh_token"],
            context=f"connection/{row['connection_id']}/{row['side']}/refresh_token",
        ).decode()
        for row in rows
    ]
