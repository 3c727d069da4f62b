"""Problems of the timeline table, its defaults, and what it tells readers without a table."""

import pytest

from services.mapping.domain.choices import Activities, Choices, TimelineRule
from services.mapping.domain.timeline import (
    DELIVERED,
    EVENT_TYPES,
    default_table,
    told_events,
    unknown_placeholders,
)
from shared.contracts.ingress import TimelineEventRecorded
from tests.unit.mapping.catalogues import ordinary
from tests.unit.mapping.review.samples import full, problems, told

FORM = TimelineRule("form_submission")


def table(*rules: TimelineRule, tasks: bool = False) -> Choices:
    return Choices(activities=Activities(hubspot_tasks_to_salesforce=tasks, timeline=rules))


def test_the_default_table_has_every_kind_and_no_problem() -> None:
    rules = default_table(full())
    assert [rule.event_type for rule in rules] == [kind.key for kind in EVENT_TYPES]
    assert len(rules) == 13
    assert [rule.event_type for rule in rules if rule.sync] == ["form_submission"]
    types = {rule.event_type: rule.task_type for rule in rules}
    assert (types["call_made"], types["meeting_scheduled"]) == ("Call", "Meeting")
    assert types["sales_email_sent"] == ""
    assert problems(table(*rules, tasks=True)) == ()


def test_what_is_delivered_is_what_ingress_can_tell() -> None:
    kinds = TimelineEventRecorded.model_fields["kind"].annotation
    assert frozenset(getattr(kinds, "__args__", ())) == DELIVERED


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (FORM, []),
        (TimelineRule("form_submission", task_type="Other", subject="{name} {date}"), []),
        (
            TimelineRule("page_view"),
            [("timeline-row", "error", "activities.timeline[0].event_type")],
        ),
        (
            TimelineRule("form_submission", task_type="Fax"),
            [("timeline-row", "error", "activities.timeline[0].task_type")],
        ),
        (
            TimelineRule("form_submission", status="Old"),
            [("timeline-row", "error", "activities.timeline[0].status")],
        ),
        (
            TimelineRule("form_submission", status=""),
            [("timeline-row", "error", "activities.timeline[0].status")],
        ),
        (
            TimelineRule("form_submission", subject="Hi {first name}"),
            [("timeline-row", "error", "activities.timeline[0].subject")],
        ),
        (
            TimelineRule("form_submission", subject="x" * 256),
            [("timeline-row", "error", "activities.timeline[0].subject")],
        ),
        (
            TimelineRule("call_made"),
            [("event-not-delivered", "warning", "activities.timeline[0].sync")],
        ),
        (TimelineRule("call_made", sync=False, task_type="Fax", status="?", subject="{x}"), []),
    ],
)
def test_a_row(rule: TimelineRule, expected: list[tuple[str, str, str]]) -> None:
    assert told(problems(table(rule))) == expected


def test_a_kind_has_one_row() -> None:
    assert told(problems(table(FORM, TimelineRule("form_submission", sync=False)))) == [
        ("timeline-row", "error", "activities.timeline[1].event_type")
    ]


def test_hubspot_tasks_come_over_once() -> None:
    rule = TimelineRule("task_created")
    found = told(problems(table(rule, tasks=True)))
    assert ("timeline-row", "error", "activities.hubspot_tasks_to_salesforce") in found
    assert [one[0] for one in told(problems(table(rule)))] == ["event-not-delivered"]


def test_tasks_that_were_never_read_are_not_judged() -> None:
    rule = TimelineRule("form_submission", task_type="Fax", status="Any")
    choices = Choices(activities=Activities(timeline=(rule,)))
    assert problems(choices, ordinary()) == ()


def test_readers_without_a_table_are_told_what_it_ticks() -> None:
    assert told_events(Activities(timeline_events=("a",))) == ("a",)
    rules = (FORM, TimelineRule("call_made", sync=False))
    assert told_events(Activities(timeline_events=("a",), timeline=rules)) == ("form_submission",)


@pytest.mark.parametrize(
    ("subject", "unknown"),
    [
        ("", []),
        ("{name} on {date}", []),
        ("{Name}", ["{Name}"]),
        ("open { brace", ["{ brace}"]),
        ("{{name}}", ["{}"]),
    ],
)
def test_what_stands_in_braces(subject: str, unknown: list[str]) -> None:
    assert [*unknown_placeholders(subject)] == unknown
