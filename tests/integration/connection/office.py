"""A deployment of connection beside both simulators, and the people who use it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
from prometheus_client import CollectorRegistry
from sqlalchemy import select, update

from services.connection.main import build
from services.connection.settings import Settings
from services.connection.store import OUTBOX
from services.connection.store.tables import grants
from shared.db.database import Database
from shared.runtime.service import Service
from shared.runtime.wiring import close_service
from shared.security.tokens import Role, TokenKey
from shared.web.app import create_app
from tests.factories.bearers import bearer as bearer_of

KEY = TokenKey.generate()
BASE = "/api/v1/connections"
PUBLIC = "https://causeway.example"
SALESFORCE_CLIENT = "3MVG9.causeway.simulated"


@dataclass(frozen=True)
class Deployment:
    schema_url: str
    key: str
    hubspot: str
    salesforce: str
    more: dict[str, Any] = field(default_factory=dict)

    def settings(self, client_secret: str) -> Settings:
        return Settings.model_validate(
            {
                "amqp_url": "amqp://127.0.0.1",
                "token_key": KEY.export(),
                "public_url": PUBLIC,
                "peer_url": PUBLIC,
                "database_url": self.schema_url,
                "key_ring": f"k1:{self.key}",
                "hubspot_api_url": self.hubspot,
                "hubspot_app_url": self.hubspot,
                "hubspot_client_id": "simulated-client",
                "hubspot_client_secret": client_secret,
                "hubspot_app_id": "222",
                "salesforce_login_url": self.salesforce,
                "salesforce_client_id": SALESFORCE_CLIENT,
                "salesforce_client_secret": client_secret,
                "extra_crm_origins": (self.salesforce,),
                **self.more,
            }
        )


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    service = build(settings)
    async with client_of(service) as client:
        yield client
    await close_service(service)


def client_of(service: Service) -> httpx2.AsyncClient:
    app = create_app(
        title="connection",
        routers=service.routers,
        checks={},
        registry=CollectorRegistry(),
    )
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=PUBLIC)


def bearer(role: Role) -> dict[str, str]:
    return bearer_of(KEY, role, service="connection")


async def consent(http: httpx2.AsyncClient, link: str, decision: str = "allow") -> httpx2.Response:
    """What a person with a browser does: open the link, decide at the CRM, come back."""
    at_crm = (await http.get(link)).headers["location"]
    async with httpx2.AsyncClient() as browser:
        answer = await browser.get(at_crm)
        if not answer.is_redirect:
            form = dict(parse_qsl(urlsplit(at_crm).query)) | {"decision": decision}
            answer = await browser.post(at_crm.partition("?")[0], data=form)
    return await http.get(answer.headers["location"])


async def link_for(http: httpx2.AsyncClient, connection_id: str, side: str) -> str:
    path = f"{BASE}/{connection_id}/authorizations/{side}"
    return str((await http.post(path, headers=bearer(Role.ADMIN))).json()["authorize_url"])


async def established(http: httpx2.AsyncClient) -> str:
    made = await http.post(BASE, json={"environment": "production"}, headers=bearer(Role.ADMIN))
    body = made.json()
    assert (await consent(http, body["hubspot_authorize_url"])).status_code == 200
    page = await consent(http, await link_for(http, body["id"], "salesforce"))
    assert "Salesforce is connected" in page.text
    return str(body["id"])


async def remove(http: httpx2.AsyncClient, connection_id: str) -> None:
    gone = await http.request(
        "DELETE",
        f"{BASE}/{connection_id}?purge=true",
        json={"confirm": "4711"},
        headers=bearer(Role.ADMIN),
    )
    assert gone.status_code == 204


async def token(
    http: httpx2.AsyncClient, connection_id: str, side: str, rejected: str | None = None
) -> httpx2.Response:
    path = f"{BASE}/{connection_id}/tokens/{side}"
    return await http.post(path, json={"rejected": rejected}, headers=bearer(Role.SERVICE))


async def age_tokens(database: Database, connection_id: str) -> None:
    """As if the access tokens were near their end, and not just made."""
    async with database.begin() as conn:
        await conn.execute(
            update(grants)
            .where(grants.c.connection_id == connection_id)
            .values(
                expires_at=grants.c.expires_at - timedelta(hours=1),
                refreshed_at=grants.c.refreshed_at - timedelta(hours=1),
            )
        )


async def types(database: Database, connection_id: str) -> list[str]:
    mine = OUTBOX.c.connection_id == connection_id
    async with database.begin() as conn:
        rows = await conn.execute(select(OUTBOX.c.type).where(mine).order_by(OUTBOX.c.position))
        return [name.split(".")[2] for name in rows.scalars()]
