"""The unit of work in memory: a snapshot that becomes the state when its context ends well."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from services.activity_sync.ports import Entry, Parked, TaskLink, Work
from shared.contracts.base import Event
from shared.kernel.clock import Clock
from shared.outbox.mail import Outgoing
from tests.fakes.activity_sync.records import (
    FakeConnections,
    FakeJournal,
    FakeParked,
    FakePeople,
    FakeTaskLinks,
    FakeTimeline,
)
from tests.fakes.activity_sync.state import State
from tests.fakes.mailbox import FakeMailbox


class WorkerDiedError(BaseException):
    """The process ended here: nothing after this point ran, and nobody in it could catch that."""


class FakeWork:
    """One transaction over a snapshot."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.connections = FakeConnections(state)
        self.people = FakePeople(state)
        self.task_links = FakeTaskLinks(state)
        self.timeline = FakeTimeline(state)
        self.journal = FakeJournal(state)
        self.parked = FakeParked(state)
        self.mail = state.mail

    async def emit(self, events: Sequence[Outgoing]) -> None:
        for event in events:
            self._state.outbox[len(self._state.outbox)] = event


class FakeStore:
    """The `Store` port. `open` counts transactions that have begun and not ended (I5)."""

    def __init__(self, clock: Clock) -> None:
        self.state = State(FakeMailbox(clock))
        self.open = 0
        self._until_death = 0
        self._meanwhile: tuple[int, Callable[[], None]] | None = None

    def die_at_commit(self, number: int) -> None:
        """The worker dies instead of its commit with that number, counted from the next one."""
        self._until_death = number

    def before_transaction(self, number: int, happen: Callable[[], None]) -> None:
        """Something happens before the transaction with that number, counted from the next."""
        self._meanwhile = (number, happen)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Work]:
        """A transaction. Two at once are more than these use cases need, so that is an error."""
        if self.open:
            raise RuntimeError("a transaction began inside another one")
        self._happen()
        snapshot = self.state.copy()
        self.open += 1
        try:
            yield FakeWork(snapshot)
        finally:
            self.open -= 1
        self._until_death -= 1
        if self._until_death == 0:
            raise WorkerDiedError
        self.state = snapshot

    def _happen(self) -> None:
        if self._meanwhile is None:
            return
        number, happen = self._meanwhile
        self._meanwhile = (number - 1, happen) if number > 1 else None
        if number == 1:
            happen()

    @property
    def links(self) -> list[TaskLink]:
        """All links."""
        return [link for _, link in self.state.links.values()]

    @property
    def journal(self) -> list[Entry]:
        """All journal entries, the oldest first."""
        return [entry for _, entry in self.state.journal.values()]

    @property
    def parked(self) -> list[Parked]:
        """All parked activities."""
        return list(self.state.parked.values())

    @property
    def events(self) -> list[Event]:
        """All events that were put into the outbox."""
        return [outgoing.event for outgoing in self.state.outbox.values()]

    @property
    def waiting(self) -> set[tuple[str, str]]:
        """Lane and id of the records in the mailbox."""
        return {(lane, record_id) for _, lane, _, record_id in self.state.mail.rows}
