"""The wiring of connection, in one function."""

import asyncio
import secrets
from functools import partial

import httpx2

from services.connection.api import Parts, routes
from services.connection.domain.connection import Environment
from services.connection.gateways import HubSpotGateway, SalesforceGateway
from services.connection.settings import Settings
from services.connection.store import OUTBOX, PostgresStore
from shared.crm.hosts import SALESFORCE_HOSTS, check_base_url
from shared.crm.hubspot.oauth import HubSpotOAuth
from shared.db.database import Database
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.kernel.records import Side
from shared.outbox.outbox import Outbox
from shared.runtime.service import Service
from shared.security.keyring import KeyRing
from shared.security.tokens import TokenKey
from shared.web.guard import Guard

NAME = "connection"
# 256 random bits as 43 characters: a ticket, a state, a binding, or a PKCE verifier.
SECRET_BYTES = 32


def build(settings: Settings) -> Service:
    """The service, wired but not started."""
    database = Database.connect(settings.database_url.get_secret_value(), application=NAME)
    outbox = Outbox(OUTBOX, source=NAME)
    ring = KeyRing.parse(settings.key_ring.get_secret_value())
    http = httpx2.AsyncClient()
    parts = Parts(
        store=PostgresStore(database, outbox=outbox, ring=ring),
        crms={
            Side.HUBSPOT: _hubspot(settings, http),
            Side.SALESFORCE: _salesforce(settings, http),
        },
        guard=Guard(
            TokenKey.parse(settings.token_key.get_secret_value()),
            audience=NAME,
            clock=SystemClock(),
        ),
        public_url=settings.public_url,
        hubspot_app_id=settings.hubspot_app_id,
        check_domain=_salesforce_host,
        new_id=new_id,
        new_secret=partial(secrets.token_urlsafe, SECRET_BYTES),
        pause=asyncio.sleep,
    )
    return Service(
        name=NAME,
        routers=(routes(parts),),
        database=database,
        outbox=outbox,
        close=http.aclose,
    )


def _hubspot(settings: Settings, http: httpx2.AsyncClient) -> HubSpotGateway:
    oauth = HubSpotOAuth(
        http,
        client_id=settings.hubspot_client_id,
        client_secret=settings.hubspot_client_secret.get_secret_value(),
        authorize_url=f"{settings.hubspot_app_url}/oauth/authorize",
        token_base_url=settings.hubspot_api_url,
    )
    return HubSpotGateway(oauth, _redirect_uri(settings, Side.HUBSPOT), SystemClock())


def _salesforce(settings: Settings, http: httpx2.AsyncClient) -> SalesforceGateway:
    return SalesforceGateway(
        http=http,
        client_id=settings.salesforce_client_id,
        client_secret=settings.salesforce_client_secret.get_secret_value(),
        login_urls={
            Environment.PRODUCTION: settings.salesforce_login_url,
            Environment.SANDBOX: settings.salesforce_sandbox_login_url,
        },
        redirect_uri=_redirect_uri(settings, Side.SALESFORCE),
        extra_origins=settings.extra_crm_origins,
        clock=SystemClock(),
    )


def _redirect_uri(settings: Settings, side: Side) -> str:
    return f"{settings.public_url}/api/v1/connections/callbacks/{side.value}"


def _salesforce_host(domain: str) -> str:
    origin = check_base_url(f"https://{domain}", allowed_hosts=SALESFORCE_HOSTS)
    return origin.removeprefix("https://")
