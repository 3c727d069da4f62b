"""What was read for one batch of claims, and whose each record is."""

from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from services.contact_sync.domain.matching import Keys
from services.contact_sync.domain.model import HubSpotPerson, Link, SalesforcePerson
from shared.kernel.records import ObjectType, Side


@dataclass(frozen=True, slots=True)
class Claim:
    """One record whose changes wait: where it is, its id there, and its type."""

    side: Side
    record_id: str
    object_type: ObjectType = ObjectType.CONTACT


@dataclass(frozen=True, slots=True)
class Waiting:
    """A HubSpot contact that belongs to a company which is linked to nothing yet.

    `company` is where the contact's own side has it, a HubSpot company or a Salesforce account.
    """

    company: Claim
    contact_id: str


@dataclass(frozen=True)
class World:
    """What was read for one batch of claims.

    `hubspot` and `salesforce` are by record id and hold only records that exist. `links` are
    those of all records that were read, `ended` the ids of those whose other half is gone.
    """

    keys: Keys
    links: tuple[Link, ...] = ()
    ended: frozenset[UUID] = frozenset()
    hubspot: Map[str, HubSpotPerson] = field(default_factory=dict)
    salesforce: Map[str, SalesforcePerson] = field(default_factory=dict)

    @cached_property
    def alive(self) -> tuple[Link, ...]:
        """The links that still join two records."""
        return tuple(link for link in self.links if link.id not in self.ended)

    @cached_property
    def taken_hubspot(self) -> frozenset[str]:
        """Contacts that are somebody's half."""
        return frozenset(link.hubspot_id for link in self.alive)

    @cached_property
    def taken_salesforce(self) -> frozenset[str]:
        """Records that are somebody's half, and leads that were converted to one."""
        own = {link.salesforce_id for link in self.alive}
        own |= {half.id for link in self.alive if (half := self.halves(link)[1])}
        leads = {p.id for p in self.salesforce.values() if p.converted_contact_id in own}
        return frozenset(own | leads)

    def halves(self, link: Link) -> tuple[HubSpotPerson | None, SalesforcePerson | None]:
        """The two records of a link as they are now; a converted lead is its contact."""
        hubspot = self.hubspot.get(link.hubspot_id)
        salesforce = self.salesforce.get(link.salesforce_id)
        if salesforce is None or salesforce.deleted:
            return hubspot, None
        return hubspot, self.followed(salesforce)

    def followed(self, person: SalesforcePerson) -> SalesforcePerson:
        """A converted lead is followed to its contact, where that was read."""
        if person.converted_contact_id is None:
            return person
        return self.salesforce.get(person.converted_contact_id, person)
