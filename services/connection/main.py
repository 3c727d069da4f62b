"""The wiring of connection, in one function."""

import asyncio
import secrets
from functools import partial
from uuid import UUID

import httpx2

from services.connection.api import Parts, routes
from services.connection.domain.attempt import digest
from services.connection.domain.connection import Environment, Grant
from services.connection.gateways import CrmScout, HubSpotGateway, SalesforceGateway
from services.connection.handlers.tokens import access_token
from services.connection.ports import Crms
from services.connection.settings import Settings
from services.connection.store import OUTBOX, SEALED, PostgresStore
from services.connection.store.purges import PURGES
from shared.crm.hosts import SALESFORCE_HOSTS, check_base_url
from shared.crm.hubspot.oauth import HubSpotOAuth
from shared.db.database import Database
from shared.db.rotation import Secrets
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.kernel.records import Side
from shared.outbox.outbox import Outbox
from shared.runtime.service import Service
from shared.security.keyring import KeyRing
from shared.security.tokens import TokenKey
from shared.web.guard import Guard
from shared.web.peers import LeasedMeter, Peer

NAME = "connection"
# 256 random bits as 43 characters: a ticket, a state, a binding, or a PKCE verifier.
SECRET_BYTES = 32
SETUP = "setup"


def build(settings: Settings) -> Service:
    """The service, wired but not started."""
    database = Database.connect(settings.database_url.get_secret_value(), application=NAME)
    outbox = Outbox(OUTBOX, source=NAME)
    ring = KeyRing.parse(settings.key_ring.get_secret_value())
    http = httpx2.AsyncClient()
    token_key = TokenKey.parse(settings.token_key.get_secret_value())
    store = PostgresStore(database, outbox=outbox, ring=ring)
    crms: Crms = {
        Side.HUBSPOT: _hubspot(settings, http),
        Side.SALESFORCE: _salesforce(settings, http),
    }
    parts = Parts(
        store=store,
        crms=crms,
        guard=Guard(token_key, audience=NAME, clock=SystemClock()),
        scout=_scout(settings, http, store, crms, token_key),
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
        secrets=Secrets(ring, SEALED),
        purges=PURGES,
        close=http.aclose,
    )


def _scout(
    settings: Settings,
    http: httpx2.AsyncClient,
    store: PostgresStore,
    crms: Crms,
    token_key: TokenKey,
) -> CrmScout:
    """Tokens from this very process, calls leased from quota as every service does."""
    quota = Peer(
        http,
        base_url=settings.peer_url,
        audience="quota",
        token_key=token_key,
        subject=NAME,
        clock=SystemClock(),
    )

    async def token_of(connection_id: UUID, side: Side, refused: str | None) -> Grant:
        return await access_token(
            store,
            crms,
            connection_id,
            side,
            rejected=None if refused is None else digest(refused),
            new_id=new_id,
            pause=asyncio.sleep,
            hubspot_app_id=settings.hubspot_app_id,
        )

    return CrmScout(http, token_of, partial(LeasedMeter, quota, purpose=SETUP))


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
