"""A service that sends itself one event through the outbox, the broker and the inbox."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from pydantic import Field, SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.quota import QuotaRestored
from shared.db.database import Database
from shared.db.schema import metadata_for
from shared.kernel.clock import SystemClock
from shared.kernel.records import Side
from shared.messaging.envelope import Envelope
from shared.messaging.topology import Subscription
from shared.outbox.inbox import Inbox, transactional
from shared.outbox.mail import Outgoing
from shared.outbox.outbox import Outbox
from shared.outbox.tables import inbox_table, outbox_table
from shared.runtime.process import run
from shared.runtime.service import Loop, Service
from shared.runtime.settings import DeploymentSettings

METADATA = metadata_for("postbox")
OUTBOX = outbox_table(METADATA)
INBOX = inbox_table(METADATA)
CONNECTION = UUID("0191a2b3-0000-7000-8000-000000000001")


class Settings(DeploymentSettings):
    """With a database."""

    database_url: SecretStr = Field(validation_alias="CAUSEWAY_POSTBOX_DATABASE_URL")


def build(settings: Settings) -> Service:
    """The service, wired but not started."""
    database = Database.connect(settings.database_url.get_secret_value(), application="postbox")
    outbox = Outbox(OUTBOX, source="postbox")

    async def send(stop: asyncio.Event) -> None:
        event = Outgoing(CONNECTION, "quota", QuotaRestored(side=Side.HUBSPOT))
        async with database.begin() as conn:
            await outbox.add(conn, [event], now=SystemClock().now())
        await stop.wait()

    async def hear(_conn: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            print(f"heard:{envelope.data['side']}", flush=True)  # noqa: T201 - the test reads it

    handler = transactional(database, Inbox(INBOX), "postbox.quota", hear)
    return Service(
        name="postbox",
        database=database,
        outbox=outbox,
        subscriptions=(Subscription("postbox.quota", (QuotaRestored,), handler),),
        loops=(Loop("send", send),),
    )


if __name__ == "__main__":
    run("postbox", Settings, build)
