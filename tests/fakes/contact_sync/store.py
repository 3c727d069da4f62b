"""The unit of work in memory: a snapshot that becomes the state when its context ends well."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from services.contact_sync.domain.journal import Entry
from services.contact_sync.domain.model import Link
from services.contact_sync.ports import Parked, Work
from shared.contracts.base import Event
from shared.kernel.clock import Clock
from shared.outbox.mail import Outgoing
from tests.fakes.contact_sync.records import (
    FakeConnections,
    FakeImports,
    FakeJournal,
    FakeLinks,
    FakeMembers,
    FakeParked,
)
from tests.fakes.contact_sync.state import State
from tests.fakes.mailbox import FakeMailbox


class WorkerDiedError(BaseException):
    """The process ended here: nothing after this point ran, and nobody in it could catch that."""


class FakeWork:
    """One transaction over a snapshot."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self.connections = FakeConnections(state)
        self.links = FakeLinks(state)
        self.journal = FakeJournal(state)
        self.parked = FakeParked(state)
        self.imports = FakeImports(state, clock)
        self.members = FakeMembers(state)
        self.mail = state.mail

    async def emit(self, events: Sequence[Outgoing]) -> None:
        for event in events:
            self._state.outbox[len(self._state.outbox)] = event


class FakeStore:
    """The `Store` port. `open` counts transactions that have begun and not ended (I5)."""

    def __init__(self, clock: Clock) -> None:
        self.state = State(FakeMailbox(clock))
        self.open = 0
        self._clock = clock
        self._until_death: int | None = None

    def die_at_commit(self, number: int) -> None:
        """The worker dies instead of its commit with that number, counted from the next one."""
        self._until_death = number

    def live(self) -> None:
        """No death is planned any more."""
        self._until_death = None

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Work]:
        """A transaction. Two at once are more than these use cases need, so that is an error."""
        if self.open:
            raise RuntimeError("a transaction began inside another one")
        snapshot = self.state.copy()
        self.open += 1
        try:
            yield FakeWork(snapshot, self._clock)
            self._maybe_die()
            self.state = snapshot
        finally:
            self.open -= 1

    def _maybe_die(self) -> None:
        if self._until_death is None:
            return
        self._until_death -= 1
        if self._until_death == 0:
            self._until_death = None
            raise WorkerDiedError

    @property
    def links(self) -> list[Link]:
        """All links."""
        return [link for _, link in self.state.links.values()]

    @property
    def journal(self) -> list[Entry]:
        """All journal entries, the oldest first."""
        return [entry for _, entry in self.state.journal.values()]

    @property
    def parked(self) -> list[Parked]:
        """All parked records."""
        return [record for _, record in self.state.parked.values()]

    @property
    def events(self) -> list[Event]:
        """All events that were put into the outbox."""
        return [outgoing.event for outgoing in self.state.outbox.values()]

    @property
    def waiting(self) -> set[tuple[str, str]]:
        """Side and id of the records in the mailbox."""
        return {(side, record_id) for _, _, side, record_id in self.state.mail.rows}
