"""The ledger's worker process, on the real runtime: relay, two consumers, and a drain.

`python -m tests.chaos.broker.worker worker`; what it runs is told by CAUSEWAY_CHAOS_PARTS.
Each event that reaches a handler is appended to a file first, so that a SIGKILL cannot hide it.
"""

import asyncio
import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from pydantic import Field, SecretStr
from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.contact_sync import RecordSynced
from shared.db.database import Database
from shared.db.notify import Wakeups
from shared.kernel.ids import new_id
from shared.messaging.envelope import Envelope
from shared.messaging.publisher import AmqpPublisher
from shared.messaging.registry import EventRegistry
from shared.messaging.topology import Subscription
from shared.outbox.inbox import Inbox, transactional
from shared.outbox.mail import Note
from shared.outbox.mailbox import Mailbox
from shared.outbox.outbox import Outbox
from shared.outbox.relay import Relay
from shared.runtime.process import run
from shared.runtime.service import Loop, Service
from shared.runtime.settings import DeploymentSettings, Names
from tests.chaos.broker.ledger import (
    APPLIED,
    FIRST,
    INBOX,
    MAILBOX,
    MIRROR,
    OUTBOX,
    QUEUES,
    RECORDS,
)

DEADLY = "deadly"
"""The subject whose handling ends the process."""

RELAY, CONSUMERS, DRAIN, FRAGILE_RELAY = "relay", "consumers", "drain", "fragile_relay"
LEASE = timedelta(seconds=2)
BATCH = 50


class Settings(DeploymentSettings):
    """What a test tells a worker; `publishes` is how many a fragile relay lives for."""

    database_url: SecretStr = Field(validation_alias="CAUSEWAY_CHAOS_DATABASE_URL")
    deliveries: Path = Field(validation_alias="CAUSEWAY_CHAOS_DELIVERIES")
    parts: Names = Field(default=(), validation_alias="CAUSEWAY_CHAOS_PARTS")
    publishes: int = Field(default=0, validation_alias="CAUSEWAY_CHAOS_PUBLISHES")


def build(settings: Settings) -> Service:
    """The service, wired but not started."""
    database = Database.connect(settings.database_url.get_secret_value(), application="chaos")
    wakeups = Wakeups(database.url)
    outbox, inbox, mailbox = Outbox(OUTBOX, source="chaos"), Inbox(INBOX), Mailbox(MAILBOX)
    parts = settings.parts
    wanted = subscriptions(database, inbox, mailbox)
    loops = []
    if FRAGILE_RELAY in parts:
        loops.append(Loop(FRAGILE_RELAY, FragileRelay(settings, database, outbox, wakeups).run))
    if DRAIN in parts:
        loops.append(Loop(DRAIN, Drain(database, mailbox, wakeups).run))
    return Service(
        name="chaos",
        database=database,
        outbox=outbox if RELAY in parts else None,
        subscriptions=tuple(written_down(each, settings.deliveries) for each in wanted)
        if CONSUMERS in parts
        else (),
        loops=tuple(loops),
        wakeups=wakeups,
        inbox=inbox,
        mailbox=mailbox,
    )


def subscriptions(database: Database, inbox: Inbox, mailbox: Mailbox) -> list[Subscription]:
    """Two subscribers of the same events; the first one notes each record in its mailbox."""
    registry = EventRegistry((RecordSynced,))

    def subscription(queue: str) -> Subscription:
        async def handle(conn: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
            rows = []
            for envelope in envelopes:
                event = registry.parse(envelope)
                assert isinstance(event, RecordSynced)
                if envelope.subject == DEADLY and queue == FIRST:
                    os.kill(os.getpid(), signal.SIGKILL)
                rows.append((queue, envelope.subject, event.hubspot_fields))
            names = ("queue", "subject", "sequence")
            await conn.execute(
                insert(APPLIED).values([dict(zip(names, r, strict=True)) for r in rows])
            )
            if queue == FIRST:
                await mailbox.note(conn, [_note(envelope) for envelope in envelopes])

        return Subscription(queue, (RecordSynced,), transactional(database, inbox, queue, handle))

    return [subscription(queue) for queue in QUEUES]


def _note(envelope: Envelope) -> Note:
    return Note(envelope.connection_id, "contact", "hubspot", envelope.subject)


def written_down(subscription: Subscription, deliveries: Path) -> Subscription:
    """The subscription, with a line for each event that is handed to it."""

    async def handle(envelopes: Sequence[Envelope]) -> None:
        lines = [
            f"{subscription.queue} {e.subject[:20]} {e.data.get('hubspot_fields')}\n"
            for e in envelopes
        ]
        with deliveries.open("ab", buffering=0) as file:
            file.write("".join(lines).encode())
        await subscription.handler(envelopes)

    return replace(subscription, handler=handle)


class FragileRelay:
    """A relay with a short lease that is killed between a confirm and the delete of its rows."""

    def __init__(
        self, settings: Settings, database: Database, outbox: Outbox, wakeups: Wakeups
    ) -> None:
        self._inner = AmqpPublisher(
            settings.amqp_url.get_secret_value(), namespace=settings.amqp_namespace
        )
        self._left = settings.publishes
        self._relay = Relay(database, outbox, self, wakeups, lease=LEASE)

    async def run(self, stop: asyncio.Event) -> None:
        """Relays until told to stop, or until it is killed."""
        try:
            await self._inner.connect()
            await self._relay.run(stop)
        finally:
            await self._inner.close()

    async def publish(self, batch: Sequence[Envelope]) -> None:
        """Publishes; after the last one that it has left, the process is gone."""
        await self._inner.publish(batch)
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class Drain:
    """Copies the present state of each record that waits, and settles it."""

    def __init__(self, database: Database, mailbox: Mailbox, wakeups: Wakeups) -> None:
        self._database = database
        self._mailbox = mailbox
        self._wakeups = wakeups

    async def run(self, stop: asyncio.Event) -> None:
        """Serves lane after lane until told to stop."""
        while not stop.is_set():
            async with self._database.begin() as conn:
                lane = await self._mailbox.claim_lane(conn, holder=new_id(), lease=LEASE)
                if lane is not None:
                    claimed = await self._mailbox.claim(conn, lane, limit=BATCH, lease=LEASE)
            if lane is None:
                await self._wakeups.wait(self._mailbox.channel, 1.0)
                continue
            async with self._database.begin() as conn:
                await self._copy(conn, [row.record_id for row in claimed])
                await self._mailbox.settle(conn, claimed)
                await self._mailbox.release_lane(conn, lane)

    async def _copy(self, conn: AsyncConnection, subjects: Sequence[str]) -> None:
        found = select(RECORDS).where(RECORDS.c.subject.in_(subjects))
        rows = [dict(row) for row in (await conn.execute(found)).mappings()]
        if rows:
            copied = upsert(MIRROR).values(rows)
            newest = {"sequence": copied.excluded.sequence}
            await conn.execute(
                copied.on_conflict_do_update(index_elements=["subject"], set_=newest)
            )


if __name__ == "__main__":
    run("chaos", Settings, build)
