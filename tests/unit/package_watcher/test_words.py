"""Cadence, progress, hints: what a person sees."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.package_watcher.domain.cadence import Cadence, next_look
from services.package_watcher.domain.editions import Edition, edition, numbers, version_in
from services.package_watcher.domain.hints import DEFAULT_HINT, hint_for, transient
from services.package_watcher.domain.model import (
    Installation,
    Kind,
    Method,
    Order,
    Org,
    Seen,
    State,
)
from services.package_watcher.domain.orders import ordered, unordered
from services.package_watcher.domain.progress import StepState, install_link, percent, stages
from services.package_watcher.domain.todo import todo_of
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


@pytest.mark.parametrize(
    "state", [State.INSTALLED, State.UNINSTALLED, State.FAILED, State.TIMED_OUT]
)
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


@pytest.mark.parametrize(
    ("instance", "host"),
    [
        ("https://acme.my.salesforce.com", "acme.my.salesforce.com"),
        ("https://acme.my.salesforce.com/", "acme.my.salesforce.com"),
        ("https://acme--uat.sandbox.my.salesforce.com", "acme--uat.sandbox.my.salesforce.com"),
        ("https://na1.salesforce.com", "test.salesforce.com"),
        ("http://acme.my.salesforce.com", "test.salesforce.com"),
        ("https://evil.example/.my.salesforce.com.example", "test.salesforce.com"),
        ("", "test.salesforce.com"),
    ],
)
def test_the_install_link_names_the_orgs_own_domain(instance: str, host: str) -> None:
    org = Org(ID, "00D1", "sandbox", "0051", instance)
    assert install_link(org, "04t1") == f"https://{host}/packaging/installPackage.apexp?p0=04t1"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("This package is not yet available. Wait a few minutes.", "takes minutes to reach"),
        ("PACKAGE_UNAVAILABLE", "takes minutes to reach"),
        ("PACKAGE_UNAVAILABLE_CRC", "takes minutes to reach"),
        ("PACKAGE_UNAVAILABLE_ZIP", "takes minutes to reach"),
        ("InstalledPackage version number : 1.2 does not exist!", "takes minutes to reach"),
        ("The requested package doesn\u2019t yet exist or was deleted", "takes minutes to reach"),
        ("UNINSTALL_IN_PROGRESS", "uninstall of this package is under way"),
        ("unable to obtain exclusive access to this record", "Somebody else changed"),
        ("UNABLE_TO_LOCK_ROW", "Somebody else changed"),
        ("invalid cross reference id", "no package version of this id"),
        ("INVALID_CROSS_REFERENCE_KEY", "no package version of this id"),
        ("INSTALL_KEY_REQUIRED", "with its installation key"),
        ("INSTALL_KEY_INVALID", "not the one of this version"),
        ("MALFORMED_QUERY", "did not understand"),
        ("You need Modify Metadata to deploy", "Modify All Data"),
        ("requires a user with the ModifyAllData or ModifyMetadata permissions", "Modify All Data"),
        ("user lacks Download AppExchange Packages", "Customize Application"),
        ("INSUFFICIENT_ACCESS", "Assign Permission Sets"),
        ("rollbackOnError must be true in a production org", "all-or-nothing"),
        ("testLevel of NoTestRun cannot be used in production", "Apex tests"),
        ("Average test coverage across all Apex classes is 12%", "Apex tests"),
        ("Maximum size of request is 39 MB", "larger than Salesforce takes"),
        ("Salesforce calls the deployment Canceled.", "Somebody cancelled it"),
        ("Salesforce calls the deployment FinalizingDeployFailed.", "could not finish"),
        ("Salesforce calls the deployment SucceededPartial.", "could not finish"),
        ("app must be installed into org", "external client app"),
        ("API_DISABLED_FOR_ORG", "no API access"),
        ("API_CURRENTLY_DISABLED", "no API access"),
        ("Lead.Causeway_Key__c: Duplicate value found", "Rename or remove it"),
        ("In field: field - no CustomField named Task.X__c found", "edition does not have it"),
        ("You cannot deploy to a required field: Lead.Name", "no field permissions"),
        ("This custom field is referenced elsewhere in salesforce.com", "Where is this used"),
        ("Cannot delete a managed object", "installed package version"),
        ("The permission set is currently assigned", "still assigned to somebody"),
        ("something new", "Read what Salesforce says"),
    ],
)
def test_every_message_of_the_facts_has_a_hint(said: str, words: str) -> None:
    assert words in hint_for(said)
    assert (hint_for(said) == DEFAULT_HINT) is (said == "something new")


@pytest.mark.parametrize(
    "said",
    [
        "This package is not yet available. Wait a few minutes.",
        "InstalledPackage version number : 1.2 does not exist!",
        "The requested package doesn\u2019t yet exist or has been deleted.",
        "unable to obtain exclusive access to this record",
        "INVALID_CROSS_REFERENCE_KEY: invalid cross reference id",
    ],
)
def test_what_passes_by_itself(said: str) -> None:
    assert transient(said)


def test_what_stays() -> None:
    assert not transient("insufficient access rights on object id")
    assert not transient("no", "INSTALL_KEY_INVALID")
    assert transient("the record does not exist", "INVALID_CROSS_REFERENCE_KEY")


@pytest.mark.parametrize("state", [state for state in State if state is not State.INSTALLED])
def test_every_state_but_the_last_says_what_to_do(state: State) -> None:
    manual = state is State.WAITING_FOR_ADMIN
    assert bool(todo_of(order(state=state, said="no"))) is not manual


def test_nothing_is_left_to_do_at_the_end() -> None:
    assert todo_of(order(state=State.INSTALLED)) == ""


@pytest.mark.parametrize(
    ("method", "where"),
    [(Method.DEPLOY, "Deployment Status"), (Method.VERSION, "Installed Packages")],
)
def test_a_long_wait_says_that_nothing_needs_doing(method: Method, where: str) -> None:
    told = todo_of(order(state=State.TAKING_LONG, order=Order(method)))
    assert told.startswith("Nothing needs doing.")
    assert where in told
    out = todo_of(order(state=State.TAKING_LONG, order=Order(method, kind=Kind.UNINSTALL)))
    assert "taking the package out" in out


@pytest.mark.parametrize(
    ("found", "brought", "expected"),
    [
        ("1.0", "1.0", Edition.CURRENT),
        ("1.0.0.0", "1.0", Edition.CURRENT),
        ("1.0", "1.1", Edition.OLDER),
        ("1.9", "1.10", Edition.OLDER),
        ("2.0", "1.10", Edition.NEWER),
        ("1.0.0.2", "1.0.0.1", Edition.NEWER),
        ("", "1.0", Edition.UNKNOWN),
        ("1.0", "", Edition.UNKNOWN),
        ("1.x", "1.0", Edition.UNKNOWN),
        ("1.0.0.0.1", "1.0", Edition.UNKNOWN),
    ],
)
def test_older_and_newer(found: str, brought: str, expected: Edition) -> None:
    assert edition(found, brought) is expected


def test_numbers_are_filled_up() -> None:
    assert numbers("3.1") == (3, 1, 0, 0)
    assert numbers("\u0663") == ()


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("What it needs. Package version 1.0", "1.0"),
        ("Package version 12.3.0.4, by Causeway", "12.3.0.4"),
        ("Package version 1.2.3.4.5", ""),
        ("Lets the user read and write the key.", ""),
    ],
)
def test_the_version_is_read_from_the_description(description: str, expected: str) -> None:
    assert version_in(description) == expected


def steps_of(installation: Installation) -> list[tuple[str, str]]:
    return [(stage.name, stage.state.value) for stage in stages(installation)]


def test_the_steps_of_a_deploy() -> None:
    names = ["request", "salesforce_installs", "check_that_it_is_in_place"]
    states = {
        State.REQUESTED: ["current", "later", "later"],
        State.INSTALLING: ["done", "current", "later"],
        State.TAKING_LONG: ["done", "current", "later"],
        State.CHECKING: ["done", "done", "current"],
        State.INSTALLED: ["done", "done", "done"],
    }
    for state, expected in states.items():
        assert steps_of(order(state=state)) == list(zip(names, expected, strict=True))


def test_the_step_at_which_it_ended_is_marked() -> None:
    ended = order(state=State.TIMED_OUT, ended_in=State.TAKING_LONG)
    assert [state for _, state in steps_of(ended)] == ["done", "failed", "later"]
    failed = order(state=State.FAILED, ended_in=State.REQUESTED)
    assert [state for _, state in steps_of(failed)] == ["failed", "later", "later"]


def test_the_steps_of_other_orders() -> None:
    by_hand = order(state=State.WAITING_FOR_ADMIN, order=Order(Method.MANUAL))
    assert steps_of(by_hand) == [
        ("install_by_hand", "current"),
        ("check_that_it_is_in_place", "later"),
    ]
    out = order(state=State.UNINSTALLED, order=Order(Method.DEPLOY, kind=Kind.UNINSTALL))
    assert steps_of(out) == [
        ("request", "done"),
        ("salesforce_removes", "done"),
        ("check_that_it_is_gone", "done"),
    ]
    assert [state for _, state in steps_of(unordered(ID, ID, NOON))] == ["later", "later"]


def test_a_step_says_when_it_was_done() -> None:
    later = NOON + timedelta(seconds=9)
    history = (
        Seen("order", "ordered", "", State.REQUESTED, NOON, NOON),
        Seen("send", "accepted", "", State.INSTALLING, later, later),
    )
    first, second, _ = stages(order(state=State.INSTALLING, history=history))
    assert (first.state, first.done_at) == (StepState.DONE, later)
    assert (second.state, second.done_at) == (StepState.CURRENT, None)
