"""A timeline event as a finished task."""

from datetime import timedelta

from services.activity_sync.domain.timeline import NamedAt, Row, TimelineEvent, form_name, task_of
from tests.unit.activity_sync.tasks import NOON

EVENT = TimelineEvent("form:4711:101:1", "form_submission", "101", NOON)


def named(value: str, seconds: int) -> NamedAt:
    """An entry of the history, that many seconds after the event."""
    return NamedAt(value, NOON + timedelta(seconds=seconds))


def test_the_name_is_the_one_of_that_moment() -> None:
    history = [named("Later", 60), named("Demo", 0), named("Earlier", -60)]
    assert form_name(EVENT, history, "Later") == "Demo"


def test_a_name_that_was_set_a_moment_later_counts() -> None:
    assert form_name(EVENT, [named("Demo", 5), named("Earlier", -60)], None) == "Demo"
    assert form_name(EVENT, [named("Other", 6), named("Earlier", -60)], None) == "Earlier"


def test_without_a_fitting_history_the_present_name_has_to_do() -> None:
    assert form_name(EVENT, [named("Later", 60)], "Later") == "Later"
    assert form_name(EVENT, [named("", 0)], "Demo") == "Demo"
    assert form_name(EVENT, [], None) == "unknown form"


def test_the_task_is_done_and_says_when() -> None:
    assert task_of(EVENT, "Demo", Row()) == {
        "Subject": "HubSpot form submission: Demo",
        "Description": "Submitted in HubSpot at 2026-03-02 12:00 UTC.",
        "Status": "Completed",
        "Priority": "Normal",
        "ActivityDate": "2026-03-02",
    }


def test_a_long_name_is_cut_at_salesforces_limit() -> None:
    assert len(str(task_of(EVENT, "x" * 300, Row())["Subject"])) == 255


def test_the_row_of_the_table_says_type_subject_and_status() -> None:
    row = Row(task_type="Email", subject="{name} on {date}", status="Done")
    assert task_of(EVENT, "Demo", row) == {
        "Subject": "Demo on 2026-03-02",
        "Description": "Submitted in HubSpot at 2026-03-02 12:00 UTC.",
        "Status": "Done",
        "Priority": "Normal",
        "ActivityDate": "2026-03-02",
        "Type": "Email",
    }


def test_a_name_that_looks_like_a_placeholder_is_a_name() -> None:
    assert task_of(EVENT, "{date}{name}", Row(subject="{name}!"))["Subject"] == "{date}{name}!"
    assert task_of(EVENT, "Demo", Row(subject="{other} {name"))["Subject"] == "{other} {name"
