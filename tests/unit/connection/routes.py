"""The routes as a test calls them: as an admin, as a browser, as a service."""

from urllib.parse import urlsplit

import httpx2

from shared.security.tokens import Role, TokenKey
from tests.factories.bearers import bearer as bearer_of

KEY = TokenKey.generate()
BASE = "/api/v1/connections"
PUBLIC = "https://causeway.example"


def bearer(role: Role) -> dict[str, str]:
    return bearer_of(KEY, role, service="connection")


async def create(http: httpx2.AsyncClient, **body: str) -> httpx2.Response:
    wish = {"environment": "production"} | body
    return await http.post(BASE, json=wish, headers=bearer(Role.ADMIN))


async def leave(http: httpx2.AsyncClient, link: str) -> str:
    """Opens a link; answers the state that went to the CRM."""
    left = await http.get(link)
    assert left.status_code == 302
    return urlsplit(left.headers["location"]).query.split("&")[0]


async def come_back(
    http: httpx2.AsyncClient, side: str, state: str, **parts: str
) -> httpx2.Response:
    query = {"state": state, "code": "the-code"} | parts
    return await http.get(f"{BASE}/callbacks/{side}", params=query)


async def established(http: httpx2.AsyncClient) -> str:
    body = (await create(http)).json()
    await come_back(http, "hubspot", await leave(http, body["hubspot_authorize_url"]))
    path = f"{BASE}/{body['id']}/authorizations/salesforce"
    link = (await http.post(path, headers=bearer(Role.ADMIN))).json()["authorize_url"]
    await come_back(http, "salesforce", await leave(http, link))
    return str(body["id"])
