"""A store and an org that hold their state in memory, behind the ports of the package watcher."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.package_watcher.domain.model import Installation, Org, Step
from services.package_watcher.domain.observation import Observation
from services.package_watcher.domain.presence import Checked, Finding, Presence
from services.package_watcher.ports import Checking, Current, Known, Taken
from shared.contracts.base import Event
from shared.outbox.mail import Outgoing
from tests.unit.package_watcher.fake_windows import FakeWindows, WindowRow

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass
class Row:
    installation: Installation
    due_at: datetime | None
    current: bool = True
    token: UUID | None = None
    held_until: datetime | None = None
    looked_at: datetime | None = None


@dataclass
class Check:
    presence: Presence
    due_at: datetime | None
    checked_at: datetime | None = None
    token: UUID | None = None
    held_until: datetime | None = None


class State:
    def __init__(self) -> None:
        self.now = NOON
        self.checks: dict[UUID, Check] = {}
        self.orgs: dict[UUID, Org] = {}
        self.windows: dict[UUID, str] = {}
        self.window_rows: dict[UUID, WindowRow] = {}
        self.rows: dict[UUID, Row] = {}
        self.sent: list[Outgoing] = []

    def away(self, connection_id: UUID) -> bool:
        """Whether the connection is kept for later."""
        return connection_id in self.orgs and not self.orgs[connection_id].connected

    def copied(self) -> "State":
        twin = State()
        for name, value in vars(self).items():
            setattr(twin, name, copy(value))
        twin.rows = {key: copy(row) for key, row in self.rows.items()}
        twin.window_rows = {key: copy(row) for key, row in self.window_rows.items()}
        twin.checks = {key: copy(row) for key, row in self.checks.items()}
        return twin


class FakeOrgs:
    def __init__(self, state: State) -> None:
        self._state = state

    async def get(self, connection_id: UUID) -> Org | None:
        kept = await self.kept(connection_id)
        return kept if kept is not None and kept.connected else None

    async def kept(self, connection_id: UUID) -> Org | None:
        return self._state.orgs.get(connection_id)

    async def save(self, org: Org) -> None:
        self._state.orgs[org.connection_id] = org

    async def window(self, connection_id: UUID) -> str:
        return self._state.windows.get(connection_id, "")

    async def decide_window(self, connection_id: UUID, decision: str) -> bool:
        changed = self._state.windows.get(connection_id, "") != decision
        self._state.windows[connection_id] = decision
        return changed

    async def sharing(self, org: Org) -> list[UUID]:
        return sorted(
            key
            for key, other in self._state.orgs.items()
            if other.org_id == org.org_id and key != org.connection_id and other.connected
        )

    async def forget(self, connection_id: UUID) -> None:
        self._state.orgs.pop(connection_id, None)
        self._state.checks.pop(connection_id, None)
        self._state.windows.pop(connection_id, None)
        self._state.window_rows = {
            key: row
            for key, row in self._state.window_rows.items()
            if row.window.connection_id != connection_id
        }
        self._state.rows = {
            key: row
            for key, row in self._state.rows.items()
            if row.installation.connection_id != connection_id
        }


class FakeInstallations:
    def __init__(self, state: State) -> None:
        self._state = state

    async def current(self, connection_id: UUID) -> Current | None:
        row = self._row(connection_id)
        return Current(row.installation, row.due_at, row.looked_at) if row else None

    async def held(self, connection_id: UUID) -> Installation | None:
        row = self._row(connection_id)
        return row.installation if row else None

    async def known(self, installation_id: UUID) -> bool:
        return installation_id in self._state.rows

    async def begin(self, installation: Installation) -> None:
        before = self._row(installation.connection_id)
        if before is not None:
            before.current, before.due_at = False, None
            order = replace(before.installation.order, sealed_password="")
            before.installation = replace(before.installation, order=order)
        self._state.rows[installation.id] = Row(installation, self._state.now)

    async def take(self, *, token: UUID, lease: timedelta) -> Taken | None:
        due = [row for row in self._state.rows.values() if self._is_due(row)]
        if not due:
            return None
        row = min(due, key=lambda item: item.due_at or NOON)
        row.token, row.held_until = token, self._state.now + lease
        return Taken(row.installation, token)

    async def retake(self, taken: Taken) -> Installation | None:
        row = self._state.rows.get(taken.installation.id)
        ours = row is not None and row.current and row.token == taken.token
        return row.installation if row and ours else None

    async def go_on(self, installation: Installation) -> None:
        row = self._state.rows[installation.id]
        row.installation, row.token, row.held_until = installation, None, None
        row.due_at = self._state.now

    async def settle(self, installation: Installation, due_in: timedelta | None) -> None:
        row = self._state.rows[installation.id]
        now = self._state.now
        row.installation, row.token, row.held_until, row.looked_at = installation, None, None, now
        row.due_at = None if due_in is None else now + due_in

    def _row(self, connection_id: UUID) -> Row | None:
        mine = (r for r in self._state.rows.values() if r.current)
        return next((r for r in mine if r.installation.connection_id == connection_id), None)

    def _is_due(self, row: Row) -> bool:
        now = self._state.now
        free = row.held_until is None or row.held_until <= now
        if self._state.away(row.installation.connection_id):
            return False
        return row.current and row.due_at is not None and row.due_at <= now and free


class FakePresences:
    def __init__(self, state: State) -> None:
        self._state = state

    async def get(self, connection_id: UUID) -> Known | None:
        row = self._state.checks.get(connection_id)
        return Known(row.presence, row.due_at, row.checked_at) if row else None

    async def held(self, connection_id: UUID) -> Presence | None:
        row = self._state.checks.get(connection_id)
        return row.presence if row else None

    async def put(self, presence: Presence, due_in: timedelta | None) -> None:
        before = self._state.checks.get(presence.connection_id)
        due_at = None if due_in is None else self._state.now + due_in
        seen = before.checked_at if before else None
        self._state.checks[presence.connection_id] = Check(presence, due_at, seen)

    async def hasten(self, connection_ids: Sequence[UUID]) -> None:
        for key in connection_ids:
            if key in self._state.checks:
                self._state.checks[key].due_at = self._state.now

    async def take(self, *, token: UUID, lease: timedelta) -> Checking | None:
        now = self._state.now
        due = [
            row
            for row in self._state.checks.values()
            if row.due_at is not None
            and not self._state.away(row.presence.connection_id)
            and row.due_at <= now
            and (row.held_until is None or row.held_until <= now)
        ]
        if not due:
            return None
        row = min(due, key=lambda item: item.due_at or NOON)
        row.token, row.held_until = token, now + lease
        return Checking(row.presence, token)

    async def retake(self, checking: Checking) -> Presence | None:
        row = self._state.checks.get(checking.presence.connection_id)
        return row.presence if row and row.token == checking.token else None

    async def checked(self, presence: Presence, due_in: timedelta) -> None:
        now = self._state.now
        self._state.checks[presence.connection_id] = Check(presence, now + due_in, now)

    async def forget(self, connection_id: UUID) -> None:
        self._state.checks.pop(connection_id, None)


class FakeWork:
    def __init__(self, state: State) -> None:
        self.state = state
        self.orgs = FakeOrgs(state)
        self.installations = FakeInstallations(state)
        self.presences = FakePresences(state)
        self.windows = FakeWindows(state)

    async def now(self) -> datetime:
        return self.state.now

    async def emit(self, events: Sequence[Outgoing]) -> None:
        self.state.sent.extend(events)


class FakeStore:
    """Commits when a context ends, forgets what it did when it fails. Its clock stands still."""

    def __init__(self) -> None:
        self.state = State()
        self.open = 0

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[FakeWork]:
        work = FakeWork(self.state.copied())
        self.open += 1
        try:
            yield work
        finally:
            self.open -= 1
        self.state = work.state

    def pass_time(self, duration: timedelta) -> None:
        self.state.now += duration

    def jump_to_next_look(self) -> None:
        due = [row.due_at for row in self.state.rows.values() if row.due_at is not None]
        self.state.now = max([self.state.now, *due[:1]])

    @property
    def sent(self) -> list[Event]:
        return [outgoing.event for outgoing in self.state.sent]


class ScriptedOrg:
    """An org that answers what the test wrote down, in order; the last answer is repeated."""

    def __init__(
        self,
        store: FakeStore,
        answers: Sequence[Observation],
        findings: Sequence[Finding] = (Checked(),),
    ) -> None:
        self.steps: list[Step] = []
        self.checks: list[tuple[UUID, str]] = []
        self._findings = list(findings)
        self._store = store
        self._answers = list(answers)

    async def carry_out(self, step: Step, installation: Installation, org: Org) -> Observation:
        assert self._store.open == 0, "a transaction is open during an outside call"
        assert installation.connection_id == org.connection_id
        self.steps.append(step)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    async def check_up(self, presence: Presence, org: Org) -> Finding:
        assert self._store.open == 0, "a transaction is open during an outside call"
        assert presence.connection_id == org.connection_id
        self.checks.append((org.connection_id, org.user_id))
        return self._findings.pop(0) if len(self._findings) > 1 else self._findings[0]


class FakeVault:
    """Seals a key so that only its installation can open it, and nobody can read it."""

    def seal(self, installation_id: UUID, password: str) -> str:
        return f"sealed:{installation_id}:{password[::-1]}"

    def open(self, installation_id: UUID, sealed: str) -> str | None:
        if not sealed:
            return None
        kind, owner, text = sealed.split(":", 2)
        assert (kind, owner) == ("sealed", str(installation_id))
        return text[::-1]
