"""Both stores of contact_sync, each with a way to let time pass."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from sqlalchemy import delete, select, update

from services.contact_sync.domain.world import Claim
from services.contact_sync.ports import Parked, Work
from services.contact_sync.store import TABLES, PostgresStore, metadata
from services.contact_sync.store.tables import imports, journal, parked
from shared.db.database import Database
from shared.kernel.records import ObjectType, Side
from tests.fakes.clock import FixedClock
from tests.fakes.contact_sync.store import FakeStore


class Stores(Protocol):
    """What the contract suite needs of a store, past its port."""

    def begin(self) -> AbstractAsyncContextManager[Work]: ...

    async def pass_time(self, by: timedelta) -> None:
        """Leases and waits come nearer to their end."""
        ...

    async def statuses(self) -> list[tuple[str, str | None]]:
        """Status and error of every journal entry, in the order of their ids."""
        ...

    async def parked(self) -> list[Parked]:
        """All parked records, ordered by record and code."""
        ...

    async def imports(self) -> list[tuple[str, str | None]]:
        """State and problem of every import, in the order of their ids."""
        ...

    async def events(self) -> list[tuple[str, str]]:
        """Type and subject of what waits in the outbox, in order."""
        ...


@dataclass
class InMemory:
    """The fake."""

    store: FakeStore
    clock: FixedClock

    def begin(self) -> AbstractAsyncContextManager[Work]:
        return self.store.begin()

    async def pass_time(self, by: timedelta) -> None:
        self.clock.advance(by)

    async def statuses(self) -> list[tuple[str, str | None]]:
        entries = sorted(self.store.journal, key=lambda entry: entry.id)
        return [(entry.status.value, entry.error) for entry in entries]

    async def parked(self) -> list[Parked]:
        return sorted(self.store.parked, key=_place)

    async def imports(self) -> list[tuple[str, str | None]]:
        found = sorted((one for one, _ in self.store.state.imports.values()), key=lambda i: i.id)
        return [(one.state, one.problem) for one in found]

    async def events(self) -> list[tuple[str, str]]:
        outgoing = self.store.state.outbox.values()
        return [(item.event.type_name(), item.subject) for item in outgoing]


@dataclass
class OnPostgres:
    """The real one. Time passes by moving what is stored into the past."""

    store: PostgresStore
    database: Database

    def begin(self) -> AbstractAsyncContextManager[Work]:
        return self.store.begin()

    async def clear(self) -> None:
        async with self.database.begin() as conn:
            for table in metadata.sorted_tables:
                await conn.execute(delete(table))

    async def pass_time(self, by: timedelta) -> None:
        moved = {
            imports: ("held_until",),
            TABLES.mailbox.mailbox: ("due_at", "held_until", "first_seen_at"),
            TABLES.mailbox.lanes: ("held_until", "served_at"),
            TABLES.mailbox.pauses: ("until",),
        }
        async with self.database.begin() as conn:
            for table, columns in moved.items():
                await conn.execute(update(table).values({n: table.c[n] - by for n in columns}))

    async def statuses(self) -> list[tuple[str, str | None]]:
        query = select(journal.c.status, journal.c.error).order_by(journal.c.id)
        async with self.database.begin() as conn:
            return [(row.status, row.error) for row in await conn.execute(query)]

    async def parked(self) -> list[Parked]:
        async with self.database.begin() as conn:
            rows = (await conn.execute(select(parked))).mappings().all()
        found = [
            Parked(
                Claim(Side(row["side"]), row["record_id"], ObjectType(row["object_type"])),
                row["code"],
                row["message"],
                row["field"] or None,
            )
            for row in rows
        ]
        return sorted(found, key=_place)

    async def imports(self) -> list[tuple[str, str | None]]:
        query = select(imports.c.state, imports.c.problem).order_by(imports.c.id)
        async with self.database.begin() as conn:
            return [(row.state, row.problem) for row in await conn.execute(query)]

    async def events(self) -> list[tuple[str, str]]:
        outbox = TABLES.outbox
        query = select(outbox.c.type, outbox.c.subject).order_by(outbox.c.position)
        async with self.database.begin() as conn:
            return [(row.type, row.subject) for row in await conn.execute(query)]


def _place(record: Parked) -> tuple[str, str, str]:
    return record.claim.record_id, record.code, record.field or ""
