"""Who changed what, with and without a base, and what each side gets."""

from datetime import date

import pytest

from services.activity_sync.domain.merge import Merged, copy, merge
from services.activity_sync.domain.task import Task
from shared.kernel.records import Side
from tests.unit.activity_sync.tasks import USUAL, hubspot, salesforce

TODAY = date(2026, 3, 2)
TO_SALESFORCE, TO_HUBSPOT = frozenset({Side.SALESFORCE}), frozenset({Side.HUBSPOT})


def got(merged: Merged) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """What HubSpot and what Salesforce gets."""
    return merged.fields_for(Side.HUBSPOT), merged.fields_for(Side.SALESFORCE)


Value = str | None
Fields = dict[str, str | None]
NONE: Fields = {}
CELLS: list[tuple[tuple[Value, Value, Value], tuple[int, int], tuple[Fields, Fields]]] = [
    # (HubSpot, Salesforce, base), minutes of the two, what (HubSpot, Salesforce) gets
    (("a", "a", "a"), (0, 0), (NONE, NONE)),
    (("b", "a", "a"), (0, 9), (NONE, {"subject": "b"})),
    (("a", "b", "a"), (9, 0), ({"subject": "b"}, NONE)),
    (("b", "b", "a"), (0, 0), (NONE, NONE)),
    (("b", "c", "a"), (1, 0), (NONE, {"subject": "b"})),
    (("b", "c", "a"), (0, 1), ({"subject": "c"}, NONE)),
    (("b", "c", "a"), (0, 0), ({"subject": "c"}, NONE)),
    ((None, "a", "a"), (0, 9), (NONE, {"subject": None})),
    (("a", None, "a"), (9, 0), ({"subject": None}, NONE)),
    ((None, "b", "a"), (1, 0), (NONE, {"subject": None})),
    (("a", None, None), (0, 9), (NONE, {"subject": "a"})),
]


@pytest.mark.parametrize(("values", "minutes", "expected"), CELLS)
def test_every_cell_with_a_base(
    values: tuple[Value, Value, Value],
    minutes: tuple[int, int],
    expected: tuple[Fields, Fields],
) -> None:
    here = hubspot(minutes[0], subject=values[0])
    there = salesforce(minutes[1], subject=values[1])

    merged = merge(here, there, {**USUAL, "subject": values[2]})

    assert got(merged) == expected
    agreed = (expected[0] or expected[1] or {"subject": values[0]})["subject"]
    assert merged.base == {**USUAL, "subject": agreed}


@pytest.mark.parametrize(
    ("at", "then", "left", "right"),
    [
        (1, 0, {}, {"subject": "b"}),
        (0, 1, {"subject": "c"}, {}),
        (0, 0, {"subject": "c"}, {}),
    ],
    ids=["HubSpot later", "Salesforce later", "equal"],
)
def test_without_a_base_the_later_change_wins(
    at: int, then: int, left: dict[str, str | None], right: dict[str, str | None]
) -> None:
    assert got(merge(hubspot(at, subject="b"), salesforce(then, subject="c"), None)) == (
        left,
        right,
    )


def test_fields_are_decided_one_by_one() -> None:
    merged = merge(hubspot(0, body="new"), salesforce(0, status="COMPLETED"), USUAL)

    assert got(merged) == ({"status": "COMPLETED"}, {"body": "new"})
    assert [write.why for write in merged.writes] == [
        "only HubSpot changed",
        "only Salesforce changed",
    ]


@pytest.mark.parametrize("name", ["status", "priority"])
def test_a_word_of_salesforce_alone_leaves_hubspot_alone(name: str) -> None:
    first = merge(hubspot(0), salesforce(5, **{name: "Blocked"}), USUAL)
    assert first.writes == ()
    assert first.base == {**USUAL, f"{name}@salesforce": "Blocked"}

    again = merge(hubspot(9, body="new"), salesforce(5, **{name: "Blocked"}), first.base)
    assert got(again) == ({}, {"body": "new"})


def test_a_deliberate_change_in_hubspot_replaces_a_word_of_salesforce_alone() -> None:
    apart = {**USUAL, "status@salesforce": "Blocked"}

    merged = merge(hubspot(9, status="COMPLETED"), salesforce(5, status="Blocked"), apart)

    assert got(merged) == ({}, {"status": "COMPLETED"})
    assert merged.base == {**USUAL, "status": "COMPLETED"}


def test_salesforce_comes_back_to_a_word_that_both_know() -> None:
    apart = {**USUAL, "status@salesforce": "Blocked"}

    merged = merge(hubspot(0), salesforce(5, status="COMPLETED"), apart)

    assert got(merged) == ({"status": "COMPLETED"}, {})


def test_when_both_changed_a_later_word_of_one_side_stays_on_its_side() -> None:
    merged = merge(hubspot(1, status="COMPLETED"), salesforce(5, status="Blocked"), USUAL)

    assert merged.writes == ()
    assert merged.base["status"] == "COMPLETED"
    assert merged.base["status@salesforce"] == "Blocked"


def test_an_unknown_word_of_hubspot_leaves_salesforce_alone() -> None:
    assert merge(hubspot(5, status="ON_HOLD"), salesforce(0), USUAL).writes == ()


def test_without_a_base_unknown_words_and_missing_due_days_stay() -> None:
    merged = merge(hubspot(9), salesforce(0, status="Blocked", due=None), None)

    assert merged.writes == ()
    assert merged.base == {**USUAL, "status@salesforce": "Blocked", "due@salesforce": None}


def test_a_due_day_that_salesforce_cleared_stays_in_hubspot() -> None:
    first = merge(hubspot(0), salesforce(5, due=None), USUAL)
    assert first.writes == ()

    moved = merge(hubspot(9, due="2026-12-24"), salesforce(20, due=None), first.base)
    assert got(moved) == ({}, {"due": "2026-12-24"})


@pytest.mark.parametrize(
    ("into", "left", "right"),
    [
        (TO_HUBSPOT, {"subject": "c"}, {}),
        (TO_SALESFORCE, {}, {"subject": "b"}),
        (frozenset[Side](), {}, {}),
    ],
)
@pytest.mark.parametrize("at", [0, 9])
def test_only_the_sides_of_the_settings_are_written(
    into: frozenset[Side], at: int, left: dict[str, str | None], right: dict[str, str | None]
) -> None:
    merged = merge(hubspot(at, subject="b"), salesforce(5, subject="c"), USUAL, into)

    assert got(merged) == (left, right)


def test_a_change_that_may_not_cross_is_no_change_later() -> None:
    first = merge(hubspot(5, subject="b"), salesforce(0), USUAL, TO_HUBSPOT)
    assert first.writes == ()

    assert merge(hubspot(5, subject="b"), salesforce(0), first.base).writes == ()


def test_a_merge_of_what_was_merged_writes_nothing() -> None:
    merged = merge(hubspot(1, subject="b", body=None), salesforce(0, body="c"), USUAL)
    here = hubspot(1, **{**dict(hubspot(subject="b").fields), **merged.fields_for(Side.HUBSPOT)})
    there = salesforce(
        2, **{**dict(salesforce(body="c").fields), **merged.fields_for(Side.SALESFORCE)}
    )

    assert merge(here, there, merged.base).writes == ()


@pytest.mark.parametrize(("source", "target"), [(hubspot(), Side.SALESFORCE)])
def test_a_copy_carries_what_is_there(source: Task, target: Side) -> None:
    merged = copy(source, TODAY)

    assert merged.fields_for(target) == {
        "subject": "Call",
        "status": "NOT_STARTED",
        "priority": "MEDIUM",
        "due": "2026-12-01",
    }
    assert merged.fields_for(target.other) == {}
    assert merged.base == USUAL


def test_a_copy_without_a_due_day_is_due_today_in_hubspot_only() -> None:
    merged = copy(salesforce(due=None), TODAY)

    assert merged.fields_for(Side.HUBSPOT)["due"] == "2026-03-02"
    assert merged.fields_for(Side.SALESFORCE) == {}
    assert merged.base == {**USUAL, "due": "2026-03-02", "due@salesforce": None}


def test_a_hubspot_task_whose_due_day_cannot_be_read_has_none_in_salesforce() -> None:
    assert "due" not in copy(hubspot(due=None), TODAY).fields_for(Side.SALESFORCE)


@pytest.mark.parametrize(
    ("source", "base"),
    [
        (salesforce(status="Blocked"), {**USUAL, "status@salesforce": "Blocked"}),
        (
            hubspot(status="ON_HOLD"),
            {**USUAL, "status": "ON_HOLD", "status@salesforce": "NOT_STARTED"},
        ),
    ],
)
def test_a_copy_of_an_unknown_status_is_not_started(
    source: Task, base: dict[str, str | None]
) -> None:
    merged = copy(source, TODAY)

    assert merged.fields_for(source.side.other)["status"] == "NOT_STARTED"
    assert merged.base == base
