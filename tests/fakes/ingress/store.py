"""Ingress' schema in memory; a transaction is a snapshot that becomes the state at its end."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.ingress.domain.polling import PolledRow
from services.ingress.ports import Connection, Cursor, Delivery, Work
from shared.contracts.base import Event
from shared.kernel.clock import Clock
from shared.kernel.records import Side
from shared.outbox.mail import Outgoing

Key = tuple[UUID, Side, str]


@dataclass
class CursorRow:
    """One cursor's row."""

    position: datetime | None
    due_at: datetime
    held_until: datetime | None = None
    woken: bool = False


@dataclass
class State:
    """All tables."""

    connections: dict[UUID, Connection] = field(default_factory=dict)
    deliveries: dict[UUID, tuple[Delivery, datetime]] = field(default_factory=dict)
    split: set[UUID] = field(default_factory=set)
    cursors: dict[Key, CursorRow] = field(default_factory=dict)
    seen: set[tuple[UUID, str, str, datetime, bool]] = field(default_factory=set)
    outbox: list[Outgoing] = field(default_factory=list)


class FakeConnections:
    """The `Connections` port."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def get(self, connection_id: UUID) -> Connection | None:
        return self._state.connections.get(connection_id)

    async def locked(self, connection_id: UUID) -> Connection:
        return self._state.connections.setdefault(connection_id, Connection(id=connection_id))

    async def of_portals(self, portal_ids: Sequence[str]) -> dict[str, Connection]:
        found = self._state.connections.values()
        there = [one for one in found if not one.standing.removed]
        return {c.portal_id: c for c in there if c.portal_id in portal_ids}

    async def save(self, connection: Connection) -> None:
        self._state.connections[connection.id] = connection


class FakeDeliveries:
    """The `Deliveries` port."""

    def __init__(self, state: State, now: datetime) -> None:
        self._state = state
        self._now = now

    async def store(self, delivery: Delivery) -> None:
        self._state.deliveries[delivery.id] = (delivery, self._now)

    async def take(self, limit: int) -> list[Delivery]:
        found = (d for d, _ in self._state.deliveries.values() if d.id not in self._state.split)
        return sorted(found, key=lambda delivery: delivery.id)[:limit]

    async def mark_split(self, ids: Sequence[UUID]) -> None:
        self._state.split.update(ids)


class FakeCursors:
    """The `Cursors` port."""

    def __init__(self, state: State, now: datetime) -> None:
        self._state = state
        self._now = now

    async def due(self, side: Side, lease: timedelta) -> list[Cursor]:
        free = {
            key: row
            for key, row in self._state.cursors.items()
            if key[1] is side and (row.held_until is None or row.held_until < self._now)
        }
        due = [(row.due_at, key[0]) for key, row in free.items() if row.due_at <= self._now]
        if not due:
            return []
        connection_id = min(due)[1]
        mine = {key: row for key, row in free.items() if key[0] == connection_id}
        for row in mine.values():
            row.held_until, row.woken = self._now + lease, False
        return [Cursor(*key, position=row.position) for key, row in mine.items()]

    async def ensure(self, cursors: Sequence[Cursor]) -> None:
        for c in cursors:
            key = (c.connection_id, c.side, c.object_name)
            self._state.cursors.setdefault(key, CursorRow(c.position, self._now))

    async def wake(self, connection_id: UUID) -> None:
        for key, row in self._state.cursors.items():
            if key[0] == connection_id:
                row.due_at, row.woken = self._now, True

    async def unseen(self, cursor: Cursor, rows: Sequence[PolledRow]) -> list[PolledRow]:
        fresh = []
        for row in rows:
            place = (cursor.connection_id, cursor.object_name)
            key = (*place, row.record_id, row.modified_at, row.deleted)
            if key not in self._state.seen:
                self._state.seen.add(key)
                fresh.append(row)
        return fresh

    async def save(self, cursor: Cursor) -> None:
        row = self._state.cursors[cursor.connection_id, cursor.side, cursor.object_name]
        known = filter(None, (row.position, cursor.position))
        row.position = None if cursor.position is None else max(known)

    async def release(self, cursors: Sequence[Cursor], wait: timedelta) -> None:
        for c in cursors:
            row = self._state.cursors[c.connection_id, c.side, c.object_name]
            row.held_until = None
            row.due_at = row.due_at if row.woken else self._now + wait


class FakeWork:
    """One transaction over a snapshot."""

    def __init__(self, state: State, now: datetime) -> None:
        self._state = state
        self.connections = FakeConnections(state)
        self.deliveries = FakeDeliveries(state, now)
        self.cursors = FakeCursors(state, now)

    async def emit(self, events: Sequence[Outgoing]) -> None:
        self._state.outbox.extend(events)


class FakeStore:
    """The `Store` port. `open` counts transactions that have begun and not ended (I5)."""

    def __init__(self, clock: Clock) -> None:
        self.state = State()
        self.open = 0
        self._clock = clock

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Work]:
        """A transaction."""
        if self.open:
            raise RuntimeError("a transaction began inside another one")
        snapshot = deepcopy(self.state)
        self.open += 1
        try:
            yield FakeWork(snapshot, self._clock.now())
        finally:
            self.open -= 1
        self.state = snapshot

    @property
    def events(self) -> list[Event]:
        """All events that were put into the outbox."""
        return [outgoing.event for outgoing in self.state.outbox]
