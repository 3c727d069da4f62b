"""Stores and CRMs that hold their state in memory, behind the ports of the mapping service."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from copy import copy
from uuid import UUID

from services.mapping.domain.model import Catalogue
from services.mapping.domain.setup import Setup
from services.mapping.ports import Draft, Version
from shared.contracts.base import Event
from shared.outbox.mail import Outgoing


class FakeSetups:
    def __init__(self, state: "State") -> None:
        self._state = state

    async def get(self, connection_id: UUID) -> Setup | None:
        return self._state.setups.get(connection_id)

    async def held(self, connection_id: UUID) -> Setup | None:
        return self._state.setups.get(connection_id)

    async def opened(self, connection_id: UUID) -> Setup:
        return self._state.setups.setdefault(connection_id, Setup(connection_id))

    async def page(self, *, after: UUID | None, limit: int) -> list[Setup]:
        found = sorted(self._state.setups.values(), key=lambda setup: setup.connection_id)
        return [s for s in found if after is None or s.connection_id > after][:limit]

    async def sharing(self, org_id: str, *, besides: UUID) -> int:
        others = (s for s in self._state.setups.values() if s.connection_id != besides)
        return sum(s.connected and s.org_id == org_id for s in others)

    async def save(self, setup: Setup) -> None:
        self._state.setups[setup.connection_id] = setup

    async def forget(self, connection_id: UUID) -> None:
        self._state.setups.pop(connection_id, None)
        self._state.catalogues.pop(connection_id, None)
        self._state.drafts.pop(connection_id, None)
        for key in [key for key in self._state.versions if key[0] == connection_id]:
            del self._state.versions[key]


class FakeVersions:
    def __init__(self, state: "State") -> None:
        self._state = state

    async def get(self, connection_id: UUID, version: int) -> Version | None:
        return self._state.versions.get((connection_id, version))

    async def add(self, connection_id: UUID, version: Version) -> None:
        key = (connection_id, version.settings.version)
        assert key not in self._state.versions, "versions are immutable"
        self._state.versions[key] = version

    async def page(self, connection_id: UUID, *, before: int | None, limit: int) -> list[Version]:
        numbers = sorted((n for c, n in self._state.versions if c == connection_id), reverse=True)
        wanted = [n for n in numbers if before is None or n < before]
        return [self._state.versions[connection_id, n] for n in wanted[:limit]]


class FakeDrafts:
    def __init__(self, state: "State") -> None:
        self._state = state

    async def get(self, connection_id: UUID) -> Draft | None:
        return self._state.drafts.get(connection_id)

    async def save(self, connection_id: UUID, draft: Draft) -> None:
        self._state.drafts[connection_id] = draft

    async def drop(self, connection_id: UUID) -> None:
        self._state.drafts.pop(connection_id, None)


class FakeCatalogues:
    def __init__(self, state: "State") -> None:
        self._state = state

    async def get(self, connection_id: UUID) -> Catalogue | None:
        return self._state.catalogues.get(connection_id)

    async def save(self, connection_id: UUID, catalogue: Catalogue) -> None:
        self._state.catalogues[connection_id] = catalogue


class State:
    def __init__(self) -> None:
        self.setups: dict[UUID, Setup] = {}
        self.versions: dict[tuple[UUID, int], Version] = {}
        self.catalogues: dict[UUID, Catalogue] = {}
        self.drafts: dict[UUID, Draft] = {}
        self.sent: list[Outgoing] = []

    def copied(self) -> "State":
        twin = State()
        for name, value in vars(self).items():
            setattr(twin, name, copy(value))
        return twin


class FakeWork:
    def __init__(self, state: State) -> None:
        self.state = state
        self.setups = FakeSetups(state)
        self.versions = FakeVersions(state)
        self.drafts = FakeDrafts(state)
        self.catalogues = FakeCatalogues(state)

    async def emit(self, events: Sequence[Outgoing]) -> None:
        self.state.sent.extend(events)


class FakeStore:
    """Commits when a context ends, forgets what it did when it fails."""

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

    @property
    def sent(self) -> list[Event]:
        return [outgoing.event for outgoing in self.state.sent]


class FakeCrms:
    """Two CRMs with the given fields. Fails when it is called inside a transaction (I5)."""

    def __init__(self, store: FakeStore, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.keys_made: set[UUID] = set()
        self._store = store

    async def read_catalogue(self, connection_id: UUID) -> Catalogue:
        assert connection_id
        assert self._store.open == 0, "a transaction is open during an outside call"
        return self.catalogue

    async def ensure_key_properties(self, connection_id: UUID) -> None:
        assert self._store.open == 0, "a transaction is open during an outside call"
        self.keys_made.add(connection_id)
