"""Cadence, progress, hints: what a person sees."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.package_watcher.domain.advance import ordered, unordered
from services.package_watcher.domain.cadence import Cadence, next_look
from services.package_watcher.domain.hints import hint_for, todo_of, transient
from services.package_watcher.domain.model import Installation, Method, Order, Org, State
from services.package_watcher.domain.progress import install_link, percent
from tests.unit.package_watcher.fakes import NOON

ID = UUID("01890000-0000-7000-8000-000000000001")


def order(**changes: object) -> Installation:
    installation = ordered(ID, ID, Order(Method.DEPLOY), NOON)[0]
    return replace(installation, **changes)  # type: ignore[arg-type]


def test_the_pauses_grow_from_two_seconds_to_a_minute() -> None:
    pauses = [Cadence().pause(looks) for looks in range(10)]
    assert pauses[:4] == [2.0, 3.0, 4.5, 6.75]
    assert pauses[9] == 60.0
    assert Cadence().pause(100_000) == 60.0


def test_a_deployment_may_look_faster() -> None:
    assert [Cadence(0.1, 0.2).pause(looks) for looks in (0, 1, 2)] == pytest.approx(
        [0.1, 0.15, 0.2]
    )


@pytest.mark.parametrize("state", [State.INSTALLED, State.FAILED, State.TIMED_OUT])
def test_no_look_after_the_end(state: State) -> None:
    assert next_look(order(state=state), Cadence(), answered=True) is None


def test_the_first_look_without_an_order_is_repeated_only_without_an_answer() -> None:
    fresh = replace(unordered(ID, ID, NOON), looks=1)
    assert next_look(fresh, Cadence(), answered=True) is None
    assert next_look(fresh, Cadence(), answered=False) == timedelta(seconds=2)
    assert next_look(replace(fresh, looks=10), Cadence(), answered=False) is None


def test_a_named_time_is_kept_up_to_an_hour() -> None:
    assert next_look(order(wait=90.0), Cadence(), answered=False) == timedelta(seconds=90)
    assert next_look(order(wait=0.5), Cadence(), answered=False) == timedelta(seconds=2)
    assert next_look(order(wait=86_400.0), Cadence(), answered=False) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("changes", "seconds", "expected"),
    [
        ({}, 0, 5),
        ({"state": State.INSTALLING}, 0, 10),
        ({"state": State.INSTALLING}, 15, 45),
        ({"state": State.INSTALLING}, 9999, 80),
        ({"state": State.INSTALLING, "components": 6, "components_done": 3}, 9999, 45),
        ({"state": State.TAKING_LONG}, 300, 80),
        ({"state": State.CHECKING}, 20, 90),
        ({"state": State.INSTALLED}, 20, 100),
        ({"state": State.FAILED}, 20, 0),
    ],
)
def test_percent(changes: dict[str, object], seconds: float, expected: int) -> None:
    assert percent(order(**changes), NOON + timedelta(seconds=seconds)) == expected


def test_the_install_link_follows_the_environment() -> None:
    production = Org(ID, "00D1", "production", "0051")
    sandbox = Org(ID, "00D1", "sandbox", "0051")
    page = "salesforce.com/packaging/installPackage.apexp?p0=04t000000000001"
    assert install_link(production, "04t000000000001") == f"https://login.{page}"
    assert install_link(sandbox, "04t000000000001") == f"https://test.{page}"
    assert install_link(production, "") == ""


def test_hints_say_what_to_do() -> None:
    assert "Modify All Data" in hint_for("You need Modify Metadata to deploy")
    assert "Rename or remove it" in hint_for("Lead.Causeway_Key__c: Duplicate value found")
    assert hint_for("something new").startswith("Read what Salesforce says")


def test_what_passes_by_itself() -> None:
    assert transient("This package is not yet available. Wait a few minutes.")
    assert not transient("insufficient access rights on object id")


@pytest.mark.parametrize("state", [state for state in State if state is not State.INSTALLED])
def test_every_state_but_the_last_says_what_to_do(state: State) -> None:
    manual = state is State.WAITING_FOR_ADMIN
    assert bool(todo_of(state, "no")) is not manual


def test_nothing_is_left_to_do_at_the_end() -> None:
    assert todo_of(State.INSTALLED, "") == ""
