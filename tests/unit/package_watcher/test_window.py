"""The machine of the window: every state, every answer, and the words for an admin."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.package_watcher.domain.model import Failure
from services.package_watcher.domain.observation import (
    Accepted,
    Held,
    Progress,
    Refused,
    Reported,
    Unreachable,
)
from services.package_watcher.domain.window import (
    Action,
    Change,
    Patched,
    Placed,
    Stale,
    Waiting,
    Window,
    WindowSeen,
    WindowState,
    WindowStep,
    advance_window,
    asked,
    window_step,
)
from services.package_watcher.domain.window_words import window_hint, window_todo
from tests.unit.package_watcher.fakes import NOON

ID = UUID(int=1)
CONNECTION = UUID(int=2)
LEAD = "Lead-Lead Layout"
CHANGES = (Change(LEAD, "+window"),)
SUCCESS = Progress(Reported.SUCCESS)


def ordered(action: Action = Action.ADD, *layouts: str) -> Window:
    return asked(ID, CONNECTION, action, layouts or (LEAD,), NOON)


def after(window: Window, *seen: WindowSeen) -> tuple[Window, Placed | None]:
    placed = None
    for one in seen:
        window, placed = advance_window(window, one, NOON)
    return window, placed


def test_an_addition_goes_its_way() -> None:
    window = ordered()
    steps = [window_step(window)]
    for seen in (Accepted("09S1"), Waiting(), Patched(CHANGES, "0Af1"), SUCCESS):
        window, placed = advance_window(window, seen, NOON)
        steps.append(window_step(window))
    assert steps == [
        WindowStep.RETRIEVE,
        WindowStep.PATCH,
        WindowStep.PATCH,
        WindowStep.STATUS,
        None,
    ]
    assert (window.state, window.changes) == (WindowState.ADDED, CHANGES)
    assert placed == Placed(Action.ADD, (LEAD,))


def test_a_preview_ends_with_the_changes_and_tells_nobody() -> None:
    window, placed = after(ordered(Action.PREVIEW), Accepted("09S1"), Patched(CHANGES))
    assert (window.state, window.changes, placed) == (WindowState.PREVIEWED, CHANGES, None)


def test_where_the_window_is_already_nothing_is_deployed() -> None:
    window, placed = after(ordered(), Accepted("09S1"), Patched((Change(LEAD, ""),)))
    assert (window.state, placed) == (WindowState.ADDED, Placed(Action.ADD, (LEAD,)))


def test_a_removal_where_there_is_no_layout_is_done_at_once() -> None:
    window, placed = after(ordered(Action.REMOVE), Patched(()))
    assert (window.state, placed) == (WindowState.REMOVED, Placed(Action.REMOVE, ()))


def test_a_layout_is_named_once() -> None:
    assert ordered(Action.ADD, LEAD, LEAD, "Contact-A").layouts == (LEAD, "Contact-A")


def test_a_stale_layout_is_read_again_but_not_for_ever() -> None:
    window = ordered()
    for _ in range(4):
        window, _placed = after(window, Accepted("09S1"), Stale("changed while patched."))
        assert (window.state, window.request_id) == (WindowState.ASKED, "")
    window, placed = after(window, Accepted("09S1"), Stale("changed while patched."))
    assert (window.state, placed) == (WindowState.FAILED, None)
    assert window.said == "changed while patched. That happened 5 times."
    assert "Order again when they are done" in window_todo(window)


def test_a_failed_deploy_says_what_salesforce_said() -> None:
    failures = (Failure("Layout Lead-Lead Layout", "no ExternalClientApplication named X found"),)
    window, placed = after(
        ordered(),
        Accepted("09S1"),
        Patched(CHANGES, "0Af1"),
        Progress(Reported.ERROR, failures=failures),
    )
    assert (window.state, window.failures, placed) == (WindowState.FAILED, failures, None)
    assert window.said == f"{failures[0].component}: {failures[0].problem}"
    assert "CAUSEWAY_SALESFORCE_APP_NAME" in window_todo(window)


@pytest.mark.parametrize(
    "seen",
    [
        Progress(Reported.ERROR, "UNABLE_TO_LOCK_ROW: unable to obtain exclusive access"),
        Refused("UNABLE_TO_LOCK_ROW", "unable to lock row"),
    ],
)
def test_a_busy_org_is_asked_again(seen: WindowSeen) -> None:
    window, _ = after(ordered(), Accepted("09S1"), Patched(CHANGES, "0Af1"), seen)
    assert window.state is WindowState.ASKED


def test_a_refusal_ends_it_in_any_state() -> None:
    for way in ((), (Accepted("1"),), (Accepted("1"), Patched(CHANGES, "2"))):
        window, placed = after(ordered(), *way, Refused("INSUFFICIENT_ACCESS", "no rights"))
        assert (window.state, window.said, placed) == (WindowState.FAILED, "no rights", None)


def test_silence_counts_against_the_deadline_and_a_hold_does_not() -> None:
    late = NOON + timedelta(hours=1)
    silent, _ = advance_window(ordered(), Unreachable("no answer", 5.0), late)
    assert (silent.state, silent.said) == (WindowState.FAILED, "The deadline passed. no answer")
    held, _ = advance_window(ordered(), Held("no calls left", 900.0), late)
    assert (held.state, held.wait) == (WindowState.ASKED, 900.0)
    assert held.deadline == late + timedelta(seconds=900, minutes=10)


def test_what_does_not_belong_changes_nothing() -> None:
    for early in (Waiting(), SUCCESS):
        assert after(ordered(), early)[0].state is WindowState.ASKED
    for late in (Accepted("x"), SUCCESS):
        window, _ = after(ordered(), Accepted("09S1"), late)
        assert (window.state, window.request_id) == (WindowState.RETRIEVING, "09S1")


def test_quiet_looks_are_counted_between_changes() -> None:
    window, _ = after(ordered(), Accepted("1"), Waiting(), Waiting())
    assert window.quiet_looks == 2
    assert after(window, Patched(CHANGES, "2"))[0].quiet_looks == 0


@pytest.mark.parametrize("state", list(WindowState))
def test_every_state_has_words(state: WindowState) -> None:
    todo = window_todo(replace(ordered(), state=state, said="?"))
    assert bool(todo) == (state is not WindowState.REMOVED)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("In field: externalClientApplication - no ExternalClientApplication named X", "API name"),
        ("Entity of type 'Layout' named 'Lead-X' cannot be found", "List the layouts again"),
        ("A layout was changed while Causeway patched it.", "nothing of theirs"),
        ("Salesforce pages can show https pages only", "CAUSEWAY_PUBLIC_URL"),
        ("use of the Metadata API requires ModifyMetadata (INSUFFICIENT_ACCESS)", "permission"),
        ("something else", "Read what Salesforce says"),
    ],
)
def test_a_hint_for_what_is_said(text: str, part: str) -> None:
    assert part in window_hint(text)
