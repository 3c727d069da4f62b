"""Routes of moves and pre-flights, and the warnings that a page and a view show."""

from uuid import uuid4

import httpx2
import pytest

from services.connection.domain.connection import Facts
from shared.security.tokens import Role
from tests.unit.connection.desk import Desk
from tests.unit.connection.routes import (
    BASE,
    bearer,
    come_back,
    create,
    established,
    leave,
)


async def test_a_move_is_a_link_of_its_own(http: httpx2.AsyncClient, desk: Desk) -> None:
    connection_id = await established(http)
    path = f"{BASE}/{connection_id}/move"
    wish = {"confirm": "62515", "environment": "sandbox"}
    link = (await http.post(path, json=wish, headers=bearer(Role.ADMIN))).json()["authorize_url"]
    desk.salesforce.facts = Facts(org_id="00D2", salesforce_user_id="0059")
    page = await come_back(http, "salesforce", await leave(http, link))
    assert page.status_code == 200
    assert "has moved to this org" in page.text
    seen = (await http.get(f"{BASE}/{connection_id}", headers=bearer(Role.VIEWER))).json()
    assert (seen["org_id"], seen["environment"]) == ("00D2", "sandbox")
    run = (await http.get(f"{BASE}/{connection_id}/preflight", headers=bearer(Role.VIEWER))).json()
    assert {item["key"]: item["mark"] for item in run["items"]}[
        "salesforce.environment"
    ] == "failed"
    assert "preflight-failed" in {warning["code"] for warning in seen["warnings"]}
    token = f"{BASE}/{connection_id}/tokens/salesforce"
    answer = await http.post(token, json={}, headers=bearer(Role.SERVICE))
    assert answer.json()["account_id"] == "00D2"


@pytest.mark.parametrize(
    ("wish", "status", "kind"),
    [
        ({"confirm": "62516", "environment": "production"}, 422, "confirmation-wrong"),
        ({"confirm": "62515", "environment": "moon"}, 422, "validation"),
        (
            {
                "confirm": "62515",
                "environment": "production",
                "salesforce_domain": "acme--x.sandbox.my.salesforce.com",
            },
            422,
            "salesforce-domain-refused",
        ),
        (
            {
                "confirm": "62515",
                "environment": "sandbox",
                "salesforce_domain": "login.salesforce.com",
            },
            422,
            "salesforce-domain-refused",
        ),
        (
            {
                "confirm": "62515",
                "environment": "production",
                "salesforce_domain": "169.254.169.254",
            },
            422,
            "salesforce-domain-refused",
        ),
    ],
)
async def test_moves_that_are_refused(
    http: httpx2.AsyncClient, wish: dict[str, str], status: int, kind: str
) -> None:
    path = f"{BASE}/{await established(http)}/move"
    answer = await http.post(path, json=wish, headers=bearer(Role.ADMIN))
    assert answer.status_code == status
    assert kind in answer.json()["type"]
    refused = await http.post(path, json=wish, headers=bearer(Role.OPERATOR))
    assert refused.status_code == 403


async def test_a_preflight_is_run_by_post_and_shown_by_get(
    http: httpx2.AsyncClient, desk: Desk
) -> None:
    connection_id = await established(http)
    path = f"{BASE}/{connection_id}/preflight"
    none = await http.get(path, headers=bearer(Role.VIEWER))
    assert (none.status_code, none.json()["type"]) == (
        404,
        "urn:causeway:problem:preflight-never-run",
    )
    desk.scout.lacking = {"View Setup and Configuration"}
    query = {"features": ["contacts", "window"]}
    run = await http.post(path, params=query, headers=bearer(Role.OPERATOR))
    body = run.json()
    assert (run.status_code, body["mark"]) == (200, "failed")
    assert body["features"] == ["contacts", "window"]
    item = next(one for one in body["items"] if one["key"] == "salesforce.right.ViewSetup")
    assert (item["side"], item["mark"], item["features"]) == (
        "salesforce",
        "failed",
        ["contacts", "window"],
    )
    assert "Give the connected user" in item["todo"]
    assert (await http.get(path, headers=bearer(Role.VIEWER))).json() == body
    assert (await http.post(path, headers=bearer(Role.VIEWER))).status_code == 403
    wrong = await http.post(path, params={"features": "x"}, headers=bearer(Role.OPERATOR))
    assert wrong.status_code == 422
    chosen = await http.post(path, headers=bearer(Role.OPERATOR))
    assert chosen.json()["features"] == ["contacts"]
    for method in ("GET", "POST"):
        gone = await http.request(method, f"{BASE}/{uuid4()}/preflight", headers=bearer(Role.ADMIN))
        assert gone.status_code == 404


async def test_another_user_is_looked_at_before_the_page_is_shown(
    http: httpx2.AsyncClient, desk: Desk
) -> None:
    connection_id = await established(http)
    path = f"{BASE}/{connection_id}"
    query = {"features": ["deals"]}
    await http.post(f"{path}/preflight", params=query, headers=bearer(Role.OPERATOR))
    desk.salesforce.facts = Facts(org_id="00D1", salesforce_user_id="0052")
    desk.scout.lacking = {"View Setup and Configuration"}
    answer = await http.post(f"{path}/authorizations/salesforce", headers=bearer(Role.ADMIN))
    page = await come_back(http, "salesforce", await leave(http, answer.json()["authorize_url"]))
    assert "may do less than the one before: View Setup and Configuration" in page.text
    seen = (await http.get(path, headers=bearer(Role.VIEWER))).json()
    assert seen["salesforce"]["user_id"] == "0052"
    assert [one["code"] for one in seen["warnings"]] == [
        "user-has-fewer-rights",
        "preflight-failed",
    ]


async def test_a_shared_org_is_warned_of_on_the_page(http: httpx2.AsyncClient, desk: Desk) -> None:
    first = await established(http)
    desk.hubspot.facts = Facts(portal_id="99")
    body = (await create(http)).json()
    await come_back(http, "hubspot", await leave(http, body["hubspot_authorize_url"]))
    path = f"{BASE}/{body['id']}/authorizations/salesforce"
    link = (await http.post(path, headers=bearer(Role.ADMIN))).json()["authorize_url"]
    page = await come_back(http, "salesforce", await leave(http, link))
    assert "has other HubSpot accounts" in page.text
    for connection_id in (first, body["id"]):
        seen = (await http.get(f"{BASE}/{connection_id}", headers=bearer(Role.VIEWER))).json()
        assert [one["code"] for one in seen["warnings"]] == ["org-shared"]
