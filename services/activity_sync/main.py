"""The wiring of activity_sync, in one function."""

from datetime import timedelta
from functools import partial

import httpx2

from services.activity_sync.api import routes
from services.activity_sync.events import subscriptions
from services.activity_sync.gateways import CrmGateways
from services.activity_sync.handlers.batch import Drain
from services.activity_sync.handlers.drain import drain_batch
from services.activity_sync.settings import Settings
from services.activity_sync.store import TABLES, PostgresStore
from services.activity_sync.store.purges import PURGES
from services.activity_sync.store.retention import journal_kept
from services.activity_sync.store.views import PostgresViews
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

NAME = "activity_sync"


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
    access = CrmAccess(peer(audience="connection"), peer(audience="quota"))
    drain = Drain(
        store=store,
        crms=CrmGateways(CrmClients(http, access, measured(metrics))),
        clock=clock,
        new_id=new_id,
        hash_of=FieldHash(parse_hash_key(settings.hash_key.get_secret_value())),
        lease=timedelta(seconds=settings.lease_seconds),
    )
    serve = partial(drain_batch, drain)
    lanes = LaneServer(store, serve, wakeups, mailbox.channel, drain.lease, new_id)
    echoes = metrics.counter("causeway_echoes_dropped", "Changes that were our own writes")
    guard = Guard(token_key, audience=NAME, clock=clock)
    return Service(
        name=NAME,
        routers=(routes(PostgresViews(database), guard),),
        database=database,
        outbox=outbox,
        inbox=inbox,
        purges=PURGES,
        subscriptions=subscriptions(store, database, inbox, echoes.inc),
        loops=(Loop("drain", lanes.run),),
        retentions=(journal_kept(settings.journal_days),),
        close=http.aclose,
        wakeups=wakeups,
        mailbox=mailbox,
        metrics=metrics,
    )
