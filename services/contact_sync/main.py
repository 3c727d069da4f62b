"""The wiring of contact_sync, in one function."""

from datetime import timedelta
from functools import partial

import httpx2

from services.contact_sync.api import routes
from services.contact_sync.events import subscriptions
from services.contact_sync.gateways import CrmGateways, PeersAround
from services.contact_sync.handlers.drain import Drain, drain_batch
from services.contact_sync.handlers.imports import Importer
from services.contact_sync.handlers.preview import Previewer
from services.contact_sync.schedule import import_loop
from services.contact_sync.settings import Settings
from services.contact_sync.store import TABLES, PostgresStore
from services.contact_sync.store.purges import PURGES
from services.contact_sync.store.retention import journal_kept
from services.contact_sync.store.views import PostgresViews
from shared.crm.watching import measured
from shared.db.database import Database
from shared.db.notify import Wakeups
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.outbox.inbox import Inbox
from shared.outbox.lanes import LaneServer
from shared.outbox.outbox import Outbox
from shared.runtime.mailroom import MeasuredMailbox
from shared.runtime.service import Loop, Service
from shared.security.hashing import FieldHash, parse_hash_key
from shared.security.tokens import TokenKey
from shared.telemetry.metrics import Metrics
from shared.web.guard import Guard
from shared.web.peers import CrmAccess, Peer
from shared.web.peers.clients import CrmClients

NAME = "contact_sync"


def build(settings: Settings) -> Service:
    """The service, wired but not started."""
    clock, metrics = SystemClock(), Metrics()
    token_key = TokenKey.parse(settings.token_key.get_secret_value())
    database = Database.connect(settings.database_url.get_secret_value(), application=NAME)
    inbox = Inbox(TABLES.inbox, PURGES)
    outbox = Outbox(TABLES.outbox, source=NAME)
    mailbox = MeasuredMailbox(TABLES.mailbox, metrics)
    store = PostgresStore(database, outbox=outbox, mailbox=mailbox, clock=clock)
    wakeups = Wakeups(database.url)
    http = httpx2.AsyncClient()
    peer = partial(
        Peer, http, base_url=settings.peer_url, token_key=token_key, subject=NAME, clock=clock
    )
    quota = peer(audience="quota")
    access = CrmAccess(peer(audience="connection"), quota)
    crms = CrmGateways(CrmClients(http, access, measured(metrics)), clock)
    hash_of = FieldHash(parse_hash_key(settings.hash_key.get_secret_value()))
    lease = timedelta(seconds=settings.lease_seconds)
    drain = Drain(store, crms, clock, new_id, hash_of, lease)
    serve = partial(drain_batch, drain)
    lanes = LaneServer(store, serve, wakeups, mailbox.channel, lease, new_id)
    echoes = metrics.counter("causeway_echoes_dropped", "Changes that were our own writes")
    around = PeersAround(quota, access, settings.hubspot_app_url)
    previewer = Previewer(store, crms, around, clock)
    guard = Guard(token_key, audience=NAME, clock=clock)
    return Service(
        name=NAME,
        routers=(routes(store, PostgresViews(database), previewer, guard=guard, new_id=new_id),),
        database=database,
        outbox=outbox,
        inbox=inbox,
        purges=PURGES,
        subscriptions=subscriptions(store, database, inbox, echoes.inc),
        loops=(
            Loop("drain", lanes.run),
            Loop("imports", import_loop(Importer(store, crms, lease))),
        ),
        retentions=(journal_kept(settings.journal_days),),
        close=http.aclose,
        wakeups=wakeups,
        mailbox=mailbox,
        metrics=metrics,
    )
