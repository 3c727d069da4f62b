"""The smallest service with every mechanism, as a process: `python -m tests.chaos.plumber worker`.

It runs in the product's own frame (shared/runtime): relay, consumer and drain. With
CHAOS_EMIT=tag:count it also decides that many things and tells of them. CHAOS_CRASH_AT names the
place where it kills itself.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pydantic import Field, SecretStr
from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

import shared.runtime.relaying
from shared.contracts.contact_sync import RecordSynced
from shared.db.database import Database
from shared.db.notify import Wakeups
from shared.kernel.ids import new_id
from shared.kernel.records import ObjectType
from shared.messaging.envelope import Envelope
from shared.messaging.publisher import AmqpPublisher
from shared.messaging.topology import Subscription
from shared.outbox.bound import BoundMailbox
from shared.outbox.inbox import Inbox, transactional
from shared.outbox.lanes import LaneServer
from shared.outbox.mail import Lane, Note, Outgoing
from shared.outbox.mailbox import Mailbox
from shared.outbox.outbox import Outbox
from shared.runtime.mailroom import MeasuredMailbox
from shared.runtime.process import run
from shared.runtime.service import Loop, Service
from shared.runtime.settings import DeploymentSettings
from shared.telemetry.metrics import Metrics
from tests.chaos.tables import DRAINED, EFFECTS, INBOX, MAILBOX, OUTBOX, SCHEMA, STATES

CONNECTION = UUID(int=14)
LANE = "thing"
QUEUE = f"{SCHEMA}.heard"
POISON = "poison"
"""The subject of an event that no handler survives."""

TOGETHER = 20
"""Things that are decided in one transaction."""

LEASE = timedelta(seconds=5)


class Settings(DeploymentSettings):
    """As any service's."""

    database_url: SecretStr = Field(validation_alias="CAUSEWAY_PLUMBER_DATABASE_URL")


def reached(point: str) -> None:
    """The place where the process dies, if it is the one that was named."""
    if os.environ.get("CHAOS_CRASH_AT") == point:
        os.kill(os.getpid(), signal.SIGKILL)


class CrashingPublisher(AmqpPublisher):
    """Dies after the broker's confirm, before the outbox hears of it."""

    async def publish(self, batch: Sequence[Envelope]) -> None:
        await super().publish(batch)
        reached("published")


async def decide(database: Database, outbox: Outbox, subjects: Sequence[str]) -> None:
    """States and their events in one transaction; what was decided before is left alone."""
    async with database.begin() as conn:
        new = upsert(STATES).values([{"subject": one} for one in subjects])
        told = new.on_conflict_do_nothing().returning(STATES.c.subject)
        fresh = sorted((await conn.execute(told)).scalars())
        reached("decided")
        event = RecordSynced(object_type=ObjectType.CONTACT, hubspot_id="1", salesforce_id="003A")
        events = [Outgoing(CONNECTION, subject, event) for subject in fresh]
        await outbox.add(conn, events, now=datetime.now(UTC))
    reached("emitted")


def subscription(database: Database, inbox: Inbox, mailbox: Mailbox) -> Subscription:
    """One effect an event, and one row of the mailbox, in one transaction."""

    async def effect(conn: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
        if any(envelope.subject == POISON for envelope in envelopes):
            raise ValueError("a bug in a handler")
        await conn.execute(insert(EFFECTS).values([{"subject": e.subject} for e in envelopes]))
        notes = [Note(CONNECTION, LANE, "hubspot", envelope.subject) for envelope in envelopes]
        await mailbox.note(conn, notes)
        reached("effect")

    once = transactional(database, inbox, QUEUE, effect)

    async def handle(envelopes: Sequence[Envelope]) -> None:
        await once(envelopes)
        reached("committed")

    return Subscription(QUEUE, (RecordSynced,), handle)


@dataclass(frozen=True, slots=True)
class _Work:
    mail: BoundMailbox
    conn: AsyncConnection


@dataclass(frozen=True, slots=True)
class _Store:
    database: Database
    mailbox: Mailbox

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[_Work]:
        async with self.database.begin() as conn:
            yield _Work(BoundMailbox(self.mailbox, conn), conn)


def _serve(store: _Store) -> Callable[[Lane], Awaitable[int]]:
    async def serve(lane: Lane) -> int:
        async with store.begin() as work:
            claimed = await work.mail.claim(lane, limit=100, lease=LEASE)
        reached("claimed")
        async with store.begin() as work:
            gone = await store.mailbox.settle(work.conn, claimed) if claimed else set()
            now = (await work.conn.execute(select(func.clock_timestamp()))).scalar_one()
            drained = [
                {"subject": row.record_id, "waited": (now - row.first_seen_at).total_seconds()}
                for row in claimed
                if row.record_id in gone
            ]
            if drained:
                await work.conn.execute(insert(DRAINED).values(drained))
        reached("settled")
        return len(claimed)

    return serve


def _emitting(database: Database, outbox: Outbox, tag: str, count: int) -> Loop:
    async def emit(stop: asyncio.Event) -> None:
        for start in range(0, count, TOGETHER):
            some = [f"{tag}-{n}" for n in range(start, min(count, start + TOGETHER))]
            await decide(database, outbox, some)
        await stop.wait()

    return Loop("emit", emit)


def build(settings: Settings) -> Service:
    """The service, wired but not started."""
    metrics = Metrics()
    database = Database.connect(settings.database_url.get_secret_value(), application=SCHEMA)
    outbox, inbox = Outbox(OUTBOX, source=SCHEMA), Inbox(INBOX)
    mailbox = MeasuredMailbox(MAILBOX, metrics)
    wakeups = Wakeups(database.url)
    store = _Store(database, mailbox)
    lanes = LaneServer(store, _serve(store), wakeups, mailbox.channel, LEASE, new_id)
    loops = [Loop("drain", lanes.run)]
    if wanted := os.environ.get("CHAOS_EMIT"):
        tag, _, count = wanted.partition(":")
        loops.append(_emitting(database, outbox, tag, int(count)))
    return Service(
        name=SCHEMA,
        database=database,
        outbox=outbox,
        inbox=inbox,
        mailbox=mailbox,
        subscriptions=(subscription(database, inbox, mailbox),),
        loops=tuple(loops),
        wakeups=wakeups,
        metrics=metrics,
    )


if __name__ == "__main__":
    shared.runtime.relaying.AmqpPublisher = CrashingPublisher  # type: ignore[attr-defined]
    run(SCHEMA, Settings, build)
