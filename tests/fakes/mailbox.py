"""The mailbox in memory, under the same contract suite as the one on Postgres."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from shared.kernel.clock import Clock
from shared.outbox.mail import Claimed, Depth, Lane, LaneLostError, Note, Priority

Key = tuple[UUID, str, str, str]
LaneKey = tuple[UUID, str]
NEVER = datetime.max.replace(tzinfo=UTC)
"""When a parked row is due."""


@dataclass
class Waiting:
    """One record that waits."""

    note: Note
    priority: int
    first_seen_at: datetime
    due_at: datetime
    generation: int = 1
    attempts: int = 0
    reason: str = ""
    token: UUID | None = None
    held_until: datetime | None = None

    @property
    def parked(self) -> bool:
        return self.due_at == NEVER


@dataclass
class HeldLane:
    """One lane: who holds it, and its place in the queue of lanes."""

    served: int = 0
    fence: int = 0
    holder: UUID | None = None
    held_until: datetime | None = None


@dataclass
class Pause:
    """Why, or until when, nothing of a connection is claimed."""

    paused: bool = False
    reason: str = ""
    until: datetime | None = None


@dataclass
class FakeMailbox:
    """A Mail whose transactions are its calls; `rows` and `pauses` are there to be looked at."""

    clock: Clock
    rows: dict[Key, Waiting] = field(default_factory=dict)
    lanes: dict[LaneKey, HeldLane] = field(default_factory=dict)
    pauses: dict[UUID, Pause] = field(default_factory=dict)
    _numbers: Iterable[int] = field(default_factory=lambda: count(1))

    async def note(self, notes: Sequence[Note]) -> None:
        now = self.clock.now()
        for key, note in _coalesced(notes).items():
            self.lanes.setdefault(key[:2], HeldLane())
            row = self.rows.get(key)
            if row is None:
                self.rows[key] = Waiting(note, note.priority, now, now)
                continue
            trace = row.note.traceparent if self.is_free(row.held_until) else None
            row.note = replace(note, traceparent=trace or note.traceparent)
            row.generation += 1
            row.priority = min(row.priority, note.priority)
            if note.priority <= Priority.LIVE:
                row.due_at, row.reason = now, ""

    async def pause(self, connection_id: UUID, reason: str) -> None:
        pause = self.pauses.setdefault(connection_id, Pause())
        pause.paused, pause.reason = True, reason

    async def resume(self, connection_id: UUID) -> None:
        self.pauses.pop(connection_id, None)
        for key, row in self.rows.items():
            if key[0] == connection_id and not row.parked:
                row.due_at = min(row.due_at, self.clock.now())

    async def postpone_connection(self, connection_id: UUID, until: datetime) -> None:
        self.pauses.setdefault(connection_id, Pause()).until = until

    async def claim_lane(self, *, holder: UUID, lease: timedelta) -> Lane | None:
        free = [
            (held.served, key)
            for key, held in self.lanes.items()
            if self.is_free(held.held_until) and self._due(key)
        ]
        if not free:
            return None
        key = min(free)[1]
        held = self.lanes[key]
        held.served, held.fence, held.holder = self._next(), held.fence + 1, holder
        held.held_until = self.clock.now() + lease
        return Lane(*key, held.fence, holder)

    async def release_lane(self, lane: Lane) -> None:
        held = self.lanes[lane.connection_id, lane.lane]
        if (held.fence, held.holder) == (lane.fence, lane.holder):
            held.holder = held.held_until = None

    async def claim(self, lane: Lane, *, limit: int, lease: timedelta) -> list[Claimed]:
        held = self.lanes[lane.connection_id, lane.lane]
        if (held.fence, held.holder) != (lane.fence, lane.holder):
            raise LaneLostError(lane)
        until, token = self.clock.now() + lease, UUID(int=self._next())
        held.held_until = until
        keys = self._due((lane.connection_id, lane.lane))[:limit]
        for key in keys:
            self.rows[key].token, self.rows[key].held_until = token, until
        return [_claimed(key, self.rows[key], token) for key in keys]

    async def settle(self, done: Sequence[Claimed]) -> None:
        for claimed, row in self._held(done):
            if row.generation == claimed.generation:
                del self.rows[_key(claimed)]
            else:
                self._free_changed(row)
                row.first_seen_at = self.clock.now()

    async def postpone(
        self,
        claimed: Sequence[Claimed],
        *,
        due_in: timedelta,
        reason: str,
        count_attempt: bool,
    ) -> None:
        for held, row in self._held(claimed):
            if row.generation != held.generation:
                self._free_changed(row)
                continue
            row.due_at, row.reason = self.clock.now() + due_in, reason
            row.attempts += int(count_attempt)
            row.token = row.held_until = None

    def depth(self) -> list[Depth]:
        """How much waits in each lane."""
        lanes: dict[LaneKey, list[Waiting]] = {key: [] for key in self.lanes}
        parked: Counter[LaneKey] = Counter()
        for key, row in self.rows.items():
            if row.parked:
                parked[key[:2]] += 1
            else:
                lanes[key[:2]].append(row)
        return [
            Depth(
                *key, len(rows), min((row.first_seen_at for row in rows), default=None), parked[key]
            )
            for key, rows in lanes.items()
        ]

    def _due(self, lane: LaneKey) -> list[Key]:
        pause = self.pauses.get(lane[0], Pause())
        if pause.paused or (pause.until is not None and pause.until > self.clock.now()):
            return []
        due = [
            (row.priority, row.due_at, key[3], key)
            for key, row in self.rows.items()
            if key[:2] == lane and row.due_at <= self.clock.now() and self.is_free(row.held_until)
        ]
        return [key for *_, key in sorted(due)]

    def _held(self, claimed: Sequence[Claimed]) -> list[tuple[Claimed, Waiting]]:
        """The rows that are still held by their claims, changed since or not."""
        found = [(each, self.rows.get(_key(each))) for each in claimed]
        return [(each, row) for each, row in found if row is not None and row.token == each.token]

    def _free_changed(self, row: Waiting) -> None:
        row.token = row.held_until = None
        row.attempts, row.due_at = 0, self.clock.now()

    def is_free(self, held_until: datetime | None) -> bool:
        """Whether a lease is over, or was never taken."""
        return held_until is None or held_until < self.clock.now()

    def _next(self) -> int:
        return next(iter(self._numbers))


def _coalesced(notes: Sequence[Note]) -> dict[Key, Note]:
    found: dict[Key, Note] = {}
    for note in notes:
        key = (note.connection_id, note.lane, note.side, note.record_id)
        if key not in found or note.priority <= found[key].priority:
            found[key] = note
    return found


def _key(claimed: Claimed) -> Key:
    return (claimed.connection_id, claimed.lane, claimed.side, claimed.record_id)


def _claimed(key: Key, row: Waiting, token: UUID) -> Claimed:
    return Claimed(
        *key,
        generation=row.generation,
        attempts=row.attempts,
        priority=row.priority,
        first_seen_at=row.first_seen_at,
        cause=row.note.cause,
        traceparent=row.note.traceparent,
        token=token,
    )
