"""Where a round begins and ends, and what a polled row says."""

from datetime import timedelta

import pytest

from services.ingress.domain.polling import end_of_round, first_position, news_of, start_of_round
from shared.kernel.records import ObjectType, RecordRef, Side
from tests.fakes.ingress.samples import NOON, row

MINUTE = timedelta(minutes=1)


def test_polling_starts_five_minutes_back() -> None:
    assert first_position(NOON) == NOON - 5 * MINUTE


def test_every_round_overlaps_the_one_before() -> None:
    assert start_of_round(NOON) == NOON - MINUTE


def test_a_round_ends_at_the_latest_row_by_the_crms_clock() -> None:
    assert end_of_round(NOON, [row(seconds=9), row(seconds=3)]) == NOON + timedelta(seconds=9)


def test_an_empty_round_stays_where_it_was() -> None:
    assert end_of_round(NOON, []) == NOON


def test_a_position_never_moves_backwards() -> None:
    assert end_of_round(NOON, [row(seconds=-30)]) == NOON


@pytest.mark.parametrize(
    ("age", "deleted", "kind"),
    [
        (0, False, "created"),
        (0.999, False, "created"),
        (1, False, "updated"),
        (0, True, "deleted"),
        (3600, True, "deleted"),
    ],
)
def test_the_kind_of_a_row(age: float, kind: str, *, deleted: bool) -> None:
    assert news_of(row(age=age, deleted=deleted)).kind == kind


@pytest.mark.parametrize(
    ("object_name", "object_type", "salesforce_object"),
    [
        ("Contact", ObjectType.CONTACT, "Contact"),
        ("Lead", ObjectType.CONTACT, "Lead"),
        ("Task", ObjectType.TASK, "Task"),
        ("tasks", ObjectType.TASK, ""),
    ],
)
def test_what_a_row_is(object_name: str, object_type: ObjectType, salesforce_object: str) -> None:
    found = news_of(row("1", object_name=object_name, FirstName="Ada", ours=True))

    side = Side.HUBSPOT if object_name == "tasks" else Side.SALESFORCE
    assert found.ref == RecordRef(object_type, side, "1")
    assert found.salesforce_object == salesforce_object
    assert (found.values, found.complete, found.ours) == ({"FirstName": "Ada"}, True, True)
    assert found.occurred_at == NOON


def test_a_deleted_row_says_nothing_of_its_values() -> None:
    found = news_of(row(deleted=True, FirstName="Ada"))
    assert (found.values, found.complete) == ({}, False)
