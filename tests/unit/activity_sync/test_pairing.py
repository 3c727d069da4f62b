"""What is to be done with one task; and what its key says."""

from dataclasses import replace
from typing import Any

import pytest

from services.activity_sync.domain.keys import (
    is_timeline,
    original_of,
    task_key_in_hubspot,
    task_key_in_salesforce,
    timeline_key,
)
from services.activity_sync.domain.pairing import (
    Copy,
    Gone,
    Nothing,
    Pair,
    Step,
    Unknown,
    step_for,
)
from services.activity_sync.domain.task import Task
from shared.kernel.records import Side
from tests.unit.activity_sync.tasks import USUAL, hubspot, salesforce

HERE, THERE = hubspot(), salesforce()
TOLD = replace(THERE, key="4711:timeline:form:1")


def step(task: Task | None, counterpart: Task | None = None, **more: Any) -> Step:
    """The step of an unlinked task about a linked person, when nothing else is said."""
    usual: dict[str, Any] = {
        "linked": False,
        "copied": False,
        "base": None,
        "people": {"101": "003A", "003A": "101"},
        "may_copy": True,
    }
    return step_for(task, counterpart, **{**usual, **more})


@pytest.mark.parametrize(
    ("task", "counterpart", "both"),
    [(HERE, None, False), (None, THERE, False), (None, None, True)],
)
def test_a_linked_half_that_is_gone(
    task: Task | None, counterpart: Task | None, *, both: bool
) -> None:
    assert step(task, counterpart, linked=True, base=USUAL) == Gone(both)


@pytest.mark.parametrize(("task", "counterpart"), [(HERE, THERE), (THERE, HERE)])
def test_a_pair_is_the_same_from_both_halves(task: Task, counterpart: Task) -> None:
    assert step(task, counterpart, linked=True, base=USUAL) == Pair(HERE, THERE, USUAL)
    assert step(task, counterpart) == Pair(HERE, THERE, None)


def test_a_pair_goes_on_when_copies_are_switched_off() -> None:
    assert step(HERE, THERE, linked=True, base=USUAL, may_copy=False) == Pair(HERE, THERE, USUAL)


@pytest.mark.parametrize(("task", "person"), [(HERE, "003A"), (THERE, "101")])
def test_a_new_task_about_a_linked_person_is_copied(task: Task, person: str) -> None:
    assert step(task) == Copy(task, person)


def test_the_first_linked_person_counts() -> None:
    task = replace(HERE, person_ids=("999", "101"))
    assert step(task) == Copy(task, "003A")


def test_a_task_about_nobody_who_is_linked_waits_for_the_first() -> None:
    assert step(replace(HERE, person_ids=("998", "999"))) == Unknown("998")


@pytest.mark.parametrize(
    ("task", "more"),
    [
        (None, {}),
        (TOLD, {}),
        (TOLD, {"people": {}}),
        (HERE, {"may_copy": False}),
        (HERE, {"copied": True}),
        (replace(HERE, person_ids=()), {}),
    ],
    ids=["gone", "timeline", "timeline, unlinked", "switched off", "a copy", "about nobody"],
)
def test_nothing_is_to_be_done(task: Task | None, more: dict[str, Any]) -> None:
    assert isinstance(step(task, **more), Nothing)


def test_keys() -> None:
    assert task_key_in_salesforce("4711", "9") == "4711:task:9"
    assert task_key_in_hubspot("00D1", "00T9") == "00D1:00T9"
    assert timeline_key("4711", "form:1") == "4711:timeline:form:1"
    assert is_timeline("4711:timeline:form:1")
    assert is_timeline("8888:timeline:form:1")
    assert not is_timeline("4711:task:9")
    assert not is_timeline(None)


@pytest.mark.parametrize(
    ("side", "key", "original"),
    [
        (Side.SALESFORCE, "4711:task:9", "9"),
        (Side.SALESFORCE, "8888:task:9", None),
        (Side.SALESFORCE, "4711:timeline:form:1", None),
        (Side.SALESFORCE, None, None),
        (Side.HUBSPOT, "00D1:00T9", "00T9"),
        (Side.HUBSPOT, "00D2:00T9", None),
        (Side.HUBSPOT, None, None),
    ],
)
def test_a_key_of_ours_names_the_original(
    side: Side, key: str | None, original: str | None
) -> None:
    assert original_of(side, key, portal_id="4711", org_id="00D1") == original
