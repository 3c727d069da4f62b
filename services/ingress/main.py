"""The wiring of ingress, in one function."""

from datetime import timedelta
from functools import partial

import httpx2

from services.ingress.api import routes
from services.ingress.events import subscriptions
from services.ingress.gateways import CrmPoller
from services.ingress.handlers.poll import Polling
from services.ingress.schedule import poll_loop, split_loop
from services.ingress.settings import Settings
from services.ingress.store import TABLES, PostgresStore
from services.ingress.store.deliveries import DELIVERIES_CHANNEL
from services.ingress.store.purges import PURGES
from services.ingress.store.retention import DELIVERIES
from shared.crm.watching import measured
from shared.db.database import Database
from shared.db.notify import Wakeups
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.kernel.records import Side
from shared.messaging.check import BrokerCheck
from shared.outbox.inbox import Inbox
from shared.outbox.outbox import Outbox
from shared.runtime.service import Loop, Service
from shared.security.hashing import FieldHash, parse_hash_key
from shared.security.tokens import TokenKey
from shared.telemetry.metrics import Metrics
from shared.web.peers import CrmAccess, Peer
from shared.web.peers.clients import CrmClients

NAME = "ingress"


def build(settings: Settings) -> Service:
    """The service, wired but not started."""
    clock, metrics = SystemClock(), Metrics()
    token_key = TokenKey.parse(settings.token_key.get_secret_value())
    database = Database.connect(settings.database_url.get_secret_value(), application=NAME)
    inbox = Inbox(TABLES.inbox, PURGES)
    outbox = Outbox(TABLES.outbox, source=NAME)
    store = PostgresStore(database, outbox=outbox, clock=clock)
    wakeups = Wakeups(database.url)
    broker = BrokerCheck(settings.amqp_url.get_secret_value())
    hash_of = FieldHash(parse_hash_key(settings.hash_key.get_secret_value()))
    http = httpx2.AsyncClient()
    peer = partial(
        Peer, http, base_url=settings.peer_url, token_key=token_key, subject=NAME, clock=clock
    )
    access = CrmAccess(peer(audience="connection"), peer(audience="quota"))
    poller = CrmPoller(CrmClients(http, access, measured(metrics)))
    polling = Polling(store, poller, clock, hash_of, timedelta(seconds=settings.poll_seconds))

    async def close() -> None:
        await http.aclose()
        await broker.close()

    door = routes(
        store=store,
        clock=clock,
        new_id=new_id,
        client_secret=settings.hubspot_client_secret,
        webhook_url=f"{settings.public_url}/webhooks/hubspot",
        check_broker=broker,
    )
    return Service(
        name=NAME,
        routers=(door,),
        database=database,
        outbox=outbox,
        inbox=inbox,
        purges=PURGES,
        subscriptions=subscriptions(store, database, inbox),
        loops=(
            Loop("split", split_loop(store, hash_of, wakeups, DELIVERIES_CHANNEL)),
            Loop("poll_salesforce", poll_loop(polling, Side.SALESFORCE)),
            Loop("poll_hubspot", poll_loop(polling, Side.HUBSPOT)),
        ),
        retentions=(DELIVERIES,),
        checks={"broker": broker},
        close=close,
        wakeups=wakeups,
        metrics=metrics,
    )
