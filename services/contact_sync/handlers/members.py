"""Contacts and the companies that they belong to, in whichever order they are linked.

A contact whose company is not linked yet syncs at once and leaves a row; the link of the company
turns the row into news of the contact. Nobody looks again in between.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from services.contact_sync.domain.model import ACCOUNT_OF, MEMBER_OF, MEMBERSHIP, Link, Owners
from services.contact_sync.domain.plan import Context
from services.contact_sync.domain.world import Claim, Waiting, World
from services.contact_sync.handlers.execute import Executed
from services.contact_sync.ports import Connection, Store, Work
from shared.contracts.base import Event
from shared.contracts.contact_sync import RecordLinked
from shared.kernel.records import ObjectType, Side
from shared.outbox.mail import Note, Priority

COMPANY = ObjectType.COMPANY


async def with_companies(
    store: Store, connection: Connection, world: World, owners: Owners
) -> Owners:
    """Who is who, with the linked ones of the companies that the batch's contacts belong to."""
    hubspot = {_id(person.values.get(MEMBER_OF)) for person in world.hubspot.values()} - {""}
    salesforce = {_id(person.values.get(ACCOUNT_OF)) for person in world.salesforce.values()}
    salesforce -= {""}
    if not hubspot and not salesforce:
        return owners
    async with store.begin() as work:
        links = await work.links.of(connection.id, hubspot, salesforce, COMPANY)
    return replace(
        owners,
        companies={link.hubspot_id: link.salesforce_id for link in links},
        accounts={link.salesforce_id: link.salesforce_id for link in links},
    )


def companies_among(links: Sequence[Link], events: Iterable[Event]) -> list[Link]:
    """The companies of a batch that are linked from now on."""
    new = {event.hubspot_id for event in events if isinstance(event, RecordLinked)}
    return [link for link in links if link.object_type is COMPANY and link.hubspot_id in new]


def waiting_for(executed: Iterable[Executed], context: Context) -> list[Waiting]:
    """The contacts of a batch whose company is linked to nothing, with that company."""
    owners, found = context.owners, list[Waiting]()
    if MEMBERSHIP not in context.mappings:
        return found
    for one in executed:
        pair, contact = one.sync.unit.pair, one.record_id(Side.HUBSPOT)
        company = _id(pair.hubspot.values.get(MEMBER_OF)) if pair.hubspot else ""
        account = _id(pair.salesforce.values.get(ACCOUNT_OF)) if pair.salesforce else ""
        if contact is None:
            continue
        if company and company not in owners.companies:
            found.append(Waiting(Claim(Side.HUBSPOT, company, COMPANY), contact))
        if account and account not in owners.accounts:
            found.append(Waiting(Claim(Side.SALESFORCE, account, COMPANY), contact))
    return found


async def note_members(
    work: Work, connection_id: UUID, waiting: Sequence[Waiting], linked: Collection[Link]
) -> None:
    """Keeps who waits, and notes those whose company is linked by now.

    `linked` are the companies that this transaction links. Whoever waits looks for links that
    others made meanwhile, under a lock that those others take too: none of the two is missed.
    """
    if not waiting and not linked:
        return
    await work.members.lock(connection_id)
    halves = set(_halves(linked))
    if waiting:
        await work.members.add(connection_id, waiting)
        sides: dict[Side, set[str]] = {side: set() for side in Side}
        for one in waiting:
            sides[one.company.side].add(one.company.record_id)
        known = await work.links.of(
            connection_id, sides[Side.HUBSPOT], sides[Side.SALESFORCE], COMPANY
        )
        halves |= set(_halves(known)) & {one.company for one in waiting}
    ready = await work.members.take(connection_id, halves)
    await work.mail.note([_note(connection_id, contact) for contact in sorted(ready)])


def _halves(links: Iterable[Link]) -> Iterable[Claim]:
    for link in links:
        yield Claim(Side.HUBSPOT, link.hubspot_id, COMPANY)
        yield Claim(Side.SALESFORCE, link.salesforce_id, COMPANY)


def _note(connection_id: UUID, contact: str) -> Note:
    return Note(
        connection_id=connection_id,
        lane=ObjectType.CONTACT.value,
        side=Side.HUBSPOT.value,
        record_id=contact,
        priority=Priority.RETRY,
        cause={"kind": "company_linked", "side": Side.HUBSPOT.value},
    )


def _id(value: object) -> str:
    return str(value or "")
