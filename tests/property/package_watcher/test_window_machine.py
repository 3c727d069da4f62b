"""Whatever Salesforce answers, and whenever: an order about the window ends, once, and stays so."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.package_watcher.domain.observation import (
    Accepted,
    Held,
    Progress,
    Refused,
    Reported,
    Unreachable,
)
from services.package_watcher.domain.window import (
    DEADLINE,
    DONE,
    ENDED,
    MAX_STARTS,
    Action,
    Change,
    Patched,
    Stale,
    Waiting,
    WindowSeen,
    WindowState,
    advance_window,
    asked,
    window_step,
)
from tests.unit.package_watcher.fakes import NOON

LEAD = "Lead-Lead Layout"
TEXTS = st.sampled_from(["no", "unable to lock row", "INVALID_FIELD", ""])
CHANGES = st.sampled_from([(), (Change(LEAD, ""),), (Change(LEAD, "+"),)])
SEEN = st.one_of(
    st.builds(Accepted, st.sampled_from(["09S1", "09S2"])),
    st.just(Waiting()),
    st.builds(Patched, CHANGES, st.sampled_from(["", "0Af1"])),
    st.builds(Stale, TEXTS),
    st.builds(Progress, st.sampled_from(list(Reported)), TEXTS),
    st.builds(Refused, TEXTS, TEXTS),
    st.builds(Unreachable, TEXTS, st.sampled_from([None, 5.0])),
    st.builds(Held, TEXTS, st.sampled_from([1.0, 900.0])),
)
STEPS = st.lists(st.tuples(SEEN, st.integers(0, 1200)), max_size=40)


@given(st.sampled_from(list(Action)), STEPS)
def test_an_end_is_told_once_and_stays(action: Action, steps: list[tuple[WindowSeen, int]]) -> None:
    window, now = asked(UUID(int=1), UUID(int=2), action, [LEAD], NOON), NOON
    told = []
    for seen, seconds in steps:
        now += timedelta(seconds=seconds)
        before = window
        window, placed = advance_window(window, seen, now)
        if placed is not None:
            told.append(placed)
        if before.state in ENDED:
            assert (window, placed) == (before, None)
        assert (window_step(window) is None) == (window.state in ENDED)
        assert window.starts <= MAX_STARTS
    done = window.state in {WindowState.ADDED, WindowState.REMOVED}
    assert len(told) == (1 if done else 0)
    if window.state in ENDED - {WindowState.FAILED}:
        assert window.state is DONE[action]


@given(STEPS)
def test_a_preview_never_deploys_of_itself(steps: list[tuple[WindowSeen, int]]) -> None:
    """It only would if a gateway said that it had deployed."""
    window, now = asked(UUID(int=1), UUID(int=2), Action.PREVIEW, [LEAD], NOON), NOON
    for seen, seconds in steps:
        now += timedelta(seconds=seconds)
        if not (isinstance(seen, Patched) and seen.request_id):
            window, placed = advance_window(window, seen, now)
            assert placed is None
            assert window.state is not WindowState.DEPLOYING


@given(STEPS)
def test_it_ends_by_its_deadline(steps: list[tuple[WindowSeen, int]]) -> None:
    window, now = asked(UUID(int=1), UUID(int=2), Action.ADD, [LEAD], NOON), NOON
    for seen, seconds in steps:
        now += timedelta(seconds=seconds)
        window, _ = advance_window(window, seen, now)
    later = max(now, window.deadline) + DEADLINE
    window, _ = advance_window(window, Waiting(), later)
    assert window.state in ENDED
