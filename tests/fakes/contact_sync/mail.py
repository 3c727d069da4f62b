"""The mailbox in memory; it keeps the promises of shared.outbox.mail.Mail."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from shared.kernel.clock import Clock
from shared.outbox.mail import Claimed, Lane, Note, Priority
from shared.outbox.mailbox import LaneLostError
from tests.fakes.contact_sync.state import LaneRow, MailKey, MailRow, Pause, State

TOKENS = count(1)


class FakeMail:
    """The mailbox over one snapshot of the state."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._now = clock.now()

    async def note(self, notes: Sequence[Note]) -> None:
        for item in _coalesced(notes):
            key = (item.connection_id, item.lane, item.side, item.record_id)
            self._state.mailbox[key] = self._noted(self._state.mailbox.get(key), item)
            self._state.lanes.setdefault((item.connection_id, item.lane), LaneRow())

    async def pause(self, connection_id: UUID, reason: str) -> None:
        held = self._state.pauses.get(connection_id, Pause())
        self._state.pauses[connection_id] = replace(held, paused=True, reason=reason)

    async def resume(self, connection_id: UUID) -> None:
        self._state.pauses[connection_id] = Pause()

    async def postpone_connection(self, connection_id: UUID, until: datetime) -> None:
        held = self._state.pauses.get(connection_id, Pause())
        self._state.pauses[connection_id] = replace(held, until=until)

    async def claim_lane(self, *, holder: UUID, lease: timedelta) -> Lane | None:
        ready = [
            (row.served, key)
            for key, row in self._state.lanes.items()
            if self._free(row.held_until) and self._has_due(key) and not self._held(key[0])
        ]
        if not ready:
            return None
        key = min(ready)[1]
        row = self._state.lanes[key]
        self._state.lanes[key] = LaneRow(
            fence=row.fence + 1,
            holder=holder,
            held_until=self._now + lease,
            served=max(lane.served for lane in self._state.lanes.values()) + 1,
        )
        return Lane(key[0], key[1], row.fence + 1, holder)

    async def release_lane(self, lane: Lane) -> None:
        key = (lane.connection_id, lane.lane)
        row = self._state.lanes.get(key, LaneRow())
        if (row.fence, row.holder) == (lane.fence, lane.holder):
            self._state.lanes[key] = replace(row, holder=None, held_until=None)

    async def claim(self, lane: Lane, *, limit: int, lease: timedelta) -> list[Claimed]:
        key = (lane.connection_id, lane.lane)
        row = self._state.lanes.get(key, LaneRow())
        if (row.fence, row.holder) != (lane.fence, lane.holder):
            raise LaneLostError(lane)
        self._state.lanes[key] = replace(row, held_until=self._now + lease)
        token = UUID(int=next(TOKENS))
        claimed = []
        for mail_key in self._due(key)[:limit]:
            held = replace(self._state.mailbox[mail_key], token=token, held_until=self._now + lease)
            self._state.mailbox[mail_key] = held
            claimed.append(_claimed(mail_key, held, token))
        return claimed

    async def settle(self, done: Sequence[Claimed]) -> None:
        for item in done:
            if self._same(item):
                del self._state.mailbox[_key(item)]
        self._free_changed(done)

    async def postpone(
        self,
        claimed: Sequence[Claimed],
        *,
        due_in: timedelta,
        reason: str,
        count_attempt: bool,
    ) -> None:
        for item in claimed:
            if self._same(item):
                row = self._state.mailbox[_key(item)]
                self._state.mailbox[_key(item)] = replace(
                    row,
                    due_at=self._now + due_in,
                    reason=reason,
                    attempts=row.attempts + int(count_attempt),
                    token=None,
                    held_until=None,
                )
        self._free_changed(claimed)

    def _noted(self, known: MailRow | None, item: Note) -> MailRow:
        if known is None:
            return MailRow(
                generation=1,
                attempts=0,
                priority=item.priority,
                first_seen_at=self._now,
                due_at=self._now,
                cause=item.cause,
                traceparent=item.traceparent,
            )
        return replace(
            known,
            generation=known.generation + 1,
            priority=min(known.priority, item.priority),
            cause=item.cause,
            traceparent=item.traceparent,
            due_at=self._now if item.priority <= Priority.LIVE else known.due_at,
        )

    def _due(self, lane: tuple[UUID, str]) -> list[MailKey]:
        due = [
            (row.priority, row.due_at, key[3], key)
            for key, row in self._state.mailbox.items()
            if key[:2] == lane and row.due_at <= self._now and self._free(row.held_until)
        ]
        return [key for *_, key in sorted(due)]

    def _has_due(self, lane: tuple[UUID, str]) -> bool:
        return bool(self._due(lane))

    def _held(self, connection_id: UUID) -> bool:
        pause = self._state.pauses.get(connection_id, Pause())
        return pause.paused or (pause.until is not None and pause.until > self._now)

    def _free(self, held_until: datetime | None) -> bool:
        return held_until is None or held_until < self._now

    def _same(self, item: Claimed) -> bool:
        row = self._state.mailbox.get(_key(item))
        return row is not None and (row.token, row.generation) == (item.token, item.generation)

    def _free_changed(self, claimed: Sequence[Claimed]) -> None:
        for item in claimed:
            row = self._state.mailbox.get(_key(item))
            if row is not None and row.token == item.token:
                self._state.mailbox[_key(item)] = replace(
                    row, token=None, held_until=None, attempts=0, due_at=self._now
                )


def _key(item: Claimed) -> MailKey:
    return item.connection_id, item.lane, item.side, item.record_id


def _claimed(key: MailKey, row: MailRow, token: UUID) -> Claimed:
    return Claimed(
        connection_id=key[0],
        lane=key[1],
        side=key[2],
        record_id=key[3],
        generation=row.generation,
        attempts=row.attempts,
        priority=row.priority,
        first_seen_at=row.first_seen_at,
        cause=row.cause,
        traceparent=row.traceparent,
        token=token,
    )


def _coalesced(notes: Sequence[Note]) -> list[Note]:
    found: dict[MailKey, Note] = {}
    for item in notes:
        key = (item.connection_id, item.lane, item.side, item.record_id)
        if key not in found or item.priority <= found[key].priority:
            found[key] = item
    return list(found.values())
