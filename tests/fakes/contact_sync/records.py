"""Connections, links, journal, parked records and imports in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.contact_sync.domain.journal import Entry, Status
from services.contact_sync.domain.model import Link
from services.contact_sync.domain.objects import ALL_OBJECTS
from services.contact_sync.domain.world import Claim, Waiting
from services.contact_sync.ports import (
    NO_WAIT,
    ORG_LEFT,
    WALKING,
    Connection,
    Import,
    Parked,
    Settled,
)
from shared.db.aside import aside_id
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.kernel.records import ObjectType, Side
from tests.fakes.contact_sync.state import State, UniqueViolationError


class FakeConnections:
    """The `Connections` port."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def get(self, connection_id: UUID) -> Connection | None:
        return self._state.connections.get(connection_id)

    async def locked(self, connection_id: UUID) -> Connection:
        return self._state.connections.setdefault(connection_id, Connection(id=connection_id))

    async def save(self, connection: Connection) -> None:
        self._state.connections[connection.id] = connection

    async def org_of(self, connection_id: UUID) -> str | None:
        known = self._state.connections.get(connection_id)
        return None if known is None else known.org_id

    async def change_org(self, connection_id: UUID, left: str, entered: str) -> None:
        state = self._state
        there = Side.SALESFORCE
        state.mail.rows = {
            k: v for k, v in state.mail.rows.items() if (k[0], k[2]) != (connection_id, there.value)
        }
        for key, (one, held_until) in state.imports.items():
            if (one.connection_id, one.side, one.state) == (connection_id, there, WALKING):
                state.imports[key] = (replace(one, state="failed", problem=ORG_LEFT), held_until)
        aside, back = aside_id(connection_id, left), aside_id(connection_id, entered)

        def owner(now: UUID, *, goes: bool) -> UUID:
            if now == back:
                return connection_id
            return aside if now == connection_id and goes else now

        state.links = {k: (owner(o, goes=True), v) for k, (o, v) in state.links.items()}
        state.journal = {
            k: (owner(o, goes=v.status is Status.INTENDED), v)
            for k, (o, v) in state.journal.items()
        }
        state.members = {
            (owner(o, goes=w.company.side is there), w): None for o, w in state.members
        }
        state.parked = {
            k: (owner(o, goes=v.claim.side is there), v) for k, (o, v) in state.parked.items()
        }


class FakeLinks:
    """The `Links` port, with the two unique keys of its table."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def of(
        self,
        connection_id: UUID,
        hubspot_ids: Collection[str],
        salesforce_ids: Collection[str],
        object_type: ObjectType = ObjectType.CONTACT,
    ) -> list[Link]:
        return [
            link
            for link in self._mine(connection_id)
            if link.object_type is object_type
            and (link.hubspot_id in hubspot_ids or link.salesforce_id in salesforce_ids)
        ]

    async def save(self, connection_id: UUID, changed: Sequence[Link]) -> None:
        if len({(link.object_type, link.hubspot_id) for link in changed}) < len(changed):
            raise UniqueViolationError("one statement changes a link twice")
        for link in changed:
            known = next(
                (x for x in self._mine(connection_id) if _key(x) == _key(link)),
                None,
            )
            kept = link if known is None else replace(link, id=known.id)
            self._state.links[kept.id] = (connection_id, kept)
        self._check(connection_id)

    async def move(self, connection_id: UUID, link_id: UUID, *, hubspot_id: str) -> None:
        owner, link = self._state.links.get(link_id, (None, None))
        if link is not None and owner == connection_id:
            self._state.links[link_id] = (connection_id, replace(link, hubspot_id=hubspot_id))
            self._check(connection_id)

    async def forget_near_misses(self, connection_id: UUID, claim: Claim) -> None:
        for link in self._mine(connection_id):
            half = link.hubspot_id if claim.side is Side.HUBSPOT else link.salesforce_id
            if half == claim.record_id and link.object_type is claim.object_type:
                self._state.links[link.id] = (connection_id, replace(link, near_misses={}))

    async def remove(self, connection_id: UUID, link_ids: Collection[UUID]) -> None:
        for link in self._mine(connection_id):
            if link.id in link_ids:
                del self._state.links[link.id]

    def _mine(self, connection_id: UUID) -> list[Link]:
        return [link for owner, link in self._state.links.values() if owner == connection_id]

    def _check(self, connection_id: UUID) -> None:
        mine = self._mine(connection_id)
        for half in ("hubspot_id", "salesforce_id"):
            if len({(link.object_type, getattr(link, half)) for link in mine}) < len(mine):
                raise UniqueViolationError(half)


def _key(link: Link) -> tuple[ObjectType, str]:
    return link.object_type, link.hubspot_id


class FakeJournal:
    """The `Journal` port."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def open_entries(
        self,
        connection_id: UUID,
        hubspot_ids: Collection[str],
        salesforce_ids: Collection[str],
        object_type: ObjectType = ObjectType.CONTACT,
    ) -> list[Entry]:
        return [
            entry
            for owner, entry in self._state.journal.values()
            if owner == connection_id
            and entry.status is Status.INTENDED
            and entry.object_name in ALL_OBJECTS[object_type].names
            and (entry.hubspot_id in hubspot_ids or entry.salesforce_id in salesforce_ids)
        ]

    async def add(self, connection_id: UUID, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.id in self._state.journal:
                raise UniqueViolationError("journal")
            self._state.journal[entry.id] = (connection_id, entry)

    async def settle(self, connection_id: UUID, settled: Sequence[Settled]) -> None:
        for item in settled:
            owner, entry = self._state.journal.get(item.id, (None, None))
            if entry is not None and owner == connection_id:
                self._state.journal[item.id] = (
                    connection_id,
                    replace(
                        entry,
                        status=item.status,
                        error=item.error,
                        hubspot_id=item.hubspot_id or entry.hubspot_id,
                        salesforce_id=item.salesforce_id or entry.salesforce_id,
                    ),
                )


class FakeParked:
    """The `ParkedRecords` port."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, connection_id: UUID, parked: Sequence[Parked]) -> None:
        for record in parked:
            known = self._id_of(connection_id, record)
            self._state.parked[known or new_id()] = (connection_id, record)

    async def clear(self, connection_id: UUID, claims: Collection[Claim]) -> None:
        self._state.parked = {
            key: (owner, record)
            for key, (owner, record) in self._state.parked.items()
            if owner != connection_id or record.claim not in claims
        }

    async def claim_of(self, connection_id: UUID, parked_id: UUID) -> Claim | None:
        owner, record = self._state.parked.get(parked_id, (None, None))
        return record.claim if record is not None and owner == connection_id else None

    def _id_of(self, connection_id: UUID, wanted: Parked) -> UUID | None:
        for key, (owner, record) in self._state.parked.items():
            same = (record.claim, record.code, record.field) == (
                wanted.claim,
                wanted.code,
                wanted.field,
            )
            if owner == connection_id and same:
                return key
        return None


class FakeMembers:
    """The `Members` port."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def lock(self, connection_id: UUID) -> None:
        """Transactions of the fake follow each other anyway."""

    async def add(self, connection_id: UUID, waiting: Sequence[Waiting]) -> None:
        self._state.members |= {(connection_id, one): None for one in waiting}

    async def take(self, connection_id: UUID, companies: Collection[Claim]) -> set[str]:
        found = [
            key
            for key in self._state.members
            if key[0] == connection_id and key[1].company in companies
        ]
        for key in found:
            del self._state.members[key]
        return {waiting.contact_id for _, waiting in found}


class FakeImports:
    """The `Imports` port."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._now = clock.now()

    async def add(self, new: Import) -> None:
        self._state.imports[new.id] = (new, None)

    async def next(self, lease: timedelta) -> Import | None:
        due = [
            one
            for one, held_until in self._state.imports.values()
            if one.state == "walking" and self._free(held_until)
        ]
        if not due:
            return None
        oldest = min(due, key=lambda one: one.id)
        self._state.imports[oldest.id] = (oldest, self._now + lease)
        return oldest

    async def save(self, progress: Import, *, wait: timedelta = NO_WAIT) -> None:
        known = self._state.imports.get(progress.id)
        if known is not None and known[0].connection_id == progress.connection_id:
            self._state.imports[progress.id] = (progress, self._now + wait if wait else None)

    def _free(self, held_until: datetime | None) -> bool:
        return held_until is None or held_until < self._now
