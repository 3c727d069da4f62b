"""One transaction ends a batch: links, journal, parked records, events, mailbox."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from uuid import UUID

from services.contact_sync.domain.journal import Entry, Status, writes_on
from services.contact_sync.domain.model import Link
from services.contact_sync.domain.outcome import Outcome, Park, Sync, Unlink
from services.contact_sync.domain.plan import Context
from services.contact_sync.domain.settling import Hasher, settled_link
from services.contact_sync.domain.world import Claim
from services.contact_sync.handlers.execute import Executed
from services.contact_sync.handlers.members import companies_among, note_members, waiting_for
from services.contact_sync.ports import Connection, HashOf, Parked, Settled, Store, Work
from shared.contracts.base import Event
from shared.contracts.contact_sync import (
    RecordLinked,
    RecordParked,
    RecordSynced,
    RecordUnlinked,
)
from shared.crm.writes import Refused
from shared.kernel.errors import RetriableError
from shared.kernel.ids import IdSource
from shared.kernel.records import ObjectType, Side
from shared.outbox.mail import Claimed, Outgoing
from shared.telemetry.traces import span

MAX_ATTEMPTS = 5
"""A record that one CRM keeps refusing as "try again" is parked after this many tries."""

RETRY_AFTER = timedelta(seconds=5)
"""Locks and index lags are over within seconds; the attempts bound the number of tries."""

ORG_LEFT_SECONDS = 5.0
"""The lanes are held by then, until the sync is started in the other org."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What one batch came to."""

    connection: Connection
    context: Context
    by_claim: Map[Claim, Claimed]
    outcomes: Sequence[Outcome]
    executed: Sequence[Executed]
    entries: Map[tuple[int, Side], Entry]

    @property
    def object_type(self) -> ObjectType:
        """What the records of the batch are."""
        return self.context.objects.object_type

    def entry(self, index: int, side: Side) -> Entry | None:
        """The journal entry of one unit's writes to `side`; None when it got none."""
        return self.entries.get((index, side))


@dataclass(slots=True)
class _Ledger:
    """What the transaction will store, gathered first."""

    links: list[Link] = field(default_factory=list)
    removed: list[UUID] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    parked: list[Parked] = field(default_factory=list)
    cleared: list[Claim] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    done: list[Claimed] = field(default_factory=list)
    again: list[Claimed] = field(default_factory=list)


class OrgLeftError(RetriableError):
    """The connection moved to another org while a batch was on its way."""


async def check_org(work: Work, connection: Connection) -> None:
    """Passes while the connection has the org that the batch was read and written in.

    Else nothing of the batch may be stored: its links belong to the org that was left. Its records
    are looked at anew, and what was written there carries our key, so that it is found if the
    connection ever comes back.
    """
    org_id = await work.connections.org_of(connection.id)
    if org_id != connection.org_id:
        raise OrgLeftError(
            f"Connection {connection.id} has another Salesforce org now than this batch was for.",
            code="org_left",
            retry_after=ORG_LEFT_SECONDS,
        )


async def settle(
    store: Store,
    settlement: Settlement,
    hash_of: HashOf,
    new_id: IdSource,
) -> None:
    """Stores the outcome of a batch as one transaction."""
    with span("settle", records=len(settlement.by_claim)):
        await _settle(store, settlement, hash_of, new_id)


async def _settle(
    store: Store,
    settlement: Settlement,
    hash_of: HashOf,
    new_id: IdSource,
) -> None:
    ledger = _Ledger()
    hasher = partial(hash_of, settlement.connection.id)
    for index, executed in enumerate(settlement.executed):
        _settle_entries(ledger, settlement, index, executed)
        _settle_link(ledger, settlement, executed, hasher, new_id)
        _settle_claims(ledger, settlement, executed)
    for outcome in settlement.outcomes:
        if not isinstance(outcome, Sync):
            _settle_other(ledger, settlement, outcome)
    connection_id, context = settlement.connection.id, settlement.context
    waiting = waiting_for(settlement.executed, context)
    companies = companies_among(ledger.links, ledger.events)
    async with store.begin() as work:
        await check_org(work, settlement.connection)
        await work.journal.settle(connection_id, ledger.settled)
        await work.links.remove(connection_id, ledger.removed)
        await work.links.save(connection_id, ledger.links)
        await note_members(work, connection_id, waiting, companies)
        await work.parked.clear(connection_id, ledger.cleared)
        await work.parked.add(connection_id, ledger.parked)
        await _emit(work, settlement, ledger.events)
        await work.mail.postpone(
            ledger.again, due_in=RETRY_AFTER, reason="refused for now", count_attempt=True
        )
        await work.mail.settle(ledger.done)


def _settle_entries(
    ledger: _Ledger,
    settlement: Settlement,
    index: int,
    executed: Executed,
) -> None:
    hubspot_id = executed.record_id(Side.HUBSPOT)
    salesforce_id = executed.record_id(Side.SALESFORCE)
    for side in Side:
        entry = settlement.entry(index, side)
        if entry is not None:
            refusal = executed.refusals().get(side)
            ledger.settled.append(_settled(entry, refusal, hubspot_id, salesforce_id))


def _settle_link(
    ledger: _Ledger,
    settlement: Settlement,
    executed: Executed,
    hasher: Hasher,
    new_id: IdSource,
) -> None:
    hubspot_id = executed.record_id(Side.HUBSPOT)
    salesforce_id = executed.record_id(Side.SALESFORCE)
    if hubspot_id is None or salesforce_id is None:
        return
    refused = frozenset(executed.refusals())
    link = settled_link(
        executed.sync,
        link_id=new_id(),
        hubspot_id=hubspot_id,
        salesforce_id=salesforce_id,
        refused=refused,
        mappings=settlement.context.mappings,
        hash_of=hasher,
        now=settlement.context.now,
    )
    ledger.links.append(link)
    org_id = settlement.connection.org_id
    ledger.events.extend(_news_of(executed.sync, link, refused, org_id))


def _settled(
    entry: Entry,
    refusal: Refused | None,
    hubspot_id: str | None,
    salesforce_id: str | None,
) -> Settled:
    return Settled(
        id=entry.id,
        status=Status.DONE if refusal is None else Status.REFUSED,
        hubspot_id=hubspot_id,
        salesforce_id=salesforce_id,
        error=None if refusal is None else f"{refusal.code}: {refusal.message}",
    )


def _news_of(sync: Sync, link: Link, refused: frozenset[Side], org_id: str) -> list[Event]:
    news: list[Event] = []
    old = sync.unit.pair.link
    if old is None or old.salesforce_id != link.salesforce_id:
        news.append(
            RecordLinked(
                object_type=link.object_type,
                hubspot_id=link.hubspot_id,
                salesforce_id=link.salesforce_id,
                salesforce_object=link.salesforce_object,
                org_id=org_id,
            ),
        )
    counts = {side: 0 if side in refused else len(writes_on(sync, side)) for side in Side}
    if any(counts.values()):
        news.append(
            RecordSynced(
                object_type=link.object_type,
                hubspot_id=link.hubspot_id,
                salesforce_id=link.salesforce_id,
                hubspot_fields=counts[Side.HUBSPOT],
                salesforce_fields=counts[Side.SALESFORCE],
            ),
        )
    return news


def _settle_claims(
    ledger: _Ledger,
    settlement: Settlement,
    executed: Executed,
) -> None:
    refusals = executed.refusals()
    claims = executed.sync.unit.claims
    rows = [settlement.by_claim[claim] for claim in claims]
    ledger.cleared.extend({*claims, *_halves(executed, settlement.object_type)})
    tries = 1 + max(row.attempts for row in rows)
    if any(refusal.retriable for refusal in refusals.values()) and tries < MAX_ATTEMPTS:
        ledger.again.extend(rows)
        return
    for refusal in refusals.values():
        _park(ledger, Parked(claims[0], refusal.code, refusal.message, refusal.field))
    for trouble in executed.sync.plan.troubles:
        message = f"{trouble.field} {trouble.message}"
        _park(ledger, Parked(claims[0], trouble.code, message, trouble.field))
    ledger.done.extend(rows)


def _halves(executed: Executed, object_type: ObjectType) -> list[Claim]:
    """Both records of a unit: an error of either was looked at, whichever was claimed."""
    ids = ((side, executed.record_id(side)) for side in Side)
    return [Claim(side, record_id, object_type) for side, record_id in ids if record_id]


def _settle_other(ledger: _Ledger, settlement: Settlement, outcome: Outcome) -> None:
    claims = outcome.unit.claims
    ledger.done.extend(settlement.by_claim[claim] for claim in claims)
    ledger.cleared.extend(claims)
    link = outcome.unit.pair.link
    if isinstance(outcome, Park):
        _park(ledger, Parked(claims[0], outcome.code, outcome.message))
    if isinstance(outcome, Unlink) and link is not None:
        ledger.removed.append(link.id)
        ledger.events.append(
            RecordUnlinked(
                object_type=link.object_type,
                hubspot_id=link.hubspot_id,
                salesforce_id=link.salesforce_id,
                org_id=settlement.connection.org_id,
            ),
        )


def _park(ledger: _Ledger, parked: Parked) -> None:
    ledger.parked.append(parked)
    ledger.events.append(
        RecordParked(
            object_type=parked.claim.object_type,
            side=parked.claim.side,
            record_id=parked.claim.record_id,
            code=parked.code,
            message=parked.message,
        ),
    )


async def _emit(work: Work, settlement: Settlement, events: Sequence[Event]) -> None:
    connection_id, noun = settlement.connection.id, settlement.object_type.value
    await work.emit(
        [Outgoing(connection_id, f"{noun}/{_record(event)}", event) for event in events]
    )


def _record(event: Event) -> str:
    return str(getattr(event, "hubspot_id", None) or getattr(event, "record_id", ""))
