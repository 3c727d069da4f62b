"""Orders about the window in memory, and an org that answers what a test wrote down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from services.package_watcher.domain.observation import Held, Refused, Unreachable
from services.package_watcher.domain.window import Window, WindowSeen, WindowStep
from services.package_watcher.ports import LayoutSeen, TakenWindow

if TYPE_CHECKING:
    from tests.unit.package_watcher.fakes import FakeStore, State


@dataclass
class WindowRow:
    window: Window
    due_at: datetime | None
    current: bool = True
    token: UUID | None = None
    held_until: datetime | None = None


class FakeWindows:
    """The `Windows` port over the state of a fake store."""

    def __init__(self, state: "State") -> None:
        self._state = state

    async def current(self, connection_id: UUID) -> Window | None:
        row = self._row(connection_id)
        return row.window if row else None

    async def held(self, connection_id: UUID) -> Window | None:
        return await self.current(connection_id)

    async def known(self, window_id: UUID) -> bool:
        return window_id in self._state.window_rows

    async def begin(self, window: Window) -> None:
        before = self._row(window.connection_id)
        if before is not None:
            before.current, before.due_at = False, None
        self._state.window_rows[window.id] = WindowRow(window, self._state.now)

    async def take(self, *, token: UUID, lease: timedelta) -> TakenWindow | None:
        now = self._state.now
        due = [
            (row.due_at, row)
            for row in self._state.window_rows.values()
            if row.due_at is not None
            and not self._state.away(row.window.connection_id)
            and row.due_at <= now
            and (row.held_until is None or row.held_until <= now)
        ]
        if not due:
            return None
        _, row = min(due, key=lambda item: item[0])
        row.token, row.held_until = token, now + lease
        return TakenWindow(row.window, token)

    async def retake(self, taken: TakenWindow) -> Window | None:
        row = self._state.window_rows.get(taken.window.id)
        ours = row is not None and row.current and row.token == taken.token
        return row.window if row and ours else None

    async def settle(self, window: Window, due_in: timedelta | None) -> None:
        row = self._state.window_rows[window.id]
        row.window, row.token, row.held_until = window, None, None
        row.due_at = None if due_in is None else self._state.now + due_in

    def _row(self, connection_id: UUID) -> WindowRow | None:
        rows = (row for row in self._state.window_rows.values() if row.current)
        return next((row for row in rows if row.window.connection_id == connection_id), None)


class ScriptedLayouts:
    """Answers in order; the last answer is repeated."""

    def __init__(
        self,
        store: "FakeStore",
        answers: Sequence[WindowSeen] = (),
        listed: Sequence[LayoutSeen] | Refused | Unreachable | Held = (),
    ) -> None:
        self.steps: list[WindowStep] = []
        self._store = store
        self._answers = list(answers)
        self._listed = listed

    async def layouts(
        self, connection_id: UUID
    ) -> Sequence[LayoutSeen] | Refused | Unreachable | Held:
        assert self._store.open == 0, "a transaction is open during an outside call"
        return self._listed

    async def carry_out(self, step: WindowStep, window: Window) -> WindowSeen:
        assert self._store.open == 0, "a transaction is open during an outside call"
        self.steps.append(step)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


class NoLayouts:
    """An org whose layouts nobody asks for."""

    async def layouts(self, connection_id: UUID) -> Sequence[LayoutSeen]:
        raise AssertionError("the layouts were asked for")

    async def carry_out(self, step: WindowStep, window: Window) -> WindowSeen:
        raise AssertionError("a step was taken")
