"""Reads both sides for a batch of claims, in as few calls as the CRMs allow.

Linked records are read by id; unlinked ones are looked for by key and e-mail address. A batch
costs at most three reads of Salesforce, and one where every record is new or every one linked.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.contact_sync.domain.matching import salesforce_key
from services.contact_sync.domain.model import HubSpotPerson, Link, SalesforcePerson
from services.contact_sync.domain.pairing import Claim, World
from services.contact_sync.ports import Connection, Crm, Lookup, Store
from shared.kernel.records import Side


async def observe(
    store: Store,
    crm: Crm,
    connection: Connection,
    claims: Sequence[Claim],
) -> World:
    """Everything that the decisions about `claims` need to know."""
    hubspot_ids = {claim.record_id for claim in claims if claim.side is Side.HUBSPOT}
    salesforce_ids = {claim.record_id for claim in claims if claim.side is Side.SALESFORCE}
    links = await _links(store, connection.id, hubspot_ids, salesforce_ids)
    linked_hubspot = {link.hubspot_id for link in links}
    linked_salesforce = {link.salesforce_id for link in links}
    hubspot = await crm.hubspot_by_id(hubspot_ids | linked_hubspot)
    salesforce = await crm.salesforce(
        Lookup(
            ids=frozenset(salesforce_ids | linked_salesforce),
            **_new_people(connection, hubspot, linked_hubspot),
        ),
    )
    salesforce |= await _followed_and_siblings(crm, salesforce, linked_salesforce)
    strangers = _emails(p for p in salesforce.values() if p.id not in linked_salesforce)
    unseen = strangers - {email.lower() for p in hubspot.values() for email in p.emails}
    if unseen:
        hubspot |= {p.id: p for p in await crm.hubspot_by_email(unseen)}
    return await _world(store, connection, links, hubspot, salesforce)


async def _links(
    store: Store,
    connection_id: UUID,
    hubspot_ids: Iterable[str],
    salesforce_ids: Iterable[str],
) -> list[Link]:
    async with store.begin() as work:
        return await work.links.of(connection_id, list(hubspot_ids), list(salesforce_ids))


def _new_people(
    connection: Connection,
    hubspot: dict[str, HubSpotPerson],
    linked: set[str],
) -> dict[str, frozenset[str]]:
    """How to look for HubSpot contacts without a link: our key, and their addresses."""
    new = [person for person in hubspot.values() if person.id not in linked]
    return {
        "keys": frozenset(salesforce_key(connection.portal_id, person.id) for person in new),
        "emails": frozenset(email.lower() for person in new for email in person.emails),
    }


async def _followed_and_siblings(
    crm: Crm,
    salesforce: dict[str, SalesforcePerson],
    linked: set[str],
) -> dict[str, SalesforcePerson]:
    """Contacts that read leads were converted to, and others of the same e-mail address."""
    converted = {
        person.converted_contact_id
        for person in salesforce.values()
        if person.converted_contact_id is not None
    }
    strangers = _emails(p for p in salesforce.values() if p.id not in linked)
    lookup = Lookup(ids=frozenset(converted - salesforce.keys()), emails=frozenset(strangers))
    return await crm.salesforce(lookup) if lookup else {}


def _emails(people: Iterable[SalesforcePerson]) -> set[str]:
    return {person.email.lower() for person in people if person.email}


async def _world(
    store: Store,
    connection: Connection,
    links: Sequence[Link],
    hubspot: dict[str, HubSpotPerson],
    salesforce: dict[str, SalesforcePerson],
) -> World:
    """Adds which of the read records belong to links of other people."""
    async with store.begin() as work:
        all_links = await work.links.of(connection.id, list(hubspot), list(salesforce))
    return World(
        portal_id=connection.portal_id,
        links=tuple(links),
        hubspot=hubspot,
        salesforce=salesforce,
        taken_hubspot=frozenset(link.hubspot_id for link in all_links),
        taken_salesforce=frozenset(link.salesforce_id for link in all_links),
    )
