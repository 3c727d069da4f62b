"""Waits until a deployment has nothing left to do: the end of every wait in demo and tests."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from deploy.stack.simulator import Simulator
from deploy.stack.stack import Stack

PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.2
LOOKS_IN_A_ROW = 3
"""A message between broker and inbox is in no table; it takes milliseconds."""

INDEX_LAG = timedelta(seconds=1)
"""HubSpot's search finds a write only after a moment; a poll has to have looked since."""

SOON = "2 seconds"
"""A row whose retry is this near is still work in progress."""


WORKING = f"""
    SELECT count(*) FROM {{0}}.mailbox m
    WHERE (due_at <= now() + interval '{SOON}' OR held_until >= now())
      AND NOT EXISTS (
        SELECT 1 FROM {{0}}.pauses p WHERE p.connection_id = m.connection_id AND p.paused
      )
"""  # noqa: S608 -- our own constants


class NeverQuietError(Exception):
    """Something went on being busy; the text says what."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is going on; all zero is quiet."""

    outbox: int
    deliveries: int
    imports: int
    mailbox: int
    webhooks: int
    handled: int
    polled_at: datetime | None
    now: datetime

    @property
    def busy(self) -> bool:
        """Whether anything waits to be done."""
        waiting = (self.outbox, self.deliveries, self.imports, self.mailbox, self.webhooks)
        return any(waiting)


async def run_until_quiet(
    stack: Stack, *, patience: float = PATIENCE_SECONDS, polls: bool = True
) -> None:
    """Returns when nothing waits, and every poller has looked since; NeverQuietError.

    Without `polls` no look is waited for: nothing is polled before a sync starts.
    """
    hubspot = Simulator(stack.hubspot_url)
    conn = await asyncpg.connect(stack.database_url)
    look = None
    try:
        async with asyncio.timeout(patience):
            quiet_since: Look | None = None
            calm = 0
            while calm < LOOKS_IN_A_ROW:
                look = await _look(conn, hubspot)
                if look.busy or (quiet_since and look.handled != quiet_since.handled):
                    quiet_since, calm = None, 0
                elif quiet_since is None:
                    quiet_since = look
                elif not polls or _polled(look, quiet_since):
                    calm += 1
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise NeverQuietError(f"still busy after {patience:.0f} s: {look}") from None
    finally:
        await conn.close()
        await hubspot.close()


def _polled(look: Look, quiet_since: Look) -> bool:
    """Whether every poller has looked since it became quiet."""
    return look.polled_at is not None and look.polled_at > quiet_since.now + INDEX_LAG


async def _look(conn: asyncpg.Connection, hubspot: Simulator) -> Look:
    webhooks = await hubspot.pending_webhooks()
    row = await conn.fetchrow(await _query(conn))
    return Look(
        outbox=row["outbox"],
        deliveries=row["deliveries"],
        imports=row["imports"],
        mailbox=row["mailbox"],
        webhooks=webhooks,
        handled=row["handled"],
        polled_at=row["polled_at"],
        now=row["now"],
    )


async def _query(conn: asyncpg.Connection) -> str:
    """Sums over the tables of the mechanisms, in whichever schemas they are."""
    counts = {
        "outbox": ("outbox", "SELECT count(*) FROM {0}.outbox"),
        "handled": ("inbox", "SELECT count(*) FROM {0}.inbox"),
        "mailbox": ("mailbox", WORKING),
    }
    columns = [
        "(SELECT count(*) FROM ingress.deliveries WHERE split_at IS NULL) AS deliveries",
        "(SELECT count(*) FROM contact_sync.imports WHERE state = 'walking') AS imports",
        "(SELECT min(polled_at) FROM ingress.cursors) AS polled_at",
        "clock_timestamp() AS now",
    ]
    for name, (table, counting) in counts.items():
        schemas = await conn.fetch(
            "SELECT table_schema FROM information_schema.tables WHERE table_name = $1", table
        )
        parts = [f"({counting.format(schema[0])})" for schema in schemas]
        columns.append(f"{' + '.join(parts) or '0'} AS {name}")
    return f"SELECT {', '.join(columns)}"
