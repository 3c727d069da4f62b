"""From single records to units of work: each claimed record meets its other half.

Two records that turn out to be one pair become one unit, and no record is in two units, so
nothing is written twice in a batch and no two links share a half.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from services.contact_sync.domain.matching import Match, choose_salesforce, preferred
from services.contact_sync.domain.model import HubSpotPerson, Link, SalesforcePerson
from services.contact_sync.domain.plan import Pair
from services.contact_sync.domain.world import Claim, World
from shared.kernel.records import Side


@dataclass(frozen=True, slots=True)
class Unit:
    """One person to sync, the claims that it answers, and how sure the match is.

    `taken` says that the other half belongs to somebody else. A link that ended without being
    claimed has a unit without claims: its halves may be part of other units of the batch.
    """

    claims: tuple[Claim, ...]
    pair: Pair
    ambiguous: bool = False
    taken: bool = False

    @property
    def ended(self) -> bool:
        """Whether a half of the link is gone."""
        pair = self.pair
        return pair.link is not None and (pair.hubspot is None or pair.salesforce is None)


def units(claims: Iterable[Claim], world: World) -> tuple[Unit, ...]:
    """The units of a batch, in the order of their first claim; then the links that ended."""
    found: dict[tuple[str | None, str | None], Unit] = {}
    for claim in claims:
        unit = _unit(claim, world)
        key = _key(unit, claim)
        known = found.get(key)
        found[key] = unit if known is None else _joined(known, unit)
    return (*_disjoint(list(found.values())), *_unclaimed(found.values(), world))


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
    return replace(
        first,
        claims=(*first.claims, *second.claims),
        ambiguous=first.ambiguous or second.ambiguous,
        taken=first.taken and second.taken,
    )


def _disjoint(found: list[Unit]) -> list[Unit]:
    """Units that share no record: known pairs keep theirs, then the first come."""
    seen: set[tuple[Side, str]] = set()
    result: dict[int, Unit] = {}
    for position in sorted(range(len(found)), key=lambda p: found[p].pair.link is None):
        unit = found[position]
        records = set() if unit.ended or unit.taken else _records(unit.pair)
        clash = bool(records & seen)
        result[position] = _given_up(unit) if clash else unit
        seen |= records
    return [result[position] for position in range(len(found))]


def _records(pair: Pair) -> set[tuple[Side, str]]:
    halves = ((Side.HUBSPOT, pair.hubspot), (Side.SALESFORCE, pair.salesforce))
    return {(side, person.id) for side, person in halves if person is not None}


def _given_up(unit: Unit) -> Unit:
    """A known pair stays what it is; a new one loses both halves."""
    return replace(unit, taken=True, pair=unit.pair if unit.pair.link else Pair(None, None))


def _unclaimed(found: Iterable[Unit], world: World) -> list[Unit]:
    claimed = {unit.pair.link.id for unit in found if unit.pair.link is not None}
    return [
        Unit((), Pair(*world.halves(link), link))
        for link in world.links
        if link.id in world.ended and link.id not in claimed
    ]


def _unit(claim: Claim, world: World) -> Unit:
    link = _link_of(claim, world)
    if link is not None:
        return _linked(claim, link, world)
    if claim.side is Side.HUBSPOT:
        return _match_hubspot(claim, world)
    return _match_salesforce(claim, world)


def _linked(claim: Claim, link: Link, world: World) -> Unit:
    """A pair that is known. A lead converted to somebody else's contact is taken."""
    hubspot, salesforce = world.halves(link)
    owner = salesforce is not None and any(
        other.salesforce_id == salesforce.id and other.id != link.id for other in world.alive
    )
    pair = Pair(hubspot, salesforce, link)
    return Unit(claims=(claim,), pair=pair, ambiguous=link.ambiguous, taken=owner)


def _link_of(claim: Claim, world: World) -> Link | None:
    """The record's own link, or that of the pair that a conversion made it part of."""
    for link in world.links:
        known = link.hubspot_id if claim.side is Side.HUBSPOT else link.salesforce_id
        if known == claim.record_id:
            return link
    person = world.salesforce.get(claim.record_id) if claim.side is Side.SALESFORCE else None
    if person is None:
        return None
    contact = world.followed(person).id
    return next(
        (link for link in world.alive if (half := world.halves(link)[1]) and half.id == contact),
        None,
    )


def _match_hubspot(claim: Claim, world: World) -> Unit:
    person = world.hubspot.get(claim.record_id)
    if person is None:
        return Unit(claims=(claim,), pair=Pair(None, None))
    match = _choose(person, world)
    if match is None:
        return Unit(claims=(claim,), pair=Pair(person, None))
    followed = world.followed(match.person)
    return Unit(claims=(claim,), pair=Pair(person, followed), ambiguous=match.ambiguous)


def _match_salesforce(claim: Claim, world: World) -> Unit:
    """The HubSpot contact of a record; it counts only if that contact chooses the record too."""
    claimed = world.salesforce.get(claim.record_id)
    if claimed is None or claimed.deleted:
        return Unit(claims=(claim,), pair=Pair(None, None))
    person = world.followed(claimed)
    same = _same_person(person, world)
    free = [h for h in same if h.id not in world.taken_hubspot]
    if not free:
        return _without_contact(claim, person, world, taken=bool(same))
    match = _choose(free[0], world)
    if match is None or world.followed(match.person).id != person.id:
        return Unit(claims=(claim,), pair=Pair(None, person), taken=True)
    ambiguous = match.ambiguous or len(free) > 1
    return Unit(claims=(claim,), pair=Pair(free[0], person), ambiguous=ambiguous)


def _without_contact(
    claim: Claim,
    person: SalesforcePerson,
    world: World,
    *,
    taken: bool,
) -> Unit:
    """Of several records of one address only the preferred one makes a HubSpot contact."""
    rivals = _with_email(person.email, world)
    second = preferred([person, *rivals]).id != person.id
    return Unit(
        claims=(claim,),
        pair=Pair(None, person),
        ambiguous=len(rivals) > 1,
        taken=taken or second,
    )


def _same_person(person: SalesforcePerson, world: World) -> list[HubSpotPerson]:
    """The HubSpot records that it may be, the oldest first."""
    everybody = world.hubspot.values()
    by_key = [h for h in everybody if world.keys.same(h, person)]
    email = (person.email or "").lower()
    found = by_key or [h for h in everybody if email and email in _lower(h.emails)]
    return sorted(found, key=lambda h: (len(h.id), h.id))


def _with_email(email: str | None, world: World) -> list[SalesforcePerson]:
    """The free Salesforce records of that address; a converted lead counts as its contact."""
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
    return choose_salesforce(world.keys, person, world.salesforce.values(), world.taken_salesforce)
