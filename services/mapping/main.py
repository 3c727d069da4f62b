"""The wiring of the mapping service, in one function."""

from functools import partial

import httpx2

from services.mapping.api import routes
from services.mapping.events import subscriptions
from services.mapping.gateways import CrmCatalogues
from services.mapping.gateways.lookups import CrmLookups
from services.mapping.schedule import refresh_loop
from services.mapping.settings import Settings
from services.mapping.store import TABLES, PostgresStore
from services.mapping.store.purges import PURGES
from shared.crm.watching import measured
from shared.db.database import Database
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.outbox.inbox import Inbox
from shared.outbox.outbox import Outbox
from shared.runtime.service import Loop, Service
from shared.security.tokens import TokenKey
from shared.telemetry.metrics import Metrics
from shared.web.guard import Guard
from shared.web.peers import CrmAccess, Peer
from shared.web.peers.clients import CrmClients

NAME = "mapping"


def build(settings: Settings) -> Service:
    """The service, wired but not started."""
    clock, metrics = SystemClock(), Metrics()
    token_key = TokenKey.parse(settings.token_key.get_secret_value())
    database = Database.connect(settings.database_url.get_secret_value(), application=NAME)
    inbox = Inbox(TABLES.inbox, PURGES)
    outbox = Outbox(TABLES.outbox, source=NAME)
    store = PostgresStore(database, outbox=outbox, clock=clock)
    http = httpx2.AsyncClient()
    peer = partial(
        Peer, http, base_url=settings.peer_url, token_key=token_key, subject=NAME, clock=clock
    )
    access = CrmAccess(peer(audience="connection"), peer(audience="quota"))
    clients = CrmClients(http, access, measured(metrics))
    crms, lookups = CrmCatalogues(clients), CrmLookups(clients)
    guard = Guard(token_key, audience=NAME, clock=clock)
    hit = metrics.gauge(
        "causeway_mappings_hit",
        "Mappings in use that a change in a CRM makes impossible, or that lost values",
        ("connection",),
    )
    return Service(
        name=NAME,
        routers=(routes(store, crms, lookups, guard=guard, clock=clock),),
        database=database,
        outbox=outbox,
        inbox=inbox,
        purges=PURGES,
        subscriptions=subscriptions(store, database, inbox),
        loops=(Loop("fields", refresh_loop(store, crms, new_id, hit)),),
        close=http.aclose,
        metrics=metrics,
    )
