"""From two records to a plan: every mapping's rule applied to the pair, as data.

A plan says what each side gets and why; executing it is somebody else's work.
"""

from collections.abc import Iterable
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from datetime import datetime

from services.contact_sync.domain.model import (
    HubSpotPerson,
    Kind,
    Link,
    Mapping,
    Owners,
    SalesforcePerson,
)
from services.contact_sync.domain.objects import PEOPLE, Objects
from services.contact_sync.domain.rules import (
    Decision,
    Keep,
    NeedTimes,
    Times,
    Undecidable,
    Values,
    Write,
    decide,
)
from services.contact_sync.domain.values import REFERENCES, Canonical, Unreadable, canonical, render
from shared.kernel.records import Side


@dataclass(frozen=True, slots=True)
class FieldWrite:
    """One field of one side is to be written: `before` and `after` are canonical values."""

    side: Side
    field: str
    before: str | None
    after: str | None
    wire: object
    rule: str
    why: str

    @property
    def clears(self) -> bool:
        """Whether a value stands there now and none afterwards."""
        return self.before is not None and self.after is None


@dataclass(frozen=True, slots=True)
class FieldTrouble:
    """One field that cannot be synced; its neighbours go on. `code` is stable."""

    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The outcome for one pair. `base` is what both sides agree on once the writes are made."""

    writes: tuple[FieldWrite, ...] = ()
    base: Map[str, str | None] = field(default_factory=dict)
    troubles: tuple[FieldTrouble, ...] = ()
    needs_times: tuple[str, ...] = ()

    def wire(self, side: Side) -> dict[str, object]:
        """The fields that `side` gets, as that side wants them spelt."""
        return {write.field: write.wire for write in self.writes if write.side is side}


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision about any pair of one connection needs to know."""

    mappings: tuple[Mapping, ...]
    owners: Owners
    now: datetime
    salesforce_wins_undecided: bool = True
    objects: Objects = PEOPLE


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records as they are now; a side that is None does not exist yet.

    `hubspot_times` are the property history times of the properties that an earlier plan
    named in `needs_times`.
    """

    hubspot: HubSpotPerson | None
    salesforce: SalesforcePerson | None
    link: Link | None = None
    hubspot_times: Map[str, datetime | None] = field(default_factory=dict)

    def base_of(self, mapping: Mapping) -> tuple[bool, str | None]:
        """Whether both sides ever agreed on this mapping's value, and on which."""
        base = self.link.base if self.link is not None else {}
        return mapping.hubspot_property in base, base.get(mapping.hubspot_property)


def plan_pair(context: Context, pair: Pair, *, salesforce_object: str) -> Plan:
    """The plan for a pair: each mapping of `salesforce_object` judged by its rule."""
    results = [
        _one(context, mapping, pair)
        for mapping in context.mappings
        if salesforce_object in mapping.salesforce_objects
    ]
    return _merge(results, pair.link)


@dataclass(frozen=True, slots=True)
class _Result:
    mapping: Mapping
    write: FieldWrite | None = None
    agreed: tuple[str | None] | None = None
    trouble: FieldTrouble | None = None
    needs_time: bool = False


def _one(context: Context, mapping: Mapping, pair: Pair) -> _Result:
    left = _value_on(Side.HUBSPOT, pair.hubspot, mapping, context.owners)
    right = _value_on(Side.SALESFORCE, pair.salesforce, mapping, context.owners)
    if isinstance(left, Unreadable):
        return _unreadable(mapping, Side.HUBSPOT, left)
    if isinstance(right, Unreadable):
        return _unreadable(mapping, Side.SALESFORCE, right)
    has_base, base = pair.base_of(mapping)
    values = Values(hubspot=left, salesforce=right, base=base, has_base=has_base)
    decision = decide(mapping.rule, values, _times(context, mapping, pair))
    return _judge(context, mapping, values, decision)


def _value_on(
    side: Side,
    person: HubSpotPerson | SalesforcePerson | None,
    mapping: Mapping,
    owners: Owners,
) -> Canonical:
    """The canonical value, None where the record does not exist (so never a blank checkbox)."""
    if person is None:
        return None
    raw = person.values.get(mapping.field_on(side))
    return canonical(mapping.kind, raw, side, owners, mapping.conversion)


def _times(context: Context, mapping: Mapping, pair: Pair) -> Times | None:
    if mapping.hubspot_property not in pair.hubspot_times:
        return None
    return Times(
        hubspot=pair.hubspot_times[mapping.hubspot_property],
        salesforce=pair.salesforce.modified_at if pair.salesforce else None,
        now=context.now,
    )


def _judge(context: Context, mapping: Mapping, values: Values, decision: Decision) -> _Result:
    match decision:
        case Keep():
            agreed = (values.hubspot,) if values.hubspot == values.salesforce else None
            return _Result(mapping, agreed=agreed)
        case NeedTimes():
            return _Result(mapping, needs_time=True)
        case Undecidable(why) if context.salesforce_wins_undecided:
            why = f"{why}; the setting says that Salesforce wins"
            return _written(context, mapping, values, Write(Side.HUBSPOT, values.salesforce, why))
        case Undecidable(why):
            message = f"{why}. Edit the field on the side that is right, or choose in the review."
            return _Result(mapping, trouble=_trouble(mapping, "needs_review", message))
        case Write():
            return _written(context, mapping, values, decision)


def _written(context: Context, mapping: Mapping, values: Values, write: Write) -> _Result:
    """The write, if it can be made; nobody is taken out of a company because of the other side."""
    if not mapping.writable(write.side) or (mapping.kind is Kind.COMPANY and not write.value):
        return _Result(mapping)
    wire = render(mapping.kind, write.value, write.side, context.owners, mapping.conversion)
    if isinstance(wire, Unreadable):
        return _Result(mapping)
    limit = mapping.max_length if write.side is Side.SALESFORCE else None
    if limit is not None and isinstance(wire, str) and len(wire) > limit:
        message = f"is longer than the {limit} characters that Salesforce holds"
        return _Result(mapping, trouble=_trouble(mapping, "value_too_long", message))
    before = values.hubspot if write.side is Side.HUBSPOT else values.salesforce
    return _Result(
        mapping,
        agreed=(write.value,),
        write=FieldWrite(
            side=write.side,
            field=mapping.field_on(write.side),
            before=before,
            after=write.value,
            wire=wire,
            rule=mapping.rule.value,
            why=write.why,
        ),
    )


def _unreadable(mapping: Mapping, side: Side, problem: Unreadable) -> _Result:
    if mapping.kind in REFERENCES:
        return _Result(mapping)
    message = f"the value in {side.value}'s {mapping.field_on(side)} {problem.why}"
    return _Result(mapping, trouble=_trouble(mapping, "value_unreadable", message))


def _trouble(mapping: Mapping, code: str, message: str) -> FieldTrouble:
    return FieldTrouble(field=mapping.hubspot_property, code=code, message=message)


def _merge(results: Iterable[_Result], link: Link | None) -> Plan:
    found = tuple(results)
    base = dict(link.base) if link else {}
    base.update(
        {r.mapping.hubspot_property: r.agreed[0] for r in found if r.agreed is not None},
    )
    return Plan(
        writes=tuple(r.write for r in found if r.write is not None),
        base=base,
        troubles=tuple(r.trouble for r in found if r.trouble is not None),
        needs_times=tuple(r.mapping.hubspot_property for r in found if r.needs_time),
    )
