"""Who is who: the Salesforce record that a HubSpot contact is, and the reverse.

Order of evidence: stored link, our external id, e-mail address (case-insensitive, HubSpot's
secondary addresses too). Among several a Contact goes before a Lead, then the latest modified.
Companies go the same way, with their domains in place of addresses.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from services.contact_sync.domain.model import HubSpotPerson, SalesforcePerson
from shared.kernel.records import ObjectType

ID_LENGTHS = frozenset({15, 18})
"""Salesforce refuses a whole query in which one id has another length."""


@dataclass(frozen=True, slots=True)
class Match:
    """The chosen record; `ambiguous` says that others would have fitted as well."""

    person: SalesforcePerson
    ambiguous: bool


def salesforce_key(
    portal_id: str, hubspot_id: str, object_type: ObjectType = ObjectType.CONTACT
) -> str:
    """The value of Causeway_Key__c on a Salesforce record that a HubSpot record created."""
    return f"{portal_id}:{object_type.value}:{hubspot_id}"


def hubspot_key(org_id: str, salesforce_id: str) -> str:
    """The value of causeway_key on a HubSpot record that a Salesforce record created."""
    return f"{org_id}:{salesforce_id}"


@dataclass(frozen=True, slots=True)
class Keys:
    """Reads and compares the keys that one portal and one org give to what they create."""

    portal_id: str
    org_id: str
    object_type: ObjectType = ObjectType.CONTACT

    def of(self, hubspot_id: str) -> str:
        """The key that Salesforce records get which this HubSpot record creates."""
        return salesforce_key(self.portal_id, hubspot_id, self.object_type)

    def same(self, hubspot: HubSpotPerson, salesforce: SalesforcePerson) -> bool:
        """Whether one of the two was created from the other; Salesforce's keys ignore case."""
        made_there = self.of(hubspot.id).lower()
        made_here = hubspot_key(self.org_id, salesforce.id)
        return (salesforce.key or "").lower() == made_there or hubspot.key == made_here

    def hubspot_id(self, key: str | None) -> str | None:
        """The HubSpot record that a Salesforce one was created from; None if not from this portal.

        Anything but digits was typed by a person; asking for it would fail the whole call.
        """
        found = _after(key, self.of(""))
        return found if found is not None and found.isdecimal() else None

    def salesforce_id(self, key: str | None) -> str | None:
        """The record that a HubSpot record was created from; None if not from this org."""
        found = _after(key, hubspot_key(self.org_id, ""))
        return found if found is not None and len(found) in ID_LENGTHS else None


def choose_salesforce(
    keys: Keys,
    person: HubSpotPerson,
    candidates: Iterable[SalesforcePerson],
    taken: AbstractSet[str],
) -> Match | None:
    """The Salesforce record that is `person`, leaving out those linked to someone else."""
    free = [c for c in candidates if c.id not in taken and not c.deleted]
    by_key = [c for c in free if keys.same(person, c)]
    emails = {email.lower() for email in person.emails}
    fitting = by_key or [c for c in free if c.email is not None and c.email.lower() in emails]
    if not fitting:
        return None
    best = preferred(fitting)
    return Match(person=best, ambiguous=len(fitting) > 1 and not _same_lead(best, fitting))


def preferred(candidates: Iterable[SalesforcePerson]) -> SalesforcePerson:
    """The one to keep of several that are the same person."""
    return max(candidates, key=_preference)


def _preference(candidate: SalesforcePerson) -> tuple[bool, bool, float, str]:
    return (
        candidate.object_name == "Contact",
        candidate.converted_contact_id is None,
        candidate.modified_at.timestamp(),
        candidate.id,
    )


def _after(key: str | None, prefix: str) -> str | None:
    if key is None or not key.lower().startswith(prefix.lower()):
        return None
    return key[len(prefix) :] or None


def _same_lead(best: SalesforcePerson, fitting: list[SalesforcePerson]) -> bool:
    """Whether the others are just leads that were converted to the chosen contact."""
    return all(best.id in {c.id, c.converted_contact_id} for c in fitting)
