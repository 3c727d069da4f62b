"""What is kept about the reading of fields, in memory, and a portal whose properties are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.mapping.domain.hits import Report
from services.mapping.domain.kept import KeptReport, MadeProperty, Refresh, Taken
from services.mapping.domain.model import (
    Catalogue,
    HubSpotField,
    HubSpotFields,
    SalesforceFields,
)
from services.mapping.domain.properties import GROUP, Creation
from services.mapping.domain.setup import Setup
from services.mapping.domain.shapes import NewProperty
from services.mapping.domain.standing import Standing
from services.mapping.store.reports import MAX_REPORTS
from shared.kernel.records import ObjectType

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of `refreshes`."""

    due_at: datetime
    token: UUID | None = None
    held_until: datetime | None = None
    attempts: int = 0
    problem: str = ""
    read_at: datetime | None = None
    standing: Standing = field(default_factory=Standing)


@dataclass
class FieldState:
    """All that is kept; `now` is the database's clock."""

    now: datetime = START
    refreshes: dict[UUID, Row] = field(default_factory=dict)
    reports: dict[UUID, list[KeptReport]] = field(default_factory=dict)
    made: dict[tuple[UUID, str, str], MadeProperty] = field(default_factory=dict)

    def copied(self) -> "FieldState":
        reports = {key: list(found) for key, found in self.reports.items()}
        return FieldState(self.now, dict(self.refreshes), reports, dict(self.made))


class FakeRefreshes:
    def __init__(
        self, state: FieldState, setups: dict[UUID, Setup], catalogues: dict[UUID, Catalogue]
    ) -> None:
        self._state = state
        self._setups = setups
        self._catalogues = catalogues

    async def get(self, connection_id: UUID) -> Refresh | None:
        row = self._state.refreshes.get(connection_id)
        if row is None:
            return None
        return Refresh(row.read_at, row.due_at, row.problem, row.standing)

    async def take(self, *, token: UUID, lease: timedelta, every: timedelta) -> Taken | None:
        self._enter_new(every)
        now = self._state.now
        due = [
            (row.due_at, connection_id)
            for connection_id, row in self._state.refreshes.items()
            if self._works(connection_id)
            and row.due_at <= now
            and (row.held_until is None or row.held_until <= now)
        ]
        if not due:
            return None
        connection_id = min(due)[1]
        row = self._state.refreshes[connection_id]
        self._state.refreshes[connection_id] = replace(row, token=token, held_until=now + lease)
        return Taken(connection_id, token, row.attempts)

    def _works(self, connection_id: UUID) -> bool:
        setup = self._setups.get(connection_id)
        return setup is not None and setup.connected and not setup.broken

    def _enter_new(self, every: timedelta) -> None:
        for connection_id, setup in self._setups.items():
            if setup.connected and setup.version and connection_id not in self._state.refreshes:
                catalogue = self._catalogues.get(connection_id, Catalogue())
                read = {*catalogue.salesforce, *(one.object_name for one in catalogue.unread)}
                due = self._state.now + (every if "Task" in read else timedelta(0))
                self._state.refreshes[connection_id] = Row(due)

    async def holds(self, taken: Taken) -> bool:
        row = self._state.refreshes.get(taken.connection_id)
        return row is not None and row.token == taken.token

    async def done(self, connection_id: UUID, standing: Standing, *, next_in: timedelta) -> None:
        now = self._state.now
        self._state.refreshes[connection_id] = Row(now + next_in, read_at=now, standing=standing)

    async def failed(self, taken: Taken, problem: str, *, next_in: timedelta) -> None:
        if await self.holds(taken):
            row = self._state.refreshes[taken.connection_id]
            self._state.refreshes[taken.connection_id] = replace(
                row,
                due_at=self._state.now + next_in,
                token=None,
                held_until=None,
                attempts=row.attempts + 1,
                problem=problem,
            )

    async def hit(self) -> Mapping[UUID, int]:
        return {key: len(row.standing.hits) for key, row in self._state.refreshes.items()}


class FakeReports:
    def __init__(self, state: FieldState) -> None:
        self._state = state

    async def add(self, connection_id: UUID, version: int, report: Report) -> None:
        kept = self._state.reports.setdefault(connection_id, [])
        position = kept[-1].position + 1 if kept else 1
        kept.append(KeptReport(position, self._state.now, version, report))
        del kept[:-MAX_REPORTS]

    async def page(
        self, connection_id: UUID, *, before: int | None, limit: int
    ) -> list[KeptReport]:
        kept = reversed(self._state.reports.get(connection_id, []))
        return [one for one in kept if before is None or one.position < before][:limit]


class FakeMadeProperties:
    def __init__(self, state: FieldState) -> None:
        self._state = state

    async def add(self, connection_id: UUID, properties: Sequence[MadeProperty]) -> None:
        for item in properties:
            self._state.made[connection_id, item.object_type.value, item.name] = item

    async def page(
        self, connection_id: UUID, *, after: tuple[str, str] | None, limit: int
    ) -> list[MadeProperty]:
        keys = sorted(key for key in self._state.made if key[0] == connection_id)
        return [self._state.made[key] for key in keys if after is None or key[1:] > after][:limit]


class FakePortal:
    """HubSpot's properties: `refused` names what it will not make, `raced` what others make first.

    `calls` counts what was asked of it.
    """

    def __init__(self) -> None:
        self.archived: dict[ObjectType, dict[str, HubSpotField]] = {}
        self.refused: dict[str, str] = {}
        self.raced: dict[str, HubSpotField] = {}
        self.calls: list[str] = []

    def properties(self, catalogue: Catalogue, object_type: ObjectType) -> HubSpotFields:
        """Live and archived ones."""
        self.calls.append("read")
        live = catalogue.hubspot.get(object_type, {})
        return {**self.archived.get(object_type, {}), **live}

    def create(
        self, catalogue: Catalogue, object_type: ObjectType, new: Sequence[NewProperty]
    ) -> tuple[Catalogue, dict[str, Creation]]:
        """The catalogue with what was made, and what became of each."""
        if new:
            self.calls.append("create")
        live = dict(catalogue.hubspot.get(object_type, {}))
        results: dict[str, Creation] = {}
        for item in new:
            if item.name in self.raced:
                live[item.name] = self.raced[item.name]
            if item.name in self.refused:
                results[item.name] = Creation(created=False, problem=self.refused[item.name])
            elif item.name in live:
                results[item.name] = Creation(created=False)
            else:
                live[item.name] = HubSpotField(
                    item.name,
                    item.label,
                    item.type,
                    item.field_type,
                    options=item.options,
                    group=GROUP,
                )
                self.archived.get(object_type, {}).pop(item.name, None)
                results[item.name] = Creation(created=True)
        return replace(catalogue, hubspot={**catalogue.hubspot, object_type: live}), results

    def fields(self, catalogue: Catalogue, salesforce_object: str) -> SalesforceFields:
        """An object's fields."""
        self.calls.append("describe")
        return catalogue.fields(salesforce_object)
