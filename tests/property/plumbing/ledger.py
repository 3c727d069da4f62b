"""What a watcher of a mailbox knows: what was noted, who holds it until when, what was handled.

Time is counted in minutes. A call on the mailbox is told to the ledger afterwards; the ledger
says what is wrong about its answer.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from shared.outbox.mail import Claimed, Lane, Note, Priority

Key = tuple[UUID, str, str, str]
LaneKey = tuple[UUID, str]


@dataclass(eq=False)
class Batch:
    """Rows that one claim handed out, and the latest change of each at that moment."""

    until: int
    rows: dict[Key, Claimed]
    seen: dict[Key, int]


@dataclass
class Row:
    """One record that waits."""

    change: int
    cause: int
    priority: int
    due: int
    generation: int = 1
    attempts: int = 0
    holder: Batch | None = None

    @property
    def rank(self) -> tuple[int, int]:
        """What goes first: the more urgent, then what was due earlier."""
        return self.priority, self.due


@dataclass
class Bench:
    """One lane, with the moments (calls, not minutes) of its making and of its last service."""

    made: int
    served: int | None = None
    fence: int = 0
    holder: UUID | None = None
    until: int = -1


@dataclass
class Hold:
    """What keeps a connection from being served."""

    paused: bool = False
    until: int = -1


@dataclass
class Ledger:
    """All of it. A change is a number; a later change has a greater one."""

    now: int = 0
    changes: int = 0
    calls: int = 0
    rows: dict[Key, Row] = field(default_factory=dict)
    lanes: dict[LaneKey, Bench] = field(default_factory=dict)
    holds: dict[UUID, Hold] = field(default_factory=dict)
    noted: dict[Key, int] = field(default_factory=dict)
    handled: dict[Key, int] = field(default_factory=dict)
    tokens: set[UUID] = field(default_factory=set)

    def note(self, notes: Sequence[Note]) -> None:
        """One call: of several notes of a record the most urgent is told, the last of those."""
        self.calls += 1
        told: dict[Key, Note] = {}
        for note in notes:
            key = (note.connection_id, note.lane, note.side, note.record_id)
            self.noted[key] = max(self.noted.get(key, 0), int(note.cause["change"]))
            if key not in told or note.priority <= told[key].priority:
                told[key] = note
        for key, note in told.items():
            self.lanes.setdefault(key[:2], Bench(self.calls))
            self._news(key, note.priority, int(note.cause["change"]))

    def _news(self, key: Key, priority: int, cause: int) -> None:
        row = self.rows.get(key)
        if row is None:
            self.rows[key] = Row(self.noted[key], cause, priority, self.now)
            return
        row.change, row.cause, row.generation = self.noted[key], cause, row.generation + 1
        row.priority = min(row.priority, priority)
        if priority <= Priority.LIVE:
            row.due = self.now

    def ready(self, lane: LaneKey) -> list[Key]:
        """The rows of a lane that may be handed out now."""
        if self.on_hold(lane[0]):
            return []
        due = [key for key, row in self.rows.items() if key[:2] == lane and row.due <= self.now]
        return sorted((key for key in due if self.free(key)), key=lambda key: self.rows[key].rank)

    def free(self, key: Key) -> bool:
        """Whether nobody alive holds a row."""
        holder = self.rows[key].holder
        return holder is None or holder.until < self.now

    def on_hold(self, connection: UUID) -> bool:
        """Whether nothing of a connection may be handed out."""
        hold = self.holds.get(connection, Hold())
        return hold.paused or hold.until > self.now

    def lane_claimed(self, lane: Lane | None, *, minutes: int) -> None:
        """A worker asked for a lane."""
        self.calls += 1
        waiting = {
            key: bench
            for key, bench in self.lanes.items()
            if bench.until < self.now and self.ready(key)
        }
        if lane is None:
            assert not waiting, "a lane was due and free, and nobody got it"
            return
        key = (lane.connection_id, lane.lane)
        assert key in waiting, "a lane with another holder, on hold, or with nothing due"
        bench = waiting[key]
        assert lane.fence > bench.fence, "a fence went back"
        for other in waiting.values():
            since = other.made if other.served is None else other.served
            assert bench.served is None or bench.served <= since, "another lane waits for longer"
        bench.fence, bench.holder, bench.served = lane.fence, lane.holder, self.calls
        bench.until = self.now + minutes

    def owns(self, lane: Lane) -> bool:
        """Whether nobody took the lane over, and its worker did not give it back."""
        bench = self.lanes[lane.connection_id, lane.lane]
        return (bench.fence, bench.holder) == (lane.fence, lane.holder)

    def released(self, lane: Lane) -> None:
        """A worker gave a lane back, whether it was still its own or not."""
        if self.owns(lane):
            bench = self.lanes[lane.connection_id, lane.lane]
            bench.holder, bench.until = None, -1

    def claimed(
        self, lane: Lane, claimed: Sequence[Claimed], *, limit: int, minutes: int
    ) -> Batch | None:
        """A worker asked for rows of its lane; None when there are none."""
        assert self.owns(lane), "a lane that was lost still hands out rows"
        until = self.now + minutes
        self.lanes[lane.connection_id, lane.lane].until = until
        rows = {(c.connection_id, c.lane, c.side, c.record_id): c for c in claimed}
        assert len(rows) == len(claimed), "a row was handed out twice in one claim"
        assert not rows or not self.on_hold(lane.connection_id), "a connection on hold is served"
        for key in rows:
            assert key in self.rows, "a row that is gone was handed out"
            assert self.free(key), "a row has two holders"
        ready = self.ready((lane.connection_id, lane.lane))
        assert rows.keys() <= set(ready), "a row was handed out before its time"
        wanted = [self.rows[key].rank for key in ready[:limit]]
        assert [self.rows[key].rank for key in rows] == wanted, "urgent rows were left behind"
        return self._hand_over(rows, until) if rows else None

    def _hand_over(self, rows: dict[Key, Claimed], until: int) -> Batch:
        tokens = {claimed.token for claimed in rows.values()}
        assert len(tokens) == 1
        assert not tokens & self.tokens, "a token came twice"
        self.tokens |= tokens
        batch = Batch(until, rows, {key: self.rows[key].change for key in rows})
        for key, claimed in rows.items():
            row = self.rows[key]
            told = (claimed.generation, claimed.attempts, claimed.priority, claimed.cause)
            expected = (row.generation, row.attempts, row.priority, {"change": str(row.cause)})
            assert told == expected
            row.holder = batch
        return batch

    def settled(self, batch: Batch, keys: Collection[Key]) -> None:
        """A worker said that some rows are done; what is not its own any more stays as it is."""
        for key in self._own(batch, keys):
            if self._unchanged(batch, key):
                del self.rows[key]
                self.handled[key] = batch.seen[key]

    def postponed(
        self, batch: Batch, keys: Collection[Key], *, minutes: int, counted: bool
    ) -> None:
        """A worker put some rows off; what is not its own any more stays as it is."""
        for key in self._own(batch, keys):
            if self._unchanged(batch, key):
                row = self.rows[key]
                row.due, row.attempts = self.now + minutes, row.attempts + counted

    def _own(self, batch: Batch, keys: Collection[Key]) -> list[Key]:
        return [key for key in keys if key in self.rows and self.rows[key].holder is batch]

    def _unchanged(self, batch: Batch, key: Key) -> bool:
        """Takes a row out of its holder's hands; it is due at once if it has news."""
        row = self.rows[key]
        row.holder = None
        if row.change == batch.seen[key]:
            return True
        row.attempts, row.due = 0, self.now
        return False

    def resumed(self, connection: UUID) -> None:
        """Whatever held a connection is over, and what waited for another try is due."""
        self.holds.pop(connection, None)
        for key, row in self.rows.items():
            if key[0] == connection:
                row.due = min(row.due, self.now)

    def depth(self) -> dict[LaneKey, int]:
        """How many records wait in each lane that there ever was."""
        return {lane: sum(key[:2] == lane for key in self.rows) for lane in self.lanes}
