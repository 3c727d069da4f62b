"""Every observation is a line; the same one again is counted, and the page stays short."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.package_watcher.domain.advance import advance
from services.package_watcher.domain.history import MAX_LINES, MAX_SAID, in_words, noted
from services.package_watcher.domain.model import Failure, Method, Order, Seen, State
from services.package_watcher.domain.observation import (
    Accepted,
    Held,
    Looked,
    NotReady,
    Observation,
    Progress,
    Refused,
    Reported,
    Settled,
    Unreachable,
)
from services.package_watcher.domain.orders import ordered, resumed
from tests.unit.package_watcher.fakes import NOON

ID = UUID("01890000-0000-7000-8000-000000000001")


def test_a_timeline_from_order_to_end() -> None:
    one = ordered(ID, ID, Order(Method.DEPLOY), NOON)[0]
    running = Progress(Reported.IN_PROGRESS, "InProgress", components_done=2, components=6)
    answers: list[tuple[int, Observation]] = [
        (1, Accepted("0Af1")),
        (3, running),
        (6, running),
        (11, Unreachable("no answer")),
        (20, Progress(Reported.SUCCESS)),
        (22, Looked(("Lead",), "no field on Lead")),
        (25, Looked(version="1.0")),
    ]
    for seconds, seen in answers:
        one, _ = advance(one, seen, NOON + timedelta(seconds=seconds))
    told = [(s.asked, s.answer, s.said, s.state.value, s.times) for s in one.history]
    assert told == [
        ("order", "ordered", "install by deploy", "requested", 1),
        ("send", "accepted", "request 0Af1", "installing", 1),
        ("status", "in_progress", "InProgress - 2 of 6 components", "installing", 2),
        ("status", "no_answer", "no answer", "installing", 1),
        ("status", "success", "", "checking", 1),
        ("assign_and_look", "missing", "no field on Lead", "checking", 1),
        ("assign_and_look", "in_place", "", "installed", 1),
    ]
    twice = one.history[2]
    assert (twice.first_at, twice.last_at) == (
        NOON + timedelta(seconds=3),
        NOON + timedelta(seconds=6),
    )


def test_a_resume_is_a_line() -> None:
    one = ordered(ID, ID, Order(Method.DEPLOY), NOON)[0]
    late = NOON + timedelta(hours=1)
    ended, _ = advance(one, Unreachable("?"), late)
    going, _ = resumed(ended, late)
    assert [line.answer for line in going.history] == ["ordered", "no_answer", "resumed"]
    assert going.history[1].state is State.TIMED_OUT


def test_the_page_stays_short_and_keeps_the_order() -> None:
    one = ordered(ID, ID, Order(Method.VERSION, "04t1"), NOON)[0]
    for number in range(3 * MAX_LINES):
        at = NOON + timedelta(seconds=number)
        one = noted(one, "status", "no_answer", f"answer {number}", at)
    assert len(one.history) == MAX_LINES
    assert one.history[0].said == "install by version 04t1"
    assert one.history[-1].said == f"answer {3 * MAX_LINES - 1}"
    assert one.history[1].said == f"answer {2 * MAX_LINES + 1}"


def test_long_answers_are_cut() -> None:
    one = ordered(ID, ID, Order(Method.DEPLOY), NOON)[0]
    for _ in range(2):
        one = noted(one, "status", "refused", "x" * 900, NOON)
    assert one.history[-1] == Seen(
        "status", "refused", "x" * MAX_SAID, State.REQUESTED, NOON, NOON, 2
    )


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (Accepted("0Hf1"), ("accepted", "request 0Hf1")),
        (NotReady("PACKAGE_UNAVAILABLE", "not yet"), ("not_ready", "not yet")),
        (Settled("there already", "newer"), ("settled", "there already")),
        (
            Progress(Reported.ERROR, failures=(Failure("Lead", "no"), Failure("Task", "nor"))),
            ("error", "Lead: no; Task: nor"),
        ),
        (Looked(), ("in_place", "")),
        (Refused("X", "no"), ("refused", "no")),
        (Held("no calls", 9.0), ("held_up", "no calls")),
    ],
)
def test_observations_in_words(seen: Observation, expected: tuple[str, str]) -> None:
    assert in_words(seen) == expected
