"""Two sides that spell a value differently: what is equal, what is written, what is refused."""

import pytest

from services.contact_sync.domain.choices import prepared
from services.contact_sync.domain.model import Conversion, Kind, Owners
from services.contact_sync.domain.values import Unreadable, canonical, render
from shared.kernel.records import Side

NOBODY = Owners()
STAGES = (("lead", "Open"), ("lead", "New"), ("customer", "Won"), ("partner", "Won"))
YES = (("true", "Yes"), ("false", "No"), ("true", "Ja"))
HS, SF = Side.HUBSPOT, Side.SALESFORCE


def table(values: tuple[tuple[str, str], ...], unmapped: str = "keep") -> Conversion:
    return Conversion(values=values, unmapped=unmapped)


@pytest.mark.parametrize(
    ("kind", "conversion", "hubspot", "salesforce"),
    [
        (Kind.PICKLIST, table(STAGES), "lead", "Open"),
        (Kind.PICKLIST, table(STAGES), "lead", "New"),
        (Kind.PICKLIST, table(STAGES), "partner", "Won"),
        (Kind.PICKLIST, table(STAGES), "other", "other"),
        (Kind.TEXT, table(STAGES), " customer ", "Won"),
        (Kind.MULTI_PICKLIST, table(STAGES), "customer;lead", "Open;Won"),
        (Kind.MULTI_PICKLIST, table(STAGES), "customer;partner", "Won"),
        (Kind.BOOLEAN, Conversion(salesforce=Kind.PICKLIST, values=YES), "true", "Ja"),
        (Kind.BOOLEAN, Conversion(salesforce=Kind.PICKLIST, values=YES), "false", "No"),
        (Kind.BOOLEAN, Conversion(salesforce=Kind.PICKLIST, values=YES), "", None),
        (Kind.BOOLEAN, Conversion(salesforce=Kind.TEXT), "true", "TRUE"),
        (Kind.BOOLEAN, Conversion(hubspot=Kind.TEXT, values=(("Ja", "true"),)), "Ja", True),
        (Kind.NUMBER, Conversion(scale=2), "19.989", 19.99),
        (Kind.NUMBER, Conversion(scale=2), "0.005", 0.01),
        (Kind.NUMBER, Conversion(scale=0), "-0.4", 0.0),
        (Kind.NUMBER, Conversion(fraction=True), "0.255", 25.5),
        (Kind.NUMBER, Conversion(fraction=True, scale=0), "0.255", 26.0),
        (
            Kind.DATE,
            Conversion(hubspot=Kind.DATETIME, time_zone="America/New_York"),
            "2026-03-02T03:30:00Z",
            "2026-03-01",
        ),
        (
            Kind.DATE,
            Conversion(salesforce=Kind.DATETIME, time_zone="Asia/Tokyo"),
            "2026-03-02",
            "2026-03-01T15:00:00.000+0000",
        ),
        (Kind.DATE, Conversion(salesforce=Kind.DATETIME), "1767225600000", "2026-01-01T09:00:00Z"),
    ],
)
def test_what_means_the_same_is_equal_so_that_nothing_is_written(
    kind: Kind, conversion: Conversion, hubspot: object, salesforce: object
) -> None:
    left = canonical(kind, hubspot, HS, NOBODY, conversion)
    right = canonical(kind, salesforce, SF, NOBODY, conversion)

    assert left == right
    assert not isinstance(left, Unreadable)


@pytest.mark.parametrize(
    ("kind", "conversion", "value", "side", "written"),
    [
        (Kind.PICKLIST, table(STAGES), "Open", HS, "lead"),
        (Kind.PICKLIST, table(STAGES), "Won", HS, "customer"),
        (Kind.PICKLIST, table(STAGES), "Open", SF, "Open"),
        (Kind.PICKLIST, table(STAGES), "other", HS, "other"),
        (Kind.PICKLIST, table(STAGES), None, HS, ""),
        (Kind.MULTI_PICKLIST, table(STAGES), "Open;Won", HS, "customer;lead"),
        (Kind.BOOLEAN, Conversion(salesforce=Kind.PICKLIST, values=YES), "true", SF, "Yes"),
        (Kind.BOOLEAN, Conversion(salesforce=Kind.PICKLIST, values=YES), "false", SF, "No"),
        (Kind.BOOLEAN, Conversion(salesforce=Kind.TEXT), "true", SF, "true"),
        (Kind.BOOLEAN, Conversion(hubspot=Kind.TEXT, values=(("Ja", "true"),)), "true", HS, "Ja"),
        (Kind.BOOLEAN, Conversion(hubspot=Kind.TEXT, values=(("Ja", "true"),)), "true", SF, True),
        (Kind.NUMBER, Conversion(fraction=True), "26", HS, "0.26"),
        (Kind.NUMBER, Conversion(fraction=True), "26", SF, 26),
        (
            Kind.DATE,
            Conversion(salesforce=Kind.DATETIME, time_zone="America/New_York"),
            "2026-07-01",
            SF,
            "2026-07-01T04:00:00Z",
        ),
        (
            Kind.DATE,
            Conversion(hubspot=Kind.DATETIME, time_zone="America/Sao_Paulo"),
            "2017-10-15",  # clocks skipped the midnight of this day there
            HS,
            "2017-10-15T03:00:00Z",
        ),
    ],
)
def test_each_side_gets_its_own_spelling(
    kind: Kind, conversion: Conversion, value: str | None, side: Side, written: object
) -> None:
    assert render(kind, value, side, NOBODY, conversion) == written


@pytest.mark.parametrize(
    ("conversion", "raw", "side"),
    [
        (table(STAGES, "refuse"), "other", HS),
        (table(STAGES, "refuse"), "Other", SF),
        (table((("a", "b"),)), "b", HS),  # kept, it would stand in Salesforce for "a"
        (table((("a", "b"),)), "a", SF),
    ],
)
def test_a_value_that_the_table_does_not_know_is_refused_without_telling_it(
    conversion: Conversion, raw: str, side: Side
) -> None:
    found = canonical(Kind.PICKLIST, raw, side, NOBODY, conversion)

    assert found == Unreadable("is not in the mapping's table of values; add it there")


@pytest.mark.parametrize("side", Side)
def test_a_value_that_the_table_does_not_know_may_be_left_blank(side: Side) -> None:
    conversion = table(STAGES, "blank")

    assert canonical(Kind.PICKLIST, "other", side, NOBODY, conversion) is None
    assert canonical(Kind.MULTI_PICKLIST, "other", side, NOBODY, conversion) is None


def test_one_unknown_choice_of_several_refuses_the_whole_value() -> None:
    found = canonical(Kind.MULTI_PICKLIST, "lead;other", HS, NOBODY, table(STAGES, "refuse"))

    assert isinstance(found, Unreadable)


def test_rows_that_join_two_groups_make_them_one() -> None:
    joined = prepared((("a", "1"), ("b", "2"), ("a", "2")))

    assert set(joined.meaning[HS].values()) == {"1"}
    assert set(joined.meaning[SF].values()) == {"1"}
    assert joined.spelling == {HS: {"1": "a"}, SF: {"1": "1"}}


def test_the_ends_of_the_calendar_are_refused_where_a_zone_would_leave_it() -> None:
    conversion = Conversion(salesforce=Kind.DATETIME, time_zone="Asia/Tokyo")

    assert isinstance(render(Kind.DATE, "0001-01-01", SF, NOBODY, conversion), Unreadable)
    late = canonical(Kind.DATE, "9999-12-31T23:00:00Z", SF, NOBODY, conversion)
    assert late == Unreadable("is not a date")


@pytest.mark.parametrize("raw", ["1e400", "1e999999999", "NaN", "-Infinity", "12,5"])
def test_what_is_no_number_of_salesforces_is_refused(raw: str) -> None:
    found = canonical(Kind.NUMBER, raw, HS, NOBODY, Conversion(scale=2, fraction=True))

    assert isinstance(found, Unreadable)


def test_a_pair_of_owners_counts_whatever_their_addresses_say() -> None:
    by_address = Owners({"7": "ann@x.test", "8": "bo@x.test"}, {"005A": "ann@x.test"})

    owners = by_address.paired([("8", "005A")])

    assert canonical(Kind.OWNER, "8", HS, owners) == canonical(Kind.OWNER, "005A", SF, owners)
    assert render(Kind.OWNER, canonical_owner(owners, "8"), SF, owners) == "005A"
    assert isinstance(render(Kind.OWNER, canonical_owner(owners, "7"), SF, owners), Unreadable)


def canonical_owner(owners: Owners, identifier: str) -> str | None:
    found = canonical(Kind.OWNER, identifier, HS, owners)
    assert not isinstance(found, Unreadable)
    return found
