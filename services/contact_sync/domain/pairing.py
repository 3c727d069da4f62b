"""From single records to units of work: each claimed record meets its other half.

Two records that turn out to be one pair become one unit, so that no pair is written twice in a
batch.
"""

from collections.abc import Iterable
from collections.abc import Mapping as Map
from dataclasses import dataclass, field

from services.contact_sync.domain.matching import (
    Match,
    choose_salesforce,
    preferred,
    salesforce_key,
)
from services.contact_sync.domain.model import HubSpotPerson, Link, SalesforcePerson
from services.contact_sync.domain.plan import Pair
from shared.kernel.records import Side


@dataclass(frozen=True, slots=True)
class Claim:
    """One record whose changes wait: where it is, and its id there."""

    side: Side
    record_id: str


@dataclass(frozen=True, slots=True)
class World:
    """What was read for one batch of claims.

    `hubspot` and `salesforce` are by record id and hold only records that exist;
    `taken_salesforce` and `taken_hubspot` are ids that belong to links of other people.
    """

    portal_id: str
    links: tuple[Link, ...] = ()
    hubspot: Map[str, HubSpotPerson] = field(default_factory=dict)
    salesforce: Map[str, SalesforcePerson] = field(default_factory=dict)
    taken_hubspot: frozenset[str] = frozenset()
    taken_salesforce: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Unit:
    """One person to sync, the claims that it answers, and how sure the match is."""

    claims: tuple[Claim, ...]
    pair: Pair
    ambiguous: bool = False
    taken: bool = False


def units(claims: Iterable[Claim], world: World) -> tuple[Unit, ...]:
    """The units of a batch, in the order of their first claim."""
    found: dict[tuple[str | None, str | None], Unit] = {}
    for claim in claims:
        unit = _unit(claim, world)
        key = _key(unit, claim)
        known = found.get(key)
        found[key] = unit if known is None else _joined(known, unit)
    return tuple(found.values())


def _key(unit: Unit, claim: Claim) -> tuple[str | None, str | None]:
    pair = unit.pair
    if pair.link is not None:
        return pair.link.hubspot_id, pair.link.salesforce_id
    hubspot = pair.hubspot.id if pair.hubspot else None
    salesforce = pair.salesforce.id if pair.salesforce else None
    if hubspot is None and salesforce is None:
        return claim.side.value, claim.record_id
    return hubspot, salesforce


def _joined(first: Unit, second: Unit) -> Unit:
    return Unit(
        claims=(*first.claims, *second.claims),
        pair=first.pair,
        ambiguous=first.ambiguous or second.ambiguous,
        taken=first.taken and second.taken,
    )


def _unit(claim: Claim, world: World) -> Unit:
    link = _link_of(claim, world.links)
    if link is not None:
        return _linked(claim, link, world)
    if claim.side is Side.HUBSPOT:
        return _match_hubspot(claim, world)
    return _match_salesforce(claim, world)


def _linked(claim: Claim, link: Link, world: World) -> Unit:
    """A pair that is known. A lead converted to somebody else's contact is taken."""
    person = _followed(world.salesforce.get(link.salesforce_id), world)
    moved = person is not None and person.id != link.salesforce_id
    return Unit(
        claims=(claim,),
        pair=Pair(world.hubspot.get(link.hubspot_id), person, link),
        ambiguous=link.ambiguous,
        taken=moved and person is not None and person.id in world.taken_salesforce,
    )


def _link_of(claim: Claim, links: Iterable[Link]) -> Link | None:
    for link in links:
        known = link.hubspot_id if claim.side is Side.HUBSPOT else link.salesforce_id
        if known == claim.record_id:
            return link
    return None


def _followed(person: SalesforcePerson | None, world: World) -> SalesforcePerson | None:
    """A converted lead is followed to its contact, where that was read."""
    if person is None or person.deleted:
        return None
    if person.converted_contact_id is None:
        return person
    return world.salesforce.get(person.converted_contact_id, person)


def _match_hubspot(claim: Claim, world: World) -> Unit:
    person = world.hubspot.get(claim.record_id)
    if person is None:
        return Unit(claims=(claim,), pair=Pair(None, None))
    match = _choose(person, world)
    if match is None:
        return Unit(claims=(claim,), pair=Pair(person, None))
    followed = _followed(match.person, world)
    return Unit(claims=(claim,), pair=Pair(person, followed), ambiguous=match.ambiguous)


def _match_salesforce(claim: Claim, world: World) -> Unit:
    person = _followed(world.salesforce.get(claim.record_id), world)
    if person is None:
        return Unit(claims=(claim,), pair=Pair(None, None))
    rivals = _with_email(person.email, world)
    best = preferred([person, *rivals])
    if best.id != person.id:
        return Unit(claims=(claim,), pair=Pair(None, person), taken=True)
    email = (person.email or "").lower()
    same = [h for h in world.hubspot.values() if email and email in _lower(h.emails)]
    free = [h for h in same if h.id not in world.taken_hubspot]
    pair = Pair(free[0] if free else None, person)
    return Unit(
        claims=(claim,),
        pair=pair,
        ambiguous=len(rivals) > 1,
        taken=bool(same) and not free,
    )


def _with_email(email: str | None, world: World) -> list[SalesforcePerson]:
    """The other free Salesforce records of that address; a converted lead counts as its contact."""
    if not email:
        return []
    return [
        candidate
        for candidate in world.salesforce.values()
        if candidate.email is not None
        and candidate.email.lower() == email.lower()
        and candidate.converted_contact_id is None
        and not candidate.deleted
        and candidate.id not in world.taken_salesforce
    ]


def _lower(emails: Iterable[str]) -> set[str]:
    return {email.lower() for email in emails}


def _choose(person: HubSpotPerson, world: World) -> Match | None:
    key = salesforce_key(world.portal_id, person.id)
    return choose_salesforce(key, person, world.salesforce.values(), world.taken_salesforce)
