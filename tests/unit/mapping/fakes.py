"""Stores and CRMs that hold their state in memory, behind the ports of the mapping service."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import copy
from uuid import UUID

from services.mapping.domain.model import Catalogue, HubSpotFields, SalesforceFields
from services.mapping.domain.properties import Creation
from services.mapping.domain.setup import Setup
from services.mapping.domain.shapes import NewProperty
from services.mapping.ports import KEYED, Draft, Version
from shared.contracts.base import Event
from shared.kernel.records import ObjectType
from shared.outbox.mail import Outgoing
from tests.unit.mapping.field_fakes import (
    FakeMadeProperties,
    FakePortal,
    FakeRefreshes,
    FakeReports,
    FieldState,
)


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
        self.readings = FieldState()

    def copied(self) -> "State":
        twin = State()
        for name, value in vars(self).items():
            setattr(twin, name, copy(value))
        twin.readings = self.readings.copied()
        return twin


class FakeWork:
    def __init__(self, state: State) -> None:
        self.state = state
        self.setups = FakeSetups(state)
        self.versions = FakeVersions(state)
        self.drafts = FakeDrafts(state)
        self.catalogues = FakeCatalogues(state)
        self.refreshes = FakeRefreshes(state.readings, state.setups, state.catalogues)
        self.reports = FakeReports(state.readings)
        self.made = FakeMadeProperties(state.readings)

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
    """Two CRMs with the given fields. Fails when it is called inside a transaction (I5).

    `broken` is raised instead of an answer; `complete` holds fields with all their options.
    """

    def __init__(self, store: FakeStore, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.complete: Catalogue | None = None
        self.portal = FakePortal()
        self.keys_made: set[UUID] = set()
        self.keyed: set[ObjectType] = set()
        self.broken: Exception | None = None
        self.background: list[bool] = []
        self._store = store

    async def read_catalogue(self, connection_id: UUID, *, background: bool = False) -> Catalogue:
        self._asked(connection_id)
        self.background.append(background)
        return self.catalogue

    async def ensure_key_properties(
        self, connection_id: UUID, object_types: Collection[ObjectType] = KEYED
    ) -> None:
        self._asked(connection_id)
        self.keys_made.add(connection_id)
        self.keyed.update(object_types)

    async def read_properties(self, connection_id: UUID, object_type: ObjectType) -> HubSpotFields:
        self._asked(connection_id)
        return self.portal.properties(self.catalogue, object_type)

    async def read_fields(self, connection_id: UUID, salesforce_object: str) -> SalesforceFields:
        self._asked(connection_id)
        return self.portal.fields(self.complete or self.catalogue, salesforce_object)

    async def create_properties(
        self, connection_id: UUID, object_type: ObjectType, properties: Sequence[NewProperty]
    ) -> Mapping[str, Creation]:
        self._asked(connection_id)
        self.catalogue, made = self.portal.create(self.catalogue, object_type, properties)
        return made

    def _asked(self, connection_id: UUID) -> None:
        assert connection_id
        assert self._store.open == 0, "a transaction is open during an outside call"
        if self.broken is not None:
            raise self.broken
