"""What every drain of activity_sync shares: one claimed batch, and how it ends."""

from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from datetime import timedelta

from services.activity_sync.domain.merge import FieldWrite
from services.activity_sync.ports import (
    Connection,
    Crms,
    Entry,
    HashOf,
    Parked,
    Record,
    Settled,
    Status,
    Store,
    TaskLink,
    Work,
)
from shared.contracts.activity_sync import ActivityParked
from shared.contracts.base import Event
from shared.crm.writes import Refused, WriteResult
from shared.kernel.clock import Clock
from shared.kernel.errors import RetriableError
from shared.kernel.ids import IdSource
from shared.kernel.records import Side
from shared.outbox.back_off import back_off, code_of
from shared.outbox.dividing import failure_text
from shared.outbox.mail import Claimed, Outgoing
from shared.telemetry.traces import span

MAX_ATTEMPTS = 5
"""A task that one CRM keeps refusing as "try again" is parked after this many tries."""

RETRY_AFTER = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Drain:
    """What draining needs; `lease` is how long a crashed worker's claims stay held."""

    store: Store
    crms: Crms
    clock: Clock
    new_id: IdSource
    hash_of: HashOf
    lease: timedelta


@dataclass(frozen=True, slots=True)
class Batch:
    """The claims of one batch of one lane."""

    drain: Drain
    connection: Connection
    lane: str
    rows: Map[Record, Claimed]

    def entry(
        self,
        record: Record,
        side: Side,
        operation: str,
        ids: tuple[str | None, str | None],
        fields: tuple[FieldWrite, ...],
    ) -> Entry:
        """A journal entry for a write that `record`'s change causes; ids are (HubSpot, SF)."""
        row = self.rows[record]
        return Entry(
            id=self.drain.new_id(),
            side=side,
            operation=operation,
            kind=self.lane,
            hubspot_id=ids[0],
            salesforce_id=ids[1],
            fields=fields,
            cause=row.cause,
            traceparent=row.traceparent,
        )


@dataclass(slots=True)
class Ledger:
    """What the transaction that ends a batch will store.

    `cleared` are activities that go off the parked list though they were not claimed: the other
    halves of pairs that stand.
    """

    links: list[TaskLink] = field(default_factory=list)
    removed: list[TaskLink] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    parked: list[Parked] = field(default_factory=list)
    cleared: list[Record] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    done: list[Record] = field(default_factory=list)
    again: list[Record] = field(default_factory=list)

    def park(self, parked: Parked) -> None:
        """Sets one activity aside, visibly."""
        self.parked.append(parked)
        self.done.append(parked.record)

    def settle(self, batch: Batch, entry: Entry, record: Record, result: WriteResult) -> bool:
        """Notes what a CRM answered to one write; True when it was made."""
        if not isinstance(result, Refused):
            ids = {f"{entry.side.value}_id": result.id}
            self.settled.append(Settled(entry.id, Status.DONE, **ids))
            return True
        error = f"{result.code}: {result.message}"
        self.settled.append(Settled(entry.id, Status.REFUSED, error=error))
        if result.retriable and batch.rows[record].attempts < MAX_ATTEMPTS:
            self.again.append(record)
        else:
            self.park(Parked(record, batch.lane, result.code, result.message))
        return False


async def finish(batch: Batch, ledger: Ledger) -> None:
    """One transaction ends the batch."""
    with span("settle", records=len(batch.rows)):
        await _settle(batch, ledger)


async def _settle(batch: Batch, ledger: Ledger) -> None:
    connection_id = batch.connection.id
    async with batch.drain.store.begin() as work:
        await _check_org(work, batch.connection)
        parked = await _still_waiting(batch, work, ledger)
        aside = {activity.record for activity in parked}
        again = dict.fromkeys(r for r in ledger.again if r not in aside)
        done = dict.fromkeys(r for r in ledger.done if r not in again)
        await work.journal.settle(connection_id, ledger.settled)
        await work.task_links.remove(connection_id, [link.id for link in ledger.removed])
        await work.task_links.save(connection_id, ledger.links)
        await work.parked.clear(connection_id, [*done, *ledger.cleared])
        await work.parked.add(connection_id, parked)
        events = [*ledger.events, *(_parked_event(activity) for activity in parked)]
        await work.emit([Outgoing(connection_id, batch.lane, event) for event in events])
        await work.mail.postpone(
            [batch.rows[record] for record in again],
            due_in=RETRY_AFTER,
            reason="refused for now",
            count_attempt=True,
        )
        await work.mail.settle([batch.rows[record] for record in done])


class OrgLeftError(RetriableError):
    """The connection moved to another org while a batch was on its way."""


async def _check_org(work: Work, connection: Connection) -> None:
    """Passes while the connection has the org that the batch was read and written in.

    Else nothing of it may be stored: its pairs belong to the org that was left. Its activities are
    looked at anew, and what was written there carries our key.
    """
    if await work.connections.org_of(connection.id) != connection.org_id:
        raise OrgLeftError(
            f"Connection {connection.id} has another Salesforce org now than this batch was for.",
            code="org_left",
            retry_after=RETRY_AFTER.total_seconds(),
        )


async def _still_waiting(batch: Batch, work: Work, ledger: Ledger) -> list[Parked]:
    """The activities to park, less those whose person was linked meanwhile: they go again.

    The lock keeps a link from being stored between this look and the parking; its wake-up call
    would find nobody to wake.
    """
    people = {activity.person_id for activity in ledger.parked if activity.person_id}
    if not people:
        return ledger.parked
    await work.connections.locked(batch.connection.id)
    linked = {
        Record(side, person)
        for side in Side
        for person in await work.people.of(batch.connection.id, side, people)
    }
    late = {a.record for a in ledger.parked if Record(a.record.side, a.person_id) in linked}
    ledger.again += late
    return [activity for activity in ledger.parked if activity.record not in late]


def _parked_event(parked: Parked) -> ActivityParked:
    return ActivityParked(
        side=parked.record.side,
        record_id=parked.record.id,
        code=parked.code,
        message=parked.message,
    )


async def record_failed(store: Store, row: Claimed, error: Exception) -> None:
    """A record that cannot be handled, though its neighbours can, waits; then it is parked."""
    async with store.begin() as work:
        if row.attempts + 1 < MAX_ATTEMPTS:
            await back_off(work.mail, [row], error)
            return
        record = Record(Side(row.side), row.record_id)
        parked = Parked(record, row.lane, code_of(error), failure_text(error))
        await work.parked.clear(row.connection_id, [record])
        await work.parked.add(row.connection_id, [parked])
        await work.emit([Outgoing(row.connection_id, row.lane, _parked_event(parked))])
        await work.mail.settle([row])
