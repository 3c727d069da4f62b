"""Routes over the fakes: what an admin, a browser and a service see."""

from urllib.parse import urlsplit
from uuid import uuid4

import httpx2
import pytest

from services.connection.domain.attempt import digest
from services.connection.ports import GrantDeadError
from shared.kernel.errors import RetriableError
from shared.kernel.records import Side
from shared.security.tokens import Role
from tests.unit.connection.desk import Desk
from tests.unit.connection.routes import (
    BASE,
    PUBLIC,
    bearer,
    come_back,
    create,
    established,
    leave,
)


async def test_an_admin_connects_both_sides_with_two_links(http: httpx2.AsyncClient) -> None:
    made = await create(http)
    assert made.status_code == 201
    body = made.json()
    assert body["hubspot_authorize_url"].startswith(f"{PUBLIC}{BASE}/authorizations/")
    page = await come_back(http, "hubspot", await leave(http, body["hubspot_authorize_url"]))
    assert page.status_code == 200
    assert "HubSpot is connected" in page.text
    assert f"POST {BASE}/{body['id']}/authorizations/salesforce" in page.text
    path = f"{BASE}/{body['id']}/authorizations/salesforce"
    link = (await http.post(path, headers=bearer(Role.ADMIN))).json()["authorize_url"]
    page = await come_back(http, "salesforce", await leave(http, link))
    assert "Both sides are connected" in page.text
    seen = (await http.get(f"{BASE}/{body['id']}", headers=bearer(Role.VIEWER))).json()
    assert (seen["state"], seen["portal_id"], seen["org_id"]) == ("active", "62515", "00D1")
    assert seen["salesforce"]["user_id"] == "0051"
    assert seen["next_step"] is None


async def test_no_answer_for_people_holds_a_token(http: httpx2.AsyncClient) -> None:
    connection_id = await established(http)
    for path in (BASE, f"{BASE}/{connection_id}"):
        text = (await http.get(path, headers=bearer(Role.VIEWER))).text
        assert "-access-" not in text
        assert "-refresh-" not in text


async def test_the_browser_is_bound_by_a_cookie_that_only_the_callback_gets(
    http: httpx2.AsyncClient,
) -> None:
    link = (await create(http)).json()["hubspot_authorize_url"]
    left = await http.get(link)
    cookie = left.headers["set-cookie"]
    for part in ("HttpOnly", "Secure", "SameSite=lax", f"Path={BASE}/callbacks", "Max-Age=600"):
        assert part in cookie
    assert left.headers["cache-control"] == "no-store"
    assert left.headers["referrer-policy"] == "no-referrer"
    state = urlsplit(left.headers["location"]).query.split("&")[0]
    kept = dict(http.cookies)
    http.cookies.clear()
    stolen = await come_back(http, "hubspot", state)
    assert stolen.status_code == 400
    assert "another browser" in stolen.text
    http.cookies.update(kept)
    assert (await come_back(http, "hubspot", state)).status_code == 200
    assert (await come_back(http, "hubspot", state)).status_code == 400


async def test_two_tabs_do_not_spoil_each_other(http: httpx2.AsyncClient) -> None:
    body = (await create(http)).json()
    path = f"{BASE}/{body['id']}/authorizations/salesforce"
    link = (await http.post(path, headers=bearer(Role.ADMIN))).json()["authorize_url"]
    first = await leave(http, body["hubspot_authorize_url"])
    second = await leave(http, link)
    assert (await come_back(http, "hubspot", first)).status_code == 200
    assert (await come_back(http, "salesforce", second)).status_code == 200


@pytest.mark.parametrize(
    ("error", "description", "title"),
    [
        ("access_denied", "end-user denied authorization", "was not allowed"),
        ("invalid_request", "missing required code challenge", "proof of origin"),
        ("invalid_client", "app must be installed into org", "not installed in this org"),
        ("<script>alert(1)</script>", "", "refused the connection"),
    ],
)
async def test_errors_of_the_crm_become_a_page_with_a_next_step(
    http: httpx2.AsyncClient, error: str, description: str, title: str
) -> None:
    link = (await create(http)).json()["hubspot_authorize_url"]
    state = await leave(http, link)
    page = await come_back(
        http, "hubspot", state, code="", error=error, error_description=description
    )
    assert page.status_code == 400
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert title in page.text
    assert "new link" in page.text
    assert "<script>" not in page.text


async def test_a_client_that_wants_json_gets_a_problem(http: httpx2.AsyncClient) -> None:
    answer = await http.get(
        f"{BASE}/callbacks/hubspot",
        params={"state": "unknown", "code": "c"},
        headers={"Accept": "application/json"},
    )
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:causeway:problem:authorization-link-expired"


async def test_a_portal_that_is_taken_is_409(http: httpx2.AsyncClient) -> None:
    first = await established(http)
    state = await leave(http, (await create(http)).json()["hubspot_authorize_url"])
    page = await come_back(http, "hubspot", state)
    assert page.status_code == 409
    assert first in page.text


async def test_a_crm_that_is_away_is_503(http: httpx2.AsyncClient, desk: Desk) -> None:
    state = await leave(http, (await create(http)).json()["hubspot_authorize_url"])
    desk.hubspot.refusal = RetriableError("HubSpot did not answer.", code="crm_timeout")
    assert (await come_back(http, "hubspot", state)).status_code == 503


async def test_an_unknown_link_is_explained(http: httpx2.AsyncClient) -> None:
    answer = await http.get(f"{BASE}/authorizations/none/start")
    assert answer.status_code == 400
    assert "This link cannot be used" in answer.text


async def test_services_get_tokens_and_nobody_else(http: httpx2.AsyncClient, desk: Desk) -> None:
    connection_id = await established(http)
    path = f"{BASE}/{connection_id}/tokens/salesforce"
    for headers, status in ((bearer(Role.ADMIN), 403), (bearer(Role.VIEWER), 403), ({}, 401)):
        assert (await http.post(path, json={}, headers=headers)).status_code == status
    answer = await http.post(path, json={"rejected": None}, headers=bearer(Role.SERVICE))
    assert answer.json()["access_token"] == "salesforce-access-1"
    assert answer.headers["cache-control"] == "no-store"
    desk.store.pass_time(seconds=30)
    refused = {"rejected": digest("salesforce-access-1")}
    answer = await http.post(path, json=refused, headers=bearer(Role.SERVICE))
    assert answer.json()["access_token"] == "salesforce-access-2"


async def test_a_dead_grant_is_409_connection_broken(http: httpx2.AsyncClient, desk: Desk) -> None:
    connection_id = await established(http)
    desk.store.pass_time(minutes=29)
    desk.salesforce.refusal = GrantDeadError("It was revoked.", code="invalid_grant")
    path = f"{BASE}/{connection_id}/tokens/salesforce"
    answer = await http.post(path, json={}, headers=bearer(Role.SERVICE))
    assert (answer.status_code, answer.json()["type"]) == (
        409,
        "urn:causeway:problem:connection-broken",
    )
    seen = (await http.get(f"{BASE}/{connection_id}", headers=bearer(Role.VIEWER))).json()
    assert (seen["state"], seen["salesforce"]["state"]) == ("broken", "broken")
    assert seen["next_step"].startswith("Connect again")


async def test_a_missing_side_is_409_and_an_unknown_connection_404(
    http: httpx2.AsyncClient,
) -> None:
    connection_id = (await create(http)).json()["id"]
    answer = await http.post(
        f"{BASE}/{connection_id}/tokens/hubspot", json={}, headers=bearer(Role.SERVICE)
    )
    assert (answer.status_code, answer.json()["type"]) == (
        409,
        "urn:causeway:problem:connection-incomplete",
    )
    for method, path, headers, body in (
        ("GET", "", bearer(Role.VIEWER), None),
        ("POST", "/authorizations/hubspot", bearer(Role.ADMIN), None),
        ("POST", "/tokens/hubspot", bearer(Role.SERVICE), {}),
        ("DELETE", "", bearer(Role.ADMIN), {"confirm": "1"}),
    ):
        answer = await http.request(method, f"{BASE}/{uuid4()}{path}", headers=headers, json=body)
        assert answer.status_code == 404


async def test_only_admins_create_authorize_and_remove(http: httpx2.AsyncClient) -> None:
    connection_id = (await create(http)).json()["id"]
    operator = bearer(Role.OPERATOR)
    for headers, status in ((operator, 403), (bearer(Role.SERVICE), 403), ({}, 401)):
        made = await http.post(BASE, json={"environment": "sandbox"}, headers=headers)
        linked = await http.post(f"{BASE}/{connection_id}/authorizations/hubspot", headers=headers)
        gone = await http.request(
            "DELETE", f"{BASE}/{connection_id}", headers=headers, json={"confirm": connection_id}
        )
        assert [answer.status_code for answer in (made, linked, gone)] == [status] * 3


@pytest.mark.parametrize(
    ("domain", "environment", "status"),
    [
        ("acme.my.salesforce.com", "production", 201),
        ("acme--dev.sandbox.my.salesforce.com", "sandbox", 201),
        ("acme--dev.sandbox.my.salesforce.com", "production", 422),
        ("test.salesforce.com", "production", 422),
        ("login.salesforce.com", "sandbox", 422),
        ("salesforce.com.evil.example", "production", 422),
        ("acme.my.salesforce.com/x", "production", 422),
        ("user@acme.my.salesforce.com", "production", 422),
        ("127.0.0.1", "production", 422),
    ],
)
async def test_the_salesforce_domain_must_be_one(
    http: httpx2.AsyncClient, domain: str, environment: str, status: int
) -> None:
    answer = await create(http, salesforce_domain=domain, environment=environment)
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["errors"][0]["field"] == "body.salesforce_domain"


async def test_a_repeated_request_makes_one_connection(http: httpx2.AsyncClient) -> None:
    headers = bearer(Role.ADMIN) | {"Idempotency-Key": "once"}
    first = await http.post(BASE, json={"environment": "production"}, headers=headers)
    again = await http.post(BASE, json={"environment": "production"}, headers=headers)
    other = await http.post(BASE, json={"environment": "sandbox"}, headers=headers)
    assert first.json()["id"] == again.json()["id"]
    assert (other.status_code, other.json()["type"]) == (
        409,
        "urn:causeway:problem:idempotency-key-reused",
    )


async def test_removal_wants_the_right_confirmation(http: httpx2.AsyncClient, desk: Desk) -> None:
    connection_id = await established(http)
    path = f"{BASE}/{connection_id}"
    wrong = await http.request("DELETE", path, json={"confirm": "no"}, headers=bearer(Role.ADMIN))
    assert (wrong.status_code, wrong.json()["type"]) == (
        422,
        "urn:causeway:problem:confirmation-wrong",
    )
    right = await http.request(
        "DELETE", path, json={"confirm": "62515"}, headers=bearer(Role.ADMIN)
    )
    assert right.status_code == 204
    kept = (await http.get(path, headers=bearer(Role.VIEWER))).json()
    assert (kept["state"], kept["portal_id"], kept["hubspot"]["state"]) == (
        "disconnected",
        "62515",
        "missing",
    )
    assert "authorizations/hubspot" in kept["next_step"]
    assert desk.crms[Side.HUBSPOT].revoked == ["hubspot-refresh-1"]


async def test_a_purge_may_be_asked_for_in_the_address(http: httpx2.AsyncClient) -> None:
    path = f"{BASE}/{await established(http)}"
    gone = await http.request(
        "DELETE", f"{path}?purge=true", json={"confirm": "62515"}, headers=bearer(Role.ADMIN)
    )
    assert gone.status_code == 204
    assert (await http.get(path, headers=bearer(Role.VIEWER))).status_code == 404


async def test_a_portal_that_signs_in_again_brings_its_connection_back(
    http: httpx2.AsyncClient,
) -> None:
    kept = await established(http)
    await http.request(
        "DELETE", f"{BASE}/{kept}", json={"confirm": "62515"}, headers=bearer(Role.ADMIN)
    )
    new = await established(http)
    assert new != kept
    seen = (await http.get(f"{BASE}/{new}", headers=bearer(Role.VIEWER))).json()
    assert (seen["id"], seen["state"]) == (kept, "active")
    listed = (await http.get(BASE, headers=bearer(Role.VIEWER))).json()
    assert [item["id"] for item in listed["items"]] == [kept]


async def test_lists_are_paged(http: httpx2.AsyncClient) -> None:
    ids = [(await create(http)).json()["id"] for _ in range(3)]
    first = (await http.get(BASE, params={"limit": 2}, headers=bearer(Role.VIEWER))).json()
    assert [item["id"] for item in first["items"]] == ids[:2]
    query = {"limit": 2, "cursor": first["next_cursor"]}
    second = (await http.get(BASE, params=query, headers=bearer(Role.VIEWER))).json()
    assert [item["id"] for item in second["items"]] == ids[2:]
    assert second["next_cursor"] is None
    whole = (await http.get(BASE, params={"limit": 3}, headers=bearer(Role.VIEWER))).json()
    assert (len(whole["items"]), whole["next_cursor"]) == (3, None)
    bad = await http.get(BASE, params={"cursor": "x"}, headers=bearer(Role.VIEWER))
    assert bad.status_code == 400
