"""Who may come in: no route, webhook or callback lets a stranger through."""

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from deploy.stack.browser import ConsentError, consent
from shared.security.hubspot_signature import sign_v3
from shared.security.tokens import Role
from tests.e2e.conftest import World
from tests.e2e.hostile.document import operations
from tests.e2e.hostile.people import BROWSER, MINUTE, NO_TOKEN, bearer, refusal, token_for

pytestmark = [pytest.mark.xdist_group("broker"), pytest.mark.timeout(300)]


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
    ("post", "/api/v1/packages/{id}/upgrade", {}),
    ("post", "/api/v1/packages/{id}/resume", None),
    ("post", "/api/v1/packages/{id}/check", None),
    ("post", "/api/v1/packages/{id}/uninstall", {"confirmation": "uninstall"}),
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
