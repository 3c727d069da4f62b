"""The tables of activity_sync in memory; each class keeps the promises of its port."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from services.activity_sync.domain.timeline import TimelineEvent
from services.activity_sync.ports import (
    Connection,
    Entry,
    Parked,
    PersonLink,
    Record,
    Settled,
    Status,
    TaskLink,
)
from shared.db.aside import aside_id
from shared.kernel.records import Side
from tests.fakes.activity_sync.state import State, UniqueViolationError


class FakeConnections:
    """The `Connections` port. Transactions run one after the other, so a lock is always free."""

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
        aside, back = aside_id(connection_id, left), aside_id(connection_id, entered)

        def owner(now: UUID, *, goes: bool) -> UUID:
            if now == back:
                return connection_id
            return aside if now == connection_id and goes else now

        state.people = {(owner(o, goes=True), k): v for (o, k), v in state.people.items()}
        state.links = {k: (owner(o, goes=True), v) for k, (o, v) in state.links.items()}
        state.journal = {
            k: (owner(o, goes=v.status is Status.INTENDED), v)
            for k, (o, v) in state.journal.items()
        }
        state.parked = {
            (owner(o, goes=record.side is there), record, code): v
            for (o, record, code), v in state.parked.items()
        }


def _shelf_of(connection_id: UUID, org_id: str) -> UUID:
    return aside_id(connection_id, org_id) if org_id else connection_id


class FakePeople:
    """The `People` port."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def save(self, connection_id: UUID, link: PersonLink, *, org_id: str = "") -> None:
        self._state.people[_shelf_of(connection_id, org_id), link.hubspot_id] = link

    async def remove(self, connection_id: UUID, link: PersonLink, *, org_id: str = "") -> None:
        key = (_shelf_of(connection_id, org_id), link.hubspot_id)
        if self._state.people.get(key) == link:
            del self._state.people[key]

    async def of(self, connection_id: UUID, side: Side, ids: Collection[str]) -> dict[str, str]:
        mine = [link for (owner, _), link in self._state.people.items() if owner == connection_id]
        pairs = [(link.hubspot_id, link.salesforce_id) for link in mine]
        if side is Side.SALESFORCE:
            pairs = [(there, here) for here, there in pairs]
        return {here: there for here, there in pairs if here in ids}


class FakeTaskLinks:
    """The `TaskLinks` port, with the two unique keys of its table."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def of(self, connection_id: UUID, records: Collection[Record]) -> list[TaskLink]:
        return [
            link
            for link in self._mine(connection_id)
            if Record(Side.HUBSPOT, link.hubspot_id) in records
            or Record(Side.SALESFORCE, link.salesforce_id) in records
        ]

    async def save(self, connection_id: UUID, links: Sequence[TaskLink]) -> None:
        if len({link.hubspot_id for link in links}) < len(links):
            raise UniqueViolationError("one statement changes a link twice")
        for link in links:
            same = [x for x in self._mine(connection_id) if x.hubspot_id == link.hubspot_id]
            kept = replace(link, id=same[0].id) if same else link
            self._state.links[kept.id] = (connection_id, kept)
        mine = self._mine(connection_id)
        if len({link.salesforce_id for link in mine}) < len(mine):
            raise UniqueViolationError("salesforce_id")

    async def remove(self, connection_id: UUID, ids: Collection[UUID]) -> None:
        for link in self._mine(connection_id):
            if link.id in ids:
                del self._state.links[link.id]

    def _mine(self, connection_id: UUID) -> list[TaskLink]:
        return [link for owner, link in self._state.links.values() if owner == connection_id]


class FakeTimeline:
    """The `Timeline` port."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, connection_id: UUID, event: TimelineEvent) -> bool:
        return self._state.timeline.setdefault((connection_id, event.key), event) is event

    async def of(self, connection_id: UUID, keys: Collection[str]) -> dict[str, TimelineEvent]:
        return {
            key: event
            for (owner, key), event in self._state.timeline.items()
            if owner == connection_id and key in keys
        }


class FakeJournal:
    """The `Journal` port."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def open_entries(self, connection_id: UUID, records: Collection[Record]) -> list[Entry]:
        return [
            entry
            for owner, entry in self._state.journal.values()
            if owner == connection_id
            and entry.status is Status.INTENDED
            and {
                Record(Side.HUBSPOT, entry.hubspot_id or ""),
                Record(Side.SALESFORCE, entry.salesforce_id or ""),
            }
            & set(records)
        ]

    async def add(self, connection_id: UUID, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.id in self._state.journal:
                raise UniqueViolationError("journal")
            self._state.journal[entry.id] = (connection_id, entry)

    async def settle(self, connection_id: UUID, settled: Sequence[Settled]) -> None:
        for item in settled:
            owner, entry = self._state.journal[item.id]
            if owner == connection_id:
                self._state.journal[item.id] = (owner, _settled(entry, item))


class FakeParked:
    """The `ParkedActivities` port."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, connection_id: UUID, parked: Sequence[Parked]) -> None:
        for activity in parked:
            self._state.parked[connection_id, activity.record, activity.code] = activity

    async def clear(self, connection_id: UUID, records: Collection[Record]) -> None:
        for key in list(self._state.parked):
            if key[0] == connection_id and key[1] in records:
                del self._state.parked[key]

    async def waiting_for(self, connection_id: UUID, person_ids: Collection[str]) -> list[Parked]:
        return [
            activity
            for key, activity in self._state.parked.items()
            if key[0] == connection_id and activity.person_id in person_ids
        ]


def _settled(entry: Entry, item: Settled) -> Entry:
    return replace(
        entry,
        status=item.status,
        error=item.error or entry.error,
        hubspot_id=item.hubspot_id or entry.hubspot_id,
        salesforce_id=item.salesforce_id or entry.salesforce_id,
    )
