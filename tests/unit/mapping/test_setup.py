from dataclasses import replace
from uuid import UUID

import pytest

from services.mapping.domain.setup import (
    Package,
    Setup,
    Sync,
    Visualforce,
    established,
    removed,
    steps,
    unfinished,
)

ID = UUID("01890000-0000-7000-8000-000000000001")
READY = Setup(
    ID,
    connected=True,
    org_id="00D1",
    package=Package.INSTALLED,
    visualforce=Visualforce.SKIPPED,
    version=1,
)


def states(setup: Setup) -> list[tuple[str, str]]:
    return [(step.name, step.state.value) for step in steps(setup)]


def test_a_new_connection_starts_with_connect() -> None:
    assert states(Setup(ID)) == [
        ("connect", "open"),
        ("package", "later"),
        ("visualforce", "later"),
        ("choice", "later"),
        ("review", "later"),
        ("finished", "later"),
    ]


def test_the_first_step_that_is_not_done_is_open() -> None:
    assert states(replace(READY, package=Package.INSTALLING)) == [
        ("connect", "done"),
        ("package", "open"),
        ("visualforce", "done"),
        ("choice", "done"),
        ("review", "later"),
        ("finished", "later"),
    ]


def test_everything_is_done_while_the_sync_runs_or_is_paused() -> None:
    for sync in (Sync.RUNNING, Sync.PAUSED):
        assert {state for _, state in states(replace(READY, sync=sync))} == {"done"}
        assert unfinished(replace(READY, sync=sync)) == ()


def test_the_review_is_all_that_is_left_before_the_start() -> None:
    assert unfinished(READY) == ()
    assert states(READY)[-2:] == [("review", "open"), ("finished", "later")]


@pytest.mark.parametrize(
    ("setup", "name", "todo"),
    [
        (replace(READY, connected=False), "connect", "Connect HubSpot and Salesforce"),
        (replace(READY, broken="HubSpot (revoked)"), "connect", "Connect again: HubSpot (revoked)"),
        (replace(READY, package=Package.WAITING), "package", "Install the Salesforce package"),
        (
            replace(READY, package=Package.FAILED, package_problem="no permission"),
            "package",
            "Install the package again. Last time: no permission",
        ),
        (replace(READY, visualforce=Visualforce.WAITING), "visualforce", "Decide about"),
        (replace(READY, version=0), "choice", "Choose the recommended settings"),
    ],
)
def test_every_step_says_what_to_do(setup: Setup, name: str, todo: str) -> None:
    [step] = unfinished(setup)
    assert step.name == name
    assert step.todo.startswith(todo)


def test_the_package_stays_when_the_same_org_is_connected_again() -> None:
    assert established(replace(READY, broken="x"), "00D1") == READY


def test_the_package_stays_when_its_news_came_before_the_connection() -> None:
    early = Setup(ID, package=Package.INSTALLED)
    assert established(early, "00D1").package is Package.INSTALLED


def test_another_org_needs_the_package_again() -> None:
    moved = established(READY, "00D2")
    assert (moved.package, moved.visualforce) == (Package.WAITING, Visualforce.WAITING)
    assert (moved.version, moved.connected) == (1, True)
    running = replace(READY, sync=Sync.RUNNING, published=1)
    assert established(running, "00D2").sync is Sync.NOT_STARTED
    assert established(running, "00D1").sync is Sync.RUNNING


def test_a_removed_connection_keeps_all_but_its_sync() -> None:
    running = replace(READY, sync=Sync.RUNNING, published=1, paused_for_package=True, broken="x")
    assert removed(running) == replace(
        READY, connected=False, sync=Sync.NOT_STARTED, published=1, broken=""
    )
