"""A plan leaves nothing for a second one, whatever the rule, the kind and the values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import available_timezones

from hypothesis import given
from hypothesis import strategies as st

from services.contact_sync.domain.model import (
    Conversion,
    HubSpotPerson,
    Kind,
    Link,
    Mapping,
    Owners,
    Rule,
    SalesforcePerson,
)
from services.contact_sync.domain.outcome import Sync
from services.contact_sync.domain.pairing import Unit
from services.contact_sync.domain.plan import Context, Pair, Plan, plan_pair
from services.contact_sync.domain.settling import settled_link
from services.contact_sync.domain.values import Unreadable, canonical, render
from shared.kernel.records import Side

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
OWNERS = Owners(
    hubspot={"7": "ann@x.test", "9": "cy@x.test"},
    salesforce={"005A": "ann@x.test", "005B": "bo@x.test"},
)
CONTEXT = Context((), OWNERS, NOW)

texts = st.text(max_size=12) | st.sampled_from(["", " ", "a", "b", "A@X.test", "a\r\nb", "\0"])
numbers = st.integers(-(10**25), 10**25) | st.floats(allow_nan=False, allow_infinity=False)
moments = st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)
dates = st.dates().map(str)
lists = st.lists(st.sampled_from(["a", "b", " c ", ""]), max_size=4).map(";".join)
HUBSPOT_VALUES: dict[Kind, st.SearchStrategy[str]] = {
    Kind.NUMBER: numbers.map(str) | st.sampled_from(["", "1e400", "NaN", "007", "1_0", "twelve"]),
    Kind.BOOLEAN: st.sampled_from(["true", "false", "", "TRUE", "yes", "perhaps"]),
    Kind.DATE: dates | moments | st.integers(0, 10**13).map(str) | texts,
    Kind.DATETIME: dates | moments | st.integers(0, 10**13).map(str) | texts,
    Kind.MULTI_PICKLIST: lists,
    Kind.OWNER: st.sampled_from(["7", "9", "404", ""]),
}
SALESFORCE_VALUES: dict[Kind, st.SearchStrategy[object]] = {
    Kind.NUMBER: numbers.map(float),
    Kind.BOOLEAN: st.booleans(),
    Kind.DATE: dates,
    Kind.DATETIME: moments,
    Kind.MULTI_PICKLIST: lists,
    Kind.OWNER: st.sampled_from(["005A", "005B", "00G1"]),
}


words = st.sampled_from(["a", "b", "c", "x", "y", "true", "false"])
tables = st.lists(st.tuples(words, words), max_size=6).map(tuple)
spellings = st.sampled_from(["Yes", "No", "Ja"])
yes_and_no = st.lists(st.tuples(st.sampled_from(["true", "false"]), spellings), max_size=4)
own_kinds = st.sampled_from([None, Kind.TEXT, Kind.PICKLIST])


def of_checkboxes(own: Kind | None, rows: list[tuple[str, str]], *, turned: bool) -> Conversion:
    """One side has no checkbox but words; each word means one thing."""
    once = list({word: (value, word) for value, word in rows}.values())
    if turned:
        return Conversion(hubspot=own, values=tuple((word, value) for value, word in once))
    return Conversion(salesforce=own, values=tuple(once))


CONVERSIONS: dict[Kind, st.SearchStrategy[Conversion]] = {
    Kind.NUMBER: st.builds(
        Conversion, scale=st.none() | st.integers(0, 18), fraction=st.booleans()
    ),
    Kind.BOOLEAN: st.builds(of_checkboxes, own_kinds, yes_and_no, turned=st.booleans()),
    Kind.DATE: st.builds(
        Conversion,
        hubspot=st.sampled_from([None, Kind.DATETIME]),
        salesforce=st.sampled_from([None, Kind.DATETIME]),
        time_zone=st.sampled_from(sorted(available_timezones())),
    ),
    **dict.fromkeys(
        (Kind.TEXT, Kind.PICKLIST, Kind.MULTI_PICKLIST),
        st.builds(Conversion, values=tables, unmapped=st.sampled_from(["keep", "refuse", "blank"])),
    ),
}
"""How the two sides may differ, by the kind that is compared; other kinds are spelt alike."""
plain = st.just(Conversion())


def hubspot_values(kind: Kind, conversion: Conversion) -> st.SearchStrategy[str]:
    """What HubSpot may hold for such a mapping, wrong values included."""
    wide = HUBSPOT_VALUES.get(kind, texts)
    return wide | words | spellings if conversion.values or conversion.hubspot else wide


def salesforce_values(kind: Kind, conversion: Conversion) -> st.SearchStrategy[object]:
    """What Salesforce may hold for such a mapping."""
    if kind is Kind.BOOLEAN and conversion.salesforce is not None:
        return words | spellings | texts
    if kind is Kind.DATE and conversion.salesforce is Kind.DATETIME:
        return moments
    wide = SALESFORCE_VALUES.get(kind, texts)
    return wide | words if conversion.values and kind is not Kind.BOOLEAN else wide


@st.composite
def mapped(draw: st.DrawFn) -> tuple[Mapping, Pair]:
    """A mapping of any rule and kind, and a pair with a value on each side and any base."""
    kind, rule = draw(st.sampled_from(Kind)), draw(st.sampled_from(Rule))
    conversion = draw(CONVERSIONS.get(kind, plain))
    mapping = Mapping(
        "p",
        "F",
        rule,
        kind,
        max_length=draw(st.none() | st.integers(0, 8)),
        hubspot_writable=draw(st.booleans()),
        salesforce_writable=draw(st.booleans()),
        conversion=conversion,
    )
    hubspot = draw(st.none() | hubspot_values(kind, conversion))
    salesforce = draw(st.none() | salesforce_values(kind, conversion))
    before = draw(hubspot_values(kind, conversion))
    past = canonical(kind, before, Side.HUBSPOT, OWNERS, conversion)
    base = {} if isinstance(past, Unreadable) else {"p": past}
    known = Link(UUID(int=1), "1", "003A", "Contact", base if draw(st.booleans()) else {})
    changed = NOW - timedelta(seconds=draw(st.integers(-5, 60)))
    return mapping, Pair(
        HubSpotPerson("1", {"p": hubspot}, ("a@x.test",)),
        SalesforcePerson("003A", "Contact", {"F": salesforce}, NOW - timedelta(seconds=30)),
        known if draw(st.booleans()) else None,
        {"p": changed},
    )


def plan_of(mapping: Mapping, pair: Pair, *, review: bool = False) -> Plan:
    context = replace(CONTEXT, mappings=(mapping,), salesforce_wins_undecided=not review)
    return plan_pair(context, pair, salesforce_object="Contact")


def applied(mapping: Mapping, pair: Pair, plan: Plan) -> Pair:
    """The pair after the CRMs took the writes: blank is None, numbers are doubles."""
    hubspot = {"p": pair.hubspot.values["p"] if pair.hubspot else None, **plan.wire(Side.HUBSPOT)}
    salesforce = {
        "F": pair.salesforce.values["F"] if pair.salesforce else None,
        **plan.wire(Side.SALESFORCE),
    }
    if mapping.kind is Kind.NUMBER and isinstance(salesforce["F"], int):
        salesforce["F"] = float(salesforce["F"])
    untouched = pair.salesforce.modified_at if pair.salesforce else NOW
    modified_at = NOW if plan.wire(Side.SALESFORCE) else untouched
    texts_now = {
        name: None if value in {None, ""} else str(value) for name, value in hubspot.items()
    }
    link = settled_link(
        Sync(Unit((), pair), plan, "Contact"),
        link_id=UUID(int=1),
        hubspot_id="1",
        salesforce_id="003A",
        refused=frozenset(),
        mappings=(mapping,),
        hash_of=lambda side, record_id, name, value: f"{side}{record_id}{name}{value!r}",
        now=NOW,
    )
    return Pair(
        HubSpotPerson("1", texts_now, ("a@x.test",)),
        SalesforcePerson("003A", "Contact", salesforce, modified_at),
        link,
        pair.hubspot_times,
    )


@given(case=mapped(), review=st.booleans())
def test_a_second_plan_writes_nothing(case: tuple[Mapping, Pair], *, review: bool) -> None:
    mapping, pair = case
    first = plan_of(mapping, pair, review=review)
    assert first.needs_times == ()

    second = plan_of(mapping, applied(mapping, pair, first), review=review)

    assert second.writes == ()
    assert {t.code for t in second.troubles} <= {t.code for t in first.troubles}


@given(case=mapped())
def test_a_plan_writes_one_side_and_never_one_that_may_not_be_written(
    case: tuple[Mapping, Pair],
) -> None:
    mapping, pair = case
    plan = plan_of(mapping, pair)

    assert len(plan.writes) <= 1
    assert all(mapping.writable(write.side) for write in plan.writes)
    assert mapping.rule is not Rule.DONT_SYNC or plan.writes == ()
    for one_way, side in (
        (Rule.ALWAYS_SALESFORCE, Side.SALESFORCE),
        (Rule.ALWAYS_HUBSPOT, Side.HUBSPOT),
    ):
        assert mapping.rule is not one_way or all(w.side is not side for w in plan.writes)


@given(kind=st.sampled_from(Kind), data=st.data(), side=st.sampled_from(Side))
def test_what_is_written_reads_as_what_was_meant(
    kind: Kind, data: st.DataObject, side: Side
) -> None:
    conversion = data.draw(CONVERSIONS.get(kind, plain))
    raw = data.draw(hubspot_values(kind, conversion))
    value = canonical(kind, raw, Side.HUBSPOT, OWNERS, conversion)
    if isinstance(value, Unreadable):
        assert not raw or raw not in value.why or len(raw) < 6
        return

    wire = render(kind, value, side, OWNERS, conversion)

    if isinstance(wire, Unreadable):
        assert kind is Kind.OWNER or (kind is Kind.DATE and str(value)[:4] in {"0001", "9999"})
    else:
        assert canonical(kind, wire, side, OWNERS, conversion) == value


@given(kind=st.sampled_from(Kind), data=st.data())
def test_the_canonical_spelling_is_its_own(kind: Kind, data: st.DataObject) -> None:
    raw = data.draw(SALESFORCE_VALUES.get(kind, texts))
    value = canonical(kind, raw, Side.SALESFORCE, OWNERS)

    if kind is not Kind.OWNER and not isinstance(value, Unreadable):
        assert canonical(kind, value, Side.HUBSPOT, OWNERS) == value
