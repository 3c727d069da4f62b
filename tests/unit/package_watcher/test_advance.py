"""The state machine, one transition a test."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from services.package_watcher.domain.advance import MAX_SENDS, advance, step_of
from services.package_watcher.domain.model import (
    TERMINAL,
    Failure,
    Installation,
    Kind,
    Method,
    Order,
    State,
    Step,
)
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
from services.package_watcher.domain.orders import (
    HELD_AT_MOST,
    Effect,
    Failed,
    Installed,
    Leaving,
    Started,
    Uninstalled,
    ordered,
    resumed,
    unordered,
)
from tests.unit.package_watcher.fakes import NOON

ID = UUID("01890000-0000-7000-8000-000000000001")
CONNECTION = UUID("01890000-0000-7000-8000-000000000002")
SOON = NOON + timedelta(seconds=10)
MISSING = Looked(missing=("Lead",), text="no field on Lead")
NOT_YET = "This package is not yet available"


def order(method: Method = Method.DEPLOY) -> Installation:
    return ordered(ID, CONNECTION, Order(method), NOON)[0]


def at(state: State, method: Method = Method.DEPLOY) -> Installation:
    return replace(order(method), state=state, sends=1, announced=True, request_id="0Af1")


def step(
    installation: Installation, seen: Observation, seconds: float = 10
) -> tuple[State, tuple[Effect, ...]]:
    moved, effects = advance(installation, seen, NOON + timedelta(seconds=seconds))
    return moved.state, effects


def test_an_accepted_request_is_installing() -> None:
    moved, effects = advance(order(), Accepted("0Af1"), SOON)
    assert (moved.state, moved.request_id, moved.since) == (State.INSTALLING, "0Af1", SOON)
    assert effects == (Started(),)


def test_the_start_is_told_once() -> None:
    resent = replace(at(State.REQUESTED), request_id="")
    assert step(resent, Accepted("0Af2")) == (State.INSTALLING, ())


def test_the_start_is_told_after_refusals_that_passed() -> None:
    waiting, effects = advance(order(Method.VERSION), Refused("X", NOT_YET), SOON)
    assert (waiting.state, waiting.sends, effects) == (State.REQUESTED, 1, ())
    assert step(waiting, Accepted("0Hf1")) == (State.INSTALLING, (Started(),))


def test_a_manual_installation_starts_with_the_wait() -> None:
    waiting, effects = ordered(ID, CONNECTION, Order(Method.MANUAL), NOON)
    assert waiting.state is State.WAITING_FOR_ADMIN
    assert effects == (Started(),)
    assert step(waiting, MISSING) == (State.WAITING_FOR_ADMIN, ())
    assert step(waiting, Looked()) == (State.INSTALLED, (Installed(),))


def test_nothing_is_installed_before_the_fields_are_seen() -> None:
    assert step(at(State.INSTALLING), Progress(Reported.SUCCESS)) == (State.CHECKING, ())
    assert step(at(State.CHECKING), MISSING) == (State.CHECKING, ())
    assert step(at(State.CHECKING), Looked()) == (State.INSTALLED, (Installed(),))


def test_progress_is_kept() -> None:
    seen = Progress(Reported.IN_PROGRESS, "Pending", components_done=2, components=6)
    moved, effects = advance(at(State.INSTALLING), seen, SOON)
    assert (moved.state, moved.said, effects) == (State.INSTALLING, "Pending", ())
    assert (moved.components_done, moved.components) == (2, 6)


@pytest.mark.parametrize("reported", [Reported.IN_PROGRESS, Reported.UNKNOWN])
def test_five_minutes_are_long(reported: Reported) -> None:
    seen = Progress(reported)
    assert step(at(State.INSTALLING), seen, 299)[0] is State.INSTALLING
    assert step(at(State.INSTALLING), seen, 300)[0] is State.TAKING_LONG
    assert step(at(State.TAKING_LONG), seen, 900)[0] is State.TAKING_LONG
    assert step(at(State.TAKING_LONG), Progress(Reported.SUCCESS), 900)[0] is State.CHECKING


def test_an_error_fails_with_the_components() -> None:
    failure = Failure("Lead.Causeway_Key__c", "duplicate value found")
    seen = Progress(Reported.ERROR, failures=(failure,))
    moved, effects = advance(at(State.INSTALLING), seen, SOON)
    text = "Lead.Causeway_Key__c: duplicate value found"
    assert (moved.state, moved.said, moved.failures) == (State.FAILED, text, (failure,))
    assert effects == (Failed(text),)


def test_an_error_that_passes_sends_the_request_again() -> None:
    seen = Progress(Reported.ERROR, NOT_YET)
    moved, effects = advance(at(State.INSTALLING), seen, SOON)
    assert (moved.state, moved.request_id, effects) == (State.REQUESTED, "", ())


@pytest.mark.parametrize("state", [State.REQUESTED, State.INSTALLING])
def test_requests_are_sent_a_bounded_number_of_times(state: State) -> None:
    spent = replace(at(state), sends=MAX_SENDS)
    seen: Observation = (
        Refused("X", NOT_YET) if state is State.REQUESTED else Progress(Reported.ERROR, NOT_YET)
    )
    assert step(spent, seen) == (State.FAILED, (Failed(NOT_YET),))


@pytest.mark.parametrize(
    "state",
    [
        State.REQUESTED,
        State.INSTALLING,
        State.TAKING_LONG,
        State.CHECKING,
        State.WAITING_FOR_ADMIN,
    ],
)
def test_a_refusal_fails(state: State) -> None:
    refused = Refused("INSUFFICIENT_ACCESS", "insufficient access rights")
    assert step(at(state), refused) == (State.FAILED, (Failed("insufficient access rights"),))


def test_silence_changes_nothing_but_is_shown() -> None:
    moved, effects = advance(at(State.INSTALLING), Unreachable("no answer", 7.0), SOON)
    assert (moved.state, moved.said, moved.wait, effects) == (
        State.INSTALLING,
        "no answer",
        7.0,
        (),
    )


def test_the_deadline_ends_silence_too() -> None:
    state, effects = step(at(State.INSTALLING), Unreachable("no answer"), 3600)
    assert state is State.TIMED_OUT
    assert effects == (Failed("The deadline passed. Last word: no answer"),)


def test_what_arrives_at_the_deadline_still_counts() -> None:
    assert step(at(State.CHECKING), Looked(), 3600) == (State.INSTALLED, (Installed(),))


def test_a_hold_moves_the_deadline() -> None:
    held, effects = advance(
        at(State.INSTALLING), Held("no calls left", 7200.0), NOON + timedelta(minutes=59)
    )
    assert (held.state, held.wait, effects) == (State.INSTALLING, 7200.0, ())
    assert held.deadline == NOON + timedelta(hours=2, minutes=59 + 10)
    assert step(held, Progress(Reported.SUCCESS), 3 * 3600)[0] is State.CHECKING


def test_a_short_hold_does_not_shorten_the_deadline() -> None:
    held, _ = advance(at(State.INSTALLING), Held("a moment", 1.0), SOON)
    assert held.deadline == NOON + timedelta(hours=1)


@pytest.mark.parametrize("state", sorted(TERMINAL))
@pytest.mark.parametrize(
    "seen",
    [
        Accepted("0Af9"),
        Progress(Reported.SUCCESS),
        Looked(),
        MISSING,
        Refused("X", "no"),
        Unreachable("?"),
        Held("?", 5.0),
    ],
)
def test_terminal_states_stay(state: State, seen: Observation) -> None:
    ended = at(state)
    assert advance(ended, seen, NOON + timedelta(days=9)) == (ended, ())
    assert step_of(ended) is None


def test_an_answer_that_comes_late_is_ignored() -> None:
    assert step(at(State.CHECKING), Accepted("0Af2")) == (State.CHECKING, ())
    assert step(at(State.INSTALLING), Looked()) == (State.INSTALLING, ())
    assert step(at(State.CHECKING), Progress(Reported.ERROR, "x")) == (State.CHECKING, ())


def test_a_package_that_is_there_already_needs_no_order() -> None:
    fresh = unordered(ID, CONNECTION, NOON)
    assert step(fresh, Looked()) == (State.INSTALLED, (Installed(),))
    assert step(fresh, MISSING, 999_999) == (State.ABSENT, ())
    assert step(fresh, Refused("X", "no")) == (State.ABSENT, ())


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.ABSENT, Step.LOOK),
        (State.REQUESTED, Step.SEND),
        (State.INSTALLING, Step.STATUS),
        (State.TAKING_LONG, Step.STATUS),
        (State.CHECKING, Step.ASSIGN_AND_LOOK),
        (State.WAITING_FOR_ADMIN, Step.ASSIGN_AND_LOOK),
    ],
)
def test_the_step_of_a_state(state: State, expected: Step) -> None:
    assert step_of(at(state)) is expected


def test_looks_are_counted_and_the_quiet_ones_start_again() -> None:
    first, _ = advance(order(), Unreachable("?"), SOON)
    second, _ = advance(first, Unreachable("?"), SOON)
    third, _ = advance(second, Accepted("0Af1"), SOON)
    assert [(i.looks, i.quiet_looks) for i in (first, second, third)] == [(1, 1), (2, 2), (3, 0)]


def test_a_version_that_has_not_arrived_costs_no_send() -> None:
    waiting = order(Method.VERSION)
    for _ in range(3 * MAX_SENDS):
        waiting, effects = advance(waiting, NotReady("PACKAGE_UNAVAILABLE", NOT_YET), SOON)
        assert effects == ()
    assert (waiting.state, waiting.sends, waiting.said) == (State.REQUESTED, 0, NOT_YET)
    late = NOON + timedelta(hours=2)
    assert advance(waiting, NotReady("PACKAGE_UNAVAILABLE", NOT_YET), late)[0].state is (
        State.TIMED_OUT
    )


def test_a_refusal_passes_by_its_code_too() -> None:
    moved, effects = advance(order(Method.VERSION), Refused("UNABLE_TO_LOCK_ROW", "locked"), SOON)
    assert (moved.state, moved.sends, effects) == (State.REQUESTED, 1, ())


def test_what_is_there_already_is_only_looked_at() -> None:
    seen = Settled("The newer version 2.0 is in place.", "newer")
    moved, effects = advance(order(), seen, SOON)
    assert (moved.state, moved.warning, effects) == (State.CHECKING, "newer", ())
    there, effects = advance(moved, Looked(version="2.0"), SOON)
    assert (there.state, there.version, there.warning) == (State.INSTALLED, "2.0", "newer")
    assert effects == (Installed(),)


def leaving(method: Method = Method.DEPLOY) -> Installation:
    return ordered(ID, CONNECTION, Order(method, kind=Kind.UNINSTALL), NOON)[0]


def test_an_uninstall_from_order_to_end() -> None:
    gone, effects = ordered(ID, CONNECTION, Order(Method.DEPLOY, kind=Kind.UNINSTALL), NOON)
    assert (gone.state, step_of(gone), effects) == (State.REQUESTED, Step.SEND, (Leaving(),))
    gone, effects = advance(gone, Accepted("0Af1"), SOON)
    assert (gone.state, step_of(gone), effects) == (State.UNINSTALLING, Step.STATUS, ())
    gone, effects = advance(gone, Progress(Reported.IN_PROGRESS), NOON + timedelta(minutes=6))
    assert (gone.state, effects) == (State.TAKING_LONG, ())
    gone, effects = advance(gone, Progress(Reported.SUCCESS), NOON + timedelta(minutes=7))
    assert (gone.state, step_of(gone), effects) == (State.CHECKING, Step.LOOK, ())
    gone, effects = advance(gone, Looked(), NOON + timedelta(minutes=8))
    assert (gone.state, gone.said, effects) == (
        State.CHECKING,
        "The fields are still there.",
        (),
    )
    gone, effects = advance(gone, MISSING, NOON + timedelta(minutes=9))
    assert (gone.state, step_of(gone), effects) == (State.UNINSTALLED, None, (Uninstalled(),))


def test_an_uninstall_that_is_refused_says_why() -> None:
    moved, _ = advance(leaving(), Accepted("0Af1"), SOON)
    moved, effects = advance(moved, Progress(Reported.ERROR, "referenced elsewhere"), SOON)
    assert (moved.state, moved.ended_in) == (State.FAILED, State.UNINSTALLING)
    assert effects == (Failed("referenced elsewhere"),)


@pytest.mark.parametrize(
    "state",
    [
        State.REQUESTED,
        State.INSTALLING,
        State.TAKING_LONG,
        State.CHECKING,
        State.WAITING_FOR_ADMIN,
    ],
)
def test_a_resume_goes_on_where_the_deadline_was(state: State) -> None:
    late = NOON + timedelta(hours=1)
    ended, _ = advance(at(state), Unreachable("no answer"), late)
    assert (ended.state, ended.ended_in) == (State.TIMED_OUT, state)
    again = late + timedelta(days=1)
    going, effects = resumed(ended, again)
    assert (going.id, going.state, going.request_id) == (ended.id, state, "0Af1")
    assert (going.deadline, going.since) == (again + timedelta(hours=1), again)
    assert (going.ended_in, going.quiet_looks, effects) == (None, 0, (Started(),))


def test_a_resume_before_the_start_tells_nothing_yet() -> None:
    ended, _ = advance(order(), Unreachable("?"), NOON + timedelta(hours=1))
    going, effects = resumed(ended, NOON + timedelta(hours=2))
    assert (going.state, effects) == (State.REQUESTED, ())
    assert advance(going, Accepted("0Af1"), NOON + timedelta(hours=2))[1] == (Started(),)


def test_a_resumed_uninstall_pauses_the_sync_again() -> None:
    ended, _ = advance(leaving(), Unreachable("?"), NOON + timedelta(hours=1))
    assert resumed(ended, NOON + timedelta(hours=2))[1] == (Leaving(),)


@pytest.mark.parametrize("state", sorted(set(State) - {State.TIMED_OUT}))
def test_nothing_else_can_be_resumed(state: State) -> None:
    assert resumed(at(state), SOON) == (at(state), ())


def test_a_hold_lasts_a_week_at_most() -> None:
    held, now = at(State.INSTALLING), NOON
    while held.state is State.INSTALLING:
        now += timedelta(hours=12)
        assert now <= NOON + HELD_AT_MOST
        held, effects = advance(held, Held("no calls are left", 86_400.0), now)
    assert (held.state, now) == (State.TIMED_OUT, NOON + HELD_AT_MOST)
    assert effects == (Failed("The deadline passed. Last word: no calls are left"),)


@pytest.mark.parametrize(
    ("state", "kept"),
    [
        (State.INSTALLED, False),
        (State.FAILED, False),
        (State.TIMED_OUT, True),
        (State.REQUESTED, True),
    ],
)
def test_a_key_is_forgotten_once_it_cannot_be_needed(state: State, *, kept: bool) -> None:
    secret = Order(Method.VERSION, "04t1", sealed_password="v1.sealed")
    begun = ordered(ID, CONNECTION, secret, NOON)[0]
    ends: dict[State, tuple[State, Observation, datetime]] = {
        State.INSTALLED: (State.CHECKING, Looked(), SOON),
        State.FAILED: (State.REQUESTED, Refused("INSTALL_KEY_INVALID", "no"), SOON),
        State.TIMED_OUT: (State.REQUESTED, Unreachable("?"), NOON + timedelta(hours=2)),
        State.REQUESTED: (State.INSTALLING, Progress(Reported.ERROR, NOT_YET), SOON),
    }
    before, seen, now = ends[state]
    moved, _ = advance(replace(begun, state=before), seen, now)
    assert moved.state is state
    assert bool(moved.order.sealed_password) is kept
    assert "sealed" not in repr(begun)
