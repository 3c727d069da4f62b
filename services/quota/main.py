"""The wiring of quota, in one function."""

from services.quota.api import counted, routes
from services.quota.events import subscriptions
from services.quota.schedule import review_loop
from services.quota.settings import Settings
from services.quota.store import INBOX, OUTBOX, PURGES, PostgresStore
from services.quota.store.retention import LEASES
from shared.db.database import Database
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.outbox.inbox import Inbox
from shared.outbox.outbox import Outbox
from shared.runtime.service import Loop, Service
from shared.security.tokens import TokenKey
from shared.telemetry.metrics import Metrics
from shared.web.guard import Guard

NAME = "quota"


def build(settings: Settings) -> Service:
    """The service, wired but not started."""
    database = Database.connect(settings.database_url.get_secret_value(), application=NAME)
    outbox = Outbox(OUTBOX, source=NAME)
    inbox = Inbox(INBOX, PURGES)
    store, metrics = PostgresStore(database, outbox=outbox), Metrics()
    token_key = TokenKey.parse(settings.token_key.get_secret_value())
    guard = Guard(token_key, audience=NAME, clock=SystemClock())
    return Service(
        name=NAME,
        routers=(routes(store, guard, new_id, counted(metrics)),),
        database=database,
        outbox=outbox,
        inbox=inbox,
        purges=PURGES,
        subscriptions=subscriptions(store, database, inbox),
        loops=(Loop("review", review_loop(store)),),
        retentions=(LEASES,),
        metrics=metrics,
    )
