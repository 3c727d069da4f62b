"""The wiring of the package watcher, in one function."""

from functools import partial

import httpx2

from services.package_watcher.api import Doors, routes
from services.package_watcher.domain.cadence import Cadence
from services.package_watcher.events import subscriptions
from services.package_watcher.gateways import (
    BASE,
    CHANGE_EVENTS,
    Package,
    PackageSource,
    SalesforceOrgs,
    Vault,
    WindowOrgs,
)
from services.package_watcher.gateways.vault import place_of
from services.package_watcher.handlers.check import Checker
from services.package_watcher.handlers.watch import Watcher
from services.package_watcher.handlers.window_watch import WindowWatcher
from services.package_watcher.schedule import check_loop, watch_loop, window_loop
from services.package_watcher.settings import Settings
from services.package_watcher.store import CHANNEL, TABLES, WINDOW_CHANNEL, PostgresStore
from services.package_watcher.store.purges import PURGES
from services.package_watcher.store.tables import installations
from shared.crm.watching import measured
from shared.db.database import Database
from shared.db.notify import Wakeups
from shared.db.rotation import SealedColumn, Secrets
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.outbox.inbox import Inbox
from shared.outbox.outbox import Outbox
from shared.runtime.service import Loop, Service
from shared.security.keyring import KeyRing
from shared.security.tokens import TokenKey
from shared.telemetry.metrics import Metrics
from shared.web.guard import Guard
from shared.web.peers import CrmAccess, Peer

NAME = "package_watcher"
SEALED = SealedColumn(installations, "sealed_password", ("id",), lambda row: place_of(row["id"]))


def build(settings: Settings) -> Service:
    """The service, wired but not started."""
    clock, metrics = SystemClock(), Metrics()
    token_key = TokenKey.parse(settings.token_key.get_secret_value())
    database = Database.connect(settings.database_url.get_secret_value(), application=NAME)
    inbox = Inbox(TABLES.inbox, PURGES)
    outbox = Outbox(TABLES.outbox, source=NAME)
    store = PostgresStore(database, outbox=outbox)
    wakeups = Wakeups(database.url)
    http = httpx2.AsyncClient()
    peer = partial(
        Peer, http, base_url=settings.peer_url, token_key=token_key, subject=NAME, clock=clock
    )
    access = CrmAccess(peer(audience="connection"), peer(audience="quota"))
    ring = KeyRing.parse(settings.key_ring.get_secret_value())
    vault = Vault(ring)
    source = _source(settings)
    package = _package(settings, source)
    salesforce = SalesforceOrgs(http, access, package, vault, measured(metrics))
    windows = WindowOrgs(http, access, source, settings.public_url, measured(metrics))
    cadence = Cadence(settings.first_look_seconds, settings.slowest_look_seconds)
    watcher = Watcher(store, salesforce, new_id, cadence)
    guard = Guard(token_key, audience=NAME, clock=clock)
    return Service(
        name=NAME,
        routers=(routes(Doors(store, guard, new_id, vault, package.version, windows)),),
        database=database,
        outbox=outbox,
        inbox=inbox,
        purges=PURGES,
        subscriptions=subscriptions(store, database, inbox, new_id),
        loops=(
            Loop("watch", watch_loop(watcher, wakeups, CHANNEL)),
            Loop("check", check_loop(Checker(store, salesforce, new_id))),
            Loop(
                "window",
                window_loop(
                    WindowWatcher(store, windows, new_id, cadence), wakeups, WINDOW_CHANNEL
                ),
            ),
        ),
        close=http.aclose,
        wakeups=wakeups,
        metrics=metrics,
        secrets=Secrets(ring, (SEALED,)),
    )


def _source(settings: Settings) -> PackageSource:
    """The source with what differs by deployment; the names are the CLI's variables."""
    return PackageSource(
        settings.package_source,
        {
            "CAUSEWAY_PUBLIC_URL": settings.public_url,
            "CAUSEWAY_SALESFORCE_APP_NAME": settings.salesforce_app_name,
        },
    )


def _package(settings: Settings, source: PackageSource) -> Package:
    """What the method deploy brings."""
    parts = (BASE, CHANGE_EVENTS) if settings.change_events else (BASE,)
    return Package(partial(source.zip, *parts), partial(source.removal, *parts), source.version())
