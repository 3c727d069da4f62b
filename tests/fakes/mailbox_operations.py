"""The operations on a mailbox in memory, under the same contract suite as those on Postgres."""

from dataclasses import dataclass

from shared.outbox.mailbox_operations import AT_ONCE, Key, Step, Waiting, Which
from tests.fakes.mailbox import NEVER, FakeMailbox
from tests.fakes.mailbox import Waiting as Row


@dataclass(frozen=True)
class FakeOperations:
    """Looks at a FakeMailbox, and changes it, as an operator would."""

    mailbox: FakeMailbox

    async def page(
        self, which: Which, *, limit: int = AT_ONCE, after: Key | None = None
    ) -> list[Waiting]:
        return [
            Waiting(
                *key,
                due_at=None if row.parked else row.due_at,
                attempts=row.attempts,
                priority=row.priority,
                reason=row.reason,
                first_seen_at=row.first_seen_at,
                held=self._held(row),
                parked=row.parked,
            )
            for key, row in self._some(which, after)[:limit]
        ]

    async def requeue(
        self, which: Which, *, by: str, after: Key | None = None, limit: int = AT_ONCE
    ) -> Step:
        now = self.mailbox.clock.now()
        found = self._some(which, after)[:limit]
        held = [row for _, row in found if self._held(row)]
        for row in held:
            row.generation += 1
        for _, row in found:
            if not self._held(row):
                row.due_at, row.attempts = min(row.due_at, now), 0
                row.reason, row.token, row.held_until = f"requeued by {by}", None, None
        return Step(len(found) - len(held), len(held), _behind(found, limit))

    async def park(
        self, which: Which, *, by: str, why: str, after: Key | None = None, limit: int = AT_ONCE
    ) -> Step:
        found = [(key, row) for key, row in self._some(which, after) if not row.parked][:limit]
        free = [row for _, row in found if not self._held(row)]
        for row in free:
            row.due_at, row.attempts = NEVER, 0
            row.reason, row.token, row.held_until = f"parked by {by}: {why}", None, None
        return Step(len(free), len(found) - len(free), _behind(found, limit))

    def _some(self, which: Which, after: Key | None) -> list[tuple[Key, Row]]:
        given = (which.connection_id, which.lane, which.side, which.record_id)
        return [
            (Key(*key), row)
            for key, row in sorted(self.mailbox.rows.items())
            if all(want in {None, has} for want, has in zip(given, key, strict=True))
            and (after is None or key > after)
        ]

    def _held(self, row: Row) -> bool:
        return not self.mailbox.is_free(row.held_until)


def _behind(found: list[tuple[Key, Row]], limit: int) -> Key | None:
    return found[-1][0] if len(found) == limit else None
