"""Every cell of rule x which side changed x blank or not x first link or base, by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from services.contact_sync.domain.model import Rule
from services.contact_sync.domain.rules import (
    Keep,
    NeedTimes,
    Times,
    Undecidable,
    Values,
    Write,
    decide,
)
from shared.kernel.records import Side

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TO_HUBSPOT, TO_SALESFORCE = Side.HUBSPOT, Side.SALESFORCE

# (HubSpot, Salesforce, base or "first"): what each rule gives. "H=x" HubSpot gets x, "S=x"
# Salesforce gets x, "-" nothing, "?" the times of both changes are needed, "" blank.
CELLS = [
    # hubspot, salesforce, base,  prefer_sf, always_sf, two_way, prefer_hs, always_hs
    ("a", "a", "a", "-", "-", "-", "-", "-"),
    (None, None, None, "-", "-", "-", "-", "-"),
    (None, None, "a", "-", "-", "-", "-", "-"),
    ("b", "b", "a", "-", "-", "-", "-", "-"),
    ("b", "a", "a", "H=a", "H=a", "S=b", "S=b", "S=b"),
    ("a", "b", "a", "H=b", "H=b", "H=b", "S=a", "S=a"),
    ("b", "c", "a", "H=c", "H=c", "?", "S=b", "S=b"),
    (None, "a", "a", "H=a", "H=a", "S=", "S=", "S="),
    ("a", None, "a", "H=", "H=", "H=", "S=a", "S=a"),
    (None, "b", "a", "H=b", "H=b", "?", "S=", "S="),
    ("b", None, "a", "H=", "H=", "?", "S=b", "S=b"),
    ("b", None, None, "S=b", "H=", "S=b", "S=b", "S=b"),
    (None, "b", None, "H=b", "H=b", "H=b", "H=b", "S="),
    ("b", "c", None, "H=c", "H=c", "?", "S=b", "S=b"),
    ("a", "a", "first", "-", "-", "-", "-", "-"),
    (None, None, "first", "-", "-", "-", "-", "-"),
    ("a", "b", "first", "H=b", "H=b", "?", "S=a", "S=a"),
    ("a", None, "first", "S=a", "H=", "S=a", "S=a", "S=a"),
    (None, "a", "first", "H=a", "H=a", "H=a", "H=a", "S="),
]
RULES = (
    Rule.PREFER_SALESFORCE_UNLESS_BLANK,
    Rule.ALWAYS_SALESFORCE,
    Rule.TWO_WAY,
    Rule.PREFER_HUBSPOT_UNLESS_BLANK,
    Rule.ALWAYS_HUBSPOT,
)
CASES = [
    pytest.param(rule, *cell[:3], expected, id=f"{rule.value}:{cell[0]}/{cell[1]}/{cell[2]}")
    for cell in CELLS
    for rule, expected in zip(RULES, cell[3:], strict=True)
]


def values(hubspot: str | None, salesforce: str | None, base: str | None) -> Values:
    if base == "first":
        return Values(hubspot, salesforce)
    return Values(hubspot, salesforce, base=base, has_base=True)


@pytest.mark.parametrize(("rule", "hubspot", "salesforce", "base", "expected"), CASES)
def test_cell(
    rule: Rule, hubspot: str | None, salesforce: str | None, base: str | None, expected: str
) -> None:
    decision = decide(rule, values(hubspot, salesforce, base), None)

    match decision:
        case Write(side, value):
            assert f"{'H' if side is TO_HUBSPOT else 'S'}={value or ''}" == expected
        case Keep():
            assert expected == "-"
        case NeedTimes():
            assert expected == "?"
        case Undecidable():
            pytest.fail("nothing is undecidable before the times are known")


@pytest.mark.parametrize("cell", CELLS)
def test_dont_sync_never_writes(cell: tuple[str, ...]) -> None:
    assert isinstance(decide(Rule.DONT_SYNC, values(*cell[:3]), None), Keep)


def conflict(hubspot: datetime | None, salesforce: datetime | None) -> object:
    times = Times(hubspot=hubspot, salesforce=salesforce, now=NOW)
    return decide(Rule.TWO_WAY, values("b", "c", "a"), times)


def test_the_later_change_wins_in_either_direction() -> None:
    early, late = NOW - timedelta(minutes=5), NOW - timedelta(minutes=1)

    assert conflict(late, early) == Write(
        TO_SALESFORCE, "b", "both changed, HubSpot's change is later"
    )
    assert conflict(early, late) == Write(
        TO_HUBSPOT, "c", "both changed, Salesforce's change is later"
    )


def test_equal_times_go_to_salesforce() -> None:
    assert conflict(NOW, NOW) == Write(TO_HUBSPOT, "c", "both changed at the same moment")


@pytest.mark.parametrize(
    ("hubspot", "salesforce"),
    [
        (NOW, NOW - timedelta(seconds=1.9)),
        (NOW - timedelta(seconds=1.9), NOW),
        (None, NOW),
        (NOW, None),
        (NOW + timedelta(minutes=1), NOW),
        (NOW, NOW + timedelta(minutes=1)),
    ],
    ids=["near", "near-other", "unreadable-hubspot", "unreadable-sf", "future", "future-sf"],
)
def test_what_cannot_be_ordered_is_undecidable(
    hubspot: datetime | None, salesforce: datetime | None
) -> None:
    assert isinstance(conflict(hubspot, salesforce), Undecidable)


def test_two_seconds_apart_can_be_ordered() -> None:
    assert isinstance(conflict(NOW, NOW - timedelta(seconds=2)), Write)


def test_a_cleared_value_counts_as_a_change() -> None:
    times = Times(hubspot=NOW, salesforce=NOW - timedelta(hours=1), now=NOW)

    decision = decide(Rule.TWO_WAY, values(None, "c", "a"), times)

    assert decision == Write(TO_SALESFORCE, None, "both changed, HubSpot's change is later")
