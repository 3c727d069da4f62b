"""The smallest service whose books can be audited: what was written, applied and mirrored.

A write raises a record's sequence number and emits an event about it, in one transaction. Two
subscribers write down each event that they apply; the first one also notes the record in its
mailbox, and a drain copies the number that the record has by then: events are hints.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Integer, Table, Text, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from shared.contracts.contact_sync import RecordSynced
from shared.db.database import Database
from shared.db.schema import metadata_for
from shared.kernel.records import ObjectType
from shared.outbox.mail import Outgoing
from shared.outbox.mailbox_tables import mailbox_tables
from shared.outbox.outbox import Outbox
from shared.outbox.tables import inbox_table, outbox_table

METADATA = metadata_for("chaos")
OUTBOX = outbox_table(METADATA)
INBOX = inbox_table(METADATA)
MAILBOX = mailbox_tables(METADATA)
RECORDS = Table(
    "records", METADATA, Column("subject", Text, primary_key=True), Column("sequence", Integer)
)
WRITTEN = Table(
    "written",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("sequence", Integer, primary_key=True),
)
APPLIED = Table(
    "applied",
    METADATA,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("queue", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
)
MIRROR = Table(
    "mirror", METADATA, Column("subject", Text, primary_key=True), Column("sequence", Integer)
)

FIRST, SECOND = "chaos.first", "chaos.second"
QUEUES = (FIRST, SECOND)
SUBJECTS = 61
CONNECTIONS = 5
AT_ONCE = 20
"""Events of one transaction."""


def connection_of(subject: str) -> UUID:
    """A record belongs to one connection; that of an odd subject does not matter."""
    number = int(subject) if subject.isdigit() else 0
    return UUID(int=1 + number % CONNECTIONS)


def outgoing(subject: str, sequence: int) -> Outgoing:
    """The event about one version of one record."""
    event = RecordSynced(
        object_type=ObjectType.CONTACT,
        hubspot_id=subject,
        salesforce_id="003",
        hubspot_fields=sequence,
    )
    return Outgoing(connection_of(subject), subject, event)


@dataclass
class Ledger:
    """The producer's side, and a look into the books."""

    database: Database
    outbox: Outbox = field(default_factory=lambda: Outbox(OUTBOX, source="chaos"))
    _sequences: Counter[str] = field(default_factory=Counter)
    _dice: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 -- no secret

    async def write(self, *subjects: str, emit: bool = True) -> None:
        """Raises each record by one, and emits an event each, in one transaction.

        Without `emit` the event leaves in another way, which is the test's matter.
        """
        pairs = []
        for subject in subjects:
            self._sequences[subject] += 1
            pairs.append((subject, self._sequences[subject]))
        rows = [{"subject": subject, "sequence": sequence} for subject, sequence in pairs]
        newest = [{"subject": s, "sequence": self._sequences[s]} for s in sorted(set(subjects))]
        raised = upsert(RECORDS).values(newest)
        async with self.database.begin() as conn:
            await conn.execute(insert(WRITTEN).values(rows))
            await conn.execute(
                raised.on_conflict_do_update(
                    index_elements=["subject"], set_={"sequence": raised.excluded.sequence}
                )
            )
            events = [outgoing(*pair) for pair in pairs] if emit else []
            await self.outbox.add(conn, events, now=datetime.now(UTC))

    async def produce(self, events: int) -> None:
        """That many writes to random records, a few in each transaction."""
        left = events
        while left > 0:
            subjects = [str(self._dice.randrange(SUBJECTS)) for _ in range(min(AT_ONCE, left))]
            await self.write(*subjects)
            left -= len(subjects)

    async def rows(self, table: Table) -> int:
        """How many rows a table has."""
        async with self.database.begin() as conn:
            return (await conn.execute(select(func.count()).select_from(table))).scalar_one()

    async def applied(self, queue: str) -> Sequence[tuple[str, int]]:
        """Subject and sequence of all that a subscriber applied, in its order."""
        wanted = select(APPLIED.c.subject, APPLIED.c.sequence).where(APPLIED.c.queue == queue)
        async with self.database.begin() as conn:
            found = await conn.execute(wanted.order_by(APPLIED.c.position))
            return [(row.subject, row.sequence) for row in found]

    async def written(self) -> set[tuple[str, int]]:
        """Subject and sequence of all that was ever committed."""
        async with self.database.begin() as conn:
            found = await conn.execute(select(WRITTEN))
            return {(row.subject, row.sequence) for row in found}

    async def newest(self, table: Table) -> dict[str, int]:
        """The sequence of each record, in RECORDS or in MIRROR."""
        async with self.database.begin() as conn:
            found = await conn.execute(select(table.c.subject, table.c.sequence))
            return {row.subject: row.sequence for row in found}
