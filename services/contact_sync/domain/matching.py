"""Who is who: the Salesforce record that a HubSpot contact is, and the reverse.

Order of evidence: stored link, our external id, e-mail address (case-insensitive, HubSpot's
secondary addresses too). Among several a Contact goes before a Lead, then the latest modified.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from services.contact_sync.domain.model import HubSpotPerson, SalesforcePerson


@dataclass(frozen=True, slots=True)
class Match:
    """The chosen record; `ambiguous` says that others would have fitted as well."""

    person: SalesforcePerson
    ambiguous: bool


def salesforce_key(portal_id: str, hubspot_id: str) -> str:
    """The value of Causeway_Key__c on a Salesforce record that HubSpot contact created."""
    return f"{portal_id}:contact:{hubspot_id}"


def hubspot_key(org_id: str, salesforce_id: str) -> str:
    """The value of causeway_key on a HubSpot contact that Salesforce record created."""
    return f"{org_id}:{salesforce_id}"


def choose_salesforce(
    key: str,
    person: HubSpotPerson,
    candidates: Iterable[SalesforcePerson],
    taken: AbstractSet[str],
) -> Match | None:
    """The Salesforce record that is `person`, leaving out those linked to someone else."""
    free = [c for c in candidates if c.id not in taken and not c.deleted]
    by_key = [c for c in free if c.key is not None and c.key.lower() == key.lower()]
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


def _same_lead(best: SalesforcePerson, fitting: list[SalesforcePerson]) -> bool:
    """Whether the others are just leads that were converted to the chosen contact."""
    return all(best.id in {c.id, c.converted_contact_id} for c in fitting)
