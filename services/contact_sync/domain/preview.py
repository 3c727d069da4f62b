"""What a decision would do to one pair, told instead of done."""

from collections.abc import Mapping as Map
from dataclasses import dataclass
from enum import StrEnum

from services.contact_sync.domain.model import HubSpotPerson, SalesforcePerson
from services.contact_sync.domain.outcome import Nothing, Outcome, Park, Sync, Unlink
from services.contact_sync.domain.plan import FieldWrite
from services.contact_sync.domain.world import Claim
from shared.kernel.records import Side


class Fate(StrEnum):
    """The most that happens to a pair.

    `create`: a record is made on one side, perhaps with values for the other. `update`: values
    are written. `link`: two records agree and are only joined. `park`: nothing is written and a
    person has to look. `unlink`: a half is gone, the other stays as it is.
    """

    CREATE = "create"
    UPDATE = "update"
    LINK = "link"
    NOTHING = "nothing"
    PARK = "park"
    UNLINK = "unlink"


@dataclass(frozen=True, slots=True)
class Held:
    """Why a person has to look: a stable code and words; of one field, or of the whole record."""

    code: str
    message: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would happen to one pair. `writes` are those that a drain would make, word for word.

    `hubspot_id` and `salesforce_id` are None where the record does not exist (yet). `claims` are
    the records of the sample that it answers; none for a link that was found ended by the way.
    """

    claims: tuple[Claim, ...]
    fate: Fate
    why: str
    hubspot_id: str | None = None
    salesforce_id: str | None = None
    salesforce_object: str | None = None
    create: Side | None = None
    linked: bool = False
    ambiguous: bool = False
    writes: tuple[FieldWrite, ...] = ()
    held: tuple[Held, ...] = ()

    @property
    def halves(self) -> int:
        """How many records of the pair exist: each of them stands for the pair in a sample."""
        return sum(one is not None for one in (self.hubspot_id, self.salesforce_id))

    def gets(self, side: Side) -> bool:
        """Whether `side` gets a new record or new values."""
        return self.create is side or any(write.side is side for write in self.writes)


WHY: Map[Fate, str] = {
    Fate.CREATE: "nobody on the other side is this person",
    Fate.UPDATE: "the two records differ",
    Fate.LINK: "the two records are the same person and agree; they are only linked",
    Fate.NOTHING: "both sides agree",
    Fate.PARK: "no value can be written before a person has looked",
}


def foreseen(outcome: Outcome) -> Foreseen:
    """An outcome in the words of a preview."""
    unit, pair = outcome.unit, outcome.unit.pair
    held: tuple[Held, ...] = ()
    match outcome:
        case Sync():
            return _synced(outcome)
        case Park(code=code, message=message):
            fate, why, held = Fate.PARK, WHY[Fate.PARK], (Held(code, message),)
        case Unlink(why=why):
            fate = Fate.UNLINK
        case Nothing(why=why):
            fate = Fate.NOTHING
    return Foreseen(
        claims=unit.claims,
        fate=fate,
        why=why,
        hubspot_id=_id(pair.hubspot),
        salesforce_id=_id(pair.salesforce),
        salesforce_object=pair.salesforce.object_name if pair.salesforce else None,
        linked=pair.link is not None,
        ambiguous=unit.ambiguous,
        held=held,
    )


def _synced(sync: Sync) -> Foreseen:
    unit, pair = sync.unit, sync.unit.pair
    held = tuple(Held(t.code, f"{t.field} {t.message}", t.field) for t in sync.plan.troubles)
    fate = _fate(sync)
    return Foreseen(
        claims=unit.claims,
        fate=fate,
        why=WHY[fate],
        hubspot_id=_id(pair.hubspot),
        salesforce_id=_id(pair.salesforce),
        salesforce_object=sync.object_name,
        create=sync.create,
        linked=pair.link is not None,
        ambiguous=unit.ambiguous,
        writes=sync.plan.writes,
        held=held,
    )


def _fate(sync: Sync) -> Fate:
    pair = sync.unit.pair
    if sync.create is not None:
        return Fate.CREATE
    if sync.plan.writes:
        return Fate.UPDATE
    if sync.plan.troubles:
        return Fate.PARK
    known = pair.link.salesforce_id if pair.link else None
    return Fate.NOTHING if known == _id(pair.salesforce) else Fate.LINK


def _id(person: HubSpotPerson | SalesforcePerson | None) -> str | None:
    return None if person is None else person.id
