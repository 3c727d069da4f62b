"""A preview as the API answers it."""

from collections.abc import Mapping as Map

from pydantic import BaseModel, Field

from services.contact_sync.domain.allowance import Left, days, in_words
from services.contact_sync.domain.plan import FieldWrite
from services.contact_sync.domain.preview import Fate, Foreseen, Held
from services.contact_sync.domain.totals import totals
from services.contact_sync.handlers.preview import Preview
from shared.kernel.records import Side

MAX_SHOWN = 1000
"""Characters of one value: enough to recognise it; HubSpot's texts have up to 65,536."""


class RecordView(BaseModel):
    """One record and its page in the CRM. Without an id it does not exist."""

    id: str | None
    object: str
    url: str | None


class FieldView(BaseModel):
    """One value that would be written, null where it is blank; `cut`: shown in part only.

    Values are in the spelling in which both sides are compared.
    """

    side: Side
    field: str
    before: str | None
    after: str | None
    cleared: bool
    cut: bool
    rule: str
    why: str


class HeldView(BaseModel):
    """Why a person has to look: of one field (HubSpot's name), or of the record."""

    code: str
    message: str
    field: str | None


class ClaimView(BaseModel):
    """A record of the sample."""

    side: Side
    id: str


class PairView(BaseModel):
    """What would happen to one pair; `sample` are the records of the sample in it."""

    sample: list[ClaimView]
    outcome: Fate
    why: str
    create: Side | None = Field(description="where a record would be made")
    linked: bool = Field(description="whether the two are a pair already")
    ambiguous: bool
    hubspot: RecordView | None
    salesforce: RecordView | None
    fields: list[FieldView]
    parked: list[HeldView]


class SideTotalsView(BaseModel):
    """Records of one side."""

    create: int
    update: int
    clear: int
    park: int


class ReasonView(BaseModel):
    """How many values would be written by a rule, for a reason."""

    rule: str
    why: str
    fields: int


class ClearedView(BaseModel):
    """In how many records a field would lose its value."""

    side: Side
    field: str
    records: int


class ProblemCount(BaseModel):
    """How many records wait for a person because of a field, or as a whole (null)."""

    field: str | None
    code: str
    records: int


class TotalsView(BaseModel):
    """The counts; lists have the most frequent first."""

    sampled: int
    pairs: int
    outcomes: dict[Fate, int]
    hubspot: SideTotalsView
    salesforce: SideTotalsView
    reasons: list[ReasonView]
    cleared: list[ClearedView]
    problems: list[ProblemCount]


class SideCostView(BaseModel):
    """API calls of one side.

    `preview`: made for this answer. `write`: what writing these records would take. `resync`: the
    estimate for all records, its parts in `listing`, `reading` and `writing`. `left`, `allowance`
    and `used` are of the last 24 hours, null when unknown or without a daily limit; `days` is how
    long a full resync takes on the present share.
    """

    preview: int
    write: int
    resync: int
    listing: int
    reading: int
    writing: int
    used: int | None
    left: int | None
    allowance: int | None
    days: int | None
    words: str


class CostView(BaseModel):
    """What it costs. `records` are all people, by object."""

    records: dict[str, int]
    hubspot: SideCostView
    salesforce: SideCostView
    formula: str


class PreviewView(BaseModel):
    """Nothing of it has happened. What a CRM itself would refuse is not foreseen."""

    settings_version: int
    records: list[PairView]
    totals: TotalsView
    cost: CostView


def preview_view(found: Preview) -> PreviewView:
    """The answer."""
    return PreviewView(
        settings_version=found.settings_version,
        records=[_pair(one, found.pages) for one in found.found],
        totals=_totals(found),
        cost=CostView(
            records=dict(found.resync.records),
            hubspot=_cost(found, Side.HUBSPOT),
            salesforce=_cost(found, Side.SALESFORCE),
            formula=found.formula,
        ),
    )


def _pair(one: Foreseen, pages: Map[Side, str]) -> PairView:
    there = one.salesforce_object or "Contact"
    return PairView(
        sample=[ClaimView(side=claim.side, id=claim.record_id) for claim in one.claims],
        outcome=one.fate,
        why=one.why,
        create=one.create,
        linked=one.linked,
        ambiguous=one.ambiguous,
        hubspot=_record(one, Side.HUBSPOT, one.hubspot_id, "contacts", pages),
        salesforce=_record(one, Side.SALESFORCE, one.salesforce_id, there, pages),
        fields=[_field(write) for write in one.writes],
        parked=[_held(held) for held in one.held],
    )


def _record(
    one: Foreseen, side: Side, record_id: str | None, name: str, pages: Map[Side, str]
) -> RecordView | None:
    if record_id is None:
        return RecordView(id=None, object=name, url=None) if one.create is side else None
    return RecordView(id=record_id, object=name, url=pages[side] + record_id)


def _field(write: FieldWrite) -> FieldView:
    values = (write.before, write.after)
    return FieldView(
        side=write.side,
        field=write.field,
        before=_shown(write.before),
        after=_shown(write.after),
        cleared=write.clears,
        cut=any(value is not None and len(value) > MAX_SHOWN for value in values),
        rule=write.rule,
        why=write.why,
    )


def _shown(value: str | None) -> str | None:
    return None if value is None else value[:MAX_SHOWN]


def _held(held: Held) -> HeldView:
    return HeldView(code=held.code, message=held.message, field=held.field)


def _totals(found: Preview) -> TotalsView:
    counted = totals(found.found)
    sides = {
        side: SideTotalsView(create=one.create, update=one.update, clear=one.clear, park=one.park)
        for side, one in counted.sides.items()
    }
    return TotalsView(
        sampled=found.sampled,
        pairs=len(found.found),
        outcomes=dict(counted.fates),
        hubspot=sides[Side.HUBSPOT],
        salesforce=sides[Side.SALESFORCE],
        reasons=[ReasonView(rule=r, why=why, fields=n) for (r, why), n in counted.reasons],
        cleared=[ClearedView(side=s, field=name, records=n) for (s, name), n in counted.cleared],
        problems=[ProblemCount(field=f, code=code, records=n) for (f, code), n in counted.problems],
    )


def _cost(found: Preview, side: Side) -> SideCostView:
    calls, left = found.resync.calls[side], found.left.get(side)
    known = left or Left(used=0, allowance=None, left=None)
    return SideCostView(
        preview=found.calls[side],
        write=found.write_calls[side],
        resync=calls.total,
        listing=calls.walk,
        reading=calls.read,
        writing=calls.write,
        used=None if left is None else left.used,
        left=known.left,
        allowance=known.allowance,
        days=days(calls.total, known),
        words=in_words(side, calls.total, left),
    )
