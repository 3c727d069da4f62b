"""Reads both sides for a batch of claims, in as few calls as the CRMs allow.

Linked records are read by id; unlinked ones are looked for by key and e-mail address. A batch
of linked records costs one read of each side. Each step adds at most one read of either side,
and only where an earlier step found somebody new.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from services.contact_sync.domain.journal import Operation
from services.contact_sync.domain.matching import Keys, hubspot_key
from services.contact_sync.domain.model import HubSpotPerson, Link, SalesforcePerson
from services.contact_sync.domain.world import Claim, World
from services.contact_sync.ports import Connection, CrmReads, Lookup, Store
from shared.kernel.records import ObjectType, Side


@dataclass(slots=True)
class _Reading:
    """What has been read so far, and which ids were asked for."""

    crm: CrmReads
    keys: Keys
    hubspot: dict[str, HubSpotPerson] = field(default_factory=dict)
    salesforce: dict[str, SalesforcePerson] = field(default_factory=dict)
    asked_hubspot: set[str] = field(default_factory=set)
    asked_salesforce: set[str] = field(default_factory=set)
    asked_emails: set[str] = field(default_factory=set)

    async def read_hubspot(self, ids: Iterable[str]) -> None:
        """Contacts by id, those that were not asked for yet."""
        new = set(ids) - self.asked_hubspot - self.hubspot.keys()
        self.asked_hubspot |= new
        if new:
            self.hubspot |= await self.crm.hubspot_by_id(new)

    async def read_salesforce(self, lookup: Lookup) -> None:
        """Contacts and leads; what was asked for already is left out."""
        lookup = replace(
            lookup,
            ids=frozenset(lookup.ids - self.asked_salesforce - self.salesforce.keys()),
            emails=frozenset(lookup.emails - self.asked_emails),
        )
        self.asked_salesforce |= lookup.ids
        self.asked_emails |= lookup.emails
        if lookup:
            self.salesforce |= await self.crm.salesforce(lookup)

    def ended(self, link: Link) -> bool:
        """Whether a half of it was asked for and does not exist."""
        return (link.hubspot_id in self.asked_hubspot and link.hubspot_id not in self.hubspot) or (
            link.salesforce_id in self.asked_salesforce
            and link.salesforce_id not in self.salesforce
        )


async def observe(
    store: Store,
    crm: CrmReads,
    connection: Connection,
    claims: Sequence[Claim],
    object_type: ObjectType = ObjectType.CONTACT,
) -> World:
    """Everything that the decisions about `claims` need to know."""
    reading = _Reading(crm, Keys(connection.portal_id, connection.org_id, object_type))
    hubspot_ids = {claim.record_id for claim in claims if claim.side is Side.HUBSPOT}
    salesforce_ids = {claim.record_id for claim in claims if claim.side is Side.SALESFORCE}
    own = await _links(store, connection, hubspot_ids, salesforce_ids, object_type)
    await _read_claimed(reading, hubspot_ids, salesforce_ids, own)
    await _read_unanswered(reading, store, connection, salesforce_ids)
    strangers = await _read_strangers(reading, own)
    found = await _links(store, connection, reading.hubspot, reading.salesforce, object_type)
    await _read_rivals(reading, strangers, found)
    links = {
        link.id: link
        for link in (
            *own,
            *found,
            *await _links(store, connection, reading.hubspot, reading.salesforce, object_type),
        )
    }
    return World(
        keys=reading.keys,
        links=tuple(links.values()),
        ended=frozenset(link.id for link in links.values() if reading.ended(link)),
        hubspot=reading.hubspot,
        salesforce=reading.salesforce,
    )


async def _links(
    store: Store,
    connection: Connection,
    hubspot_ids: Collection[str],
    salesforce_ids: Collection[str],
    object_type: ObjectType,
) -> list[Link]:
    async with store.begin() as work:
        return await work.links.of(
            connection.id, list(hubspot_ids), list(salesforce_ids), object_type
        )


async def _read_claimed(
    reading: _Reading,
    hubspot_ids: set[str],
    salesforce_ids: set[str],
    own: Sequence[Link],
) -> None:
    """The claimed records, their halves, and who the new HubSpot contacts may be."""
    linked = {link.hubspot_id for link in own}
    await reading.read_hubspot(hubspot_ids | linked)
    new = [person for person in reading.hubspot.values() if person.id not in linked]
    lookup = _lookup(reading.keys, new)
    ids = salesforce_ids | {link.salesforce_id for link in own} | lookup.ids
    await reading.read_salesforce(replace(lookup, ids=frozenset(ids)))


async def _read_unanswered(
    reading: _Reading,
    store: Store,
    connection: Connection,
    salesforce_ids: set[str],
) -> None:
    """Contacts whose creation never got an answer: their address may be another one by now."""
    async with store.begin() as work:
        entries = await work.journal.open_entries(
            connection.id, [], list(salesforce_ids), reading.keys.object_type
        )
    keys = {
        hubspot_key(connection.org_id, entry.salesforce_id)
        for entry in entries
        if entry.side is Side.HUBSPOT and entry.operation is Operation.CREATE
        if entry.salesforce_id is not None
    }
    if keys:
        reading.hubspot |= {p.id: p for p in await reading.crm.hubspot_by_key(keys)}


async def _read_strangers(reading: _Reading, own: Sequence[Link]) -> list[HubSpotPerson]:
    """Contacts that leads were converted to, others of the same address, and who they may be.

    Answers the HubSpot contacts that only this step found.
    """
    linked = {link.salesforce_id for link in own}
    people = reading.salesforce.values()
    converted = {p.converted_contact_id for p in people if p.converted_contact_id is not None}
    emails = _emails(p for p in people if p.id not in linked)
    await reading.read_salesforce(Lookup(ids=frozenset(converted), emails=frozenset(emails)))
    known = set(reading.hubspot)
    new = [p for p in reading.salesforce.values() if p.id not in linked]
    keyed = {one for p in new if (one := reading.keys.hubspot_id(p.key)) is not None}
    await reading.read_hubspot(keyed)
    unseen = _emails(new) - {e.lower() for p in reading.hubspot.values() for e in p.emails}
    if unseen:
        reading.hubspot |= {p.id: p for p in await reading.crm.hubspot_by_email(unseen)}
    return [p for p in reading.hubspot.values() if p.id not in known]


async def _read_rivals(
    reading: _Reading,
    strangers: Sequence[HubSpotPerson],
    found: Sequence[Link],
) -> None:
    """Whom else the strangers may be, and whether what links them to others still exists."""
    linked = {link.hubspot_id for link in found}
    lookup = _lookup(reading.keys, [p for p in strangers if p.id not in linked])
    halves = {link.salesforce_id for link in found} | lookup.ids
    await reading.read_salesforce(replace(lookup, ids=frozenset(halves)))
    await reading.read_hubspot(linked)


def _lookup(keys: Keys, people: Collection[HubSpotPerson]) -> Lookup:
    """How to look for HubSpot contacts without a link: both keys, and their addresses."""
    return Lookup(
        ids=frozenset(one for p in people if (one := keys.salesforce_id(p.key)) is not None),
        keys=frozenset(keys.of(p.id) for p in people),
        emails=frozenset(email.lower() for p in people for email in p.emails),
    )


def _emails(people: Iterable[SalesforcePerson]) -> set[str]:
    return {person.email.lower() for person in people if person.email}
