"""Problems of the timeline table (facts: native 6.2)."""

from collections.abc import Iterator, Sequence

from services.mapping.domain.choices import Choices, TimelineRule
from services.mapping.domain.model import Catalogue
from services.mapping.domain.review.found import Part, Problem, error, warning
from services.mapping.domain.timeline import (
    BY_KEY,
    DELIVERED,
    HUBSPOT_TASK,
    PLACEHOLDERS,
    SUBJECT_LIMIT,
    TASK,
    options_of,
    unknown_placeholders,
)


def activity_problems(choices: Choices, catalogue: Catalogue) -> Iterator[Problem]:
    """Of every row of the table, and of its rows together."""
    timeline = choices.activities.timeline
    yield from _twice(timeline)
    for index, rule in enumerate(timeline):
        where = f"activities.timeline[{index}]"
        if rule.event_type not in BY_KEY:
            yield _error(
                where + ".event_type",
                f"{rule.event_type} is no kind of HubSpot event.",
                f"Use {', '.join(BY_KEY)}.",
            )
        elif rule.sync:
            yield from _row(where, rule, catalogue)
            yield from _delivered(where, rule)
    yield from _tasks_twice(choices)


def _twice(timeline: Sequence[TimelineRule]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, rule in enumerate(timeline):
        if first.setdefault(rule.event_type, index) != index:
            yield _error(
                f"activities.timeline[{index}].event_type",
                f"{rule.event_type} has a row already, timeline[{first[rule.event_type]}].",
                "Remove one of the two.",
            )


def _row(where: str, rule: TimelineRule, catalogue: Catalogue) -> Iterator[Problem]:
    unknown = [*unknown_placeholders(rule.subject)]
    if unknown:
        yield _error(
            where + ".subject",
            f"The subject holds {', '.join(unknown)}, which stands for nothing.",
            f"Use {' and '.join(PLACEHOLDERS)}.",
        )
    if len(rule.subject) > SUBJECT_LIMIT:
        yield _error(
            where + ".subject",
            f"The subject has {len(rule.subject)} characters.",
            f"Salesforce takes {SUBJECT_LIMIT}.",
        )
    yield from _choice(where, "status", "Status", rule.status, catalogue)
    if rule.task_type:
        yield from _choice(where, "task_type", "Type", rule.task_type, catalogue)


def _choice(
    where: str, name: str, field: str, value: str, catalogue: Catalogue
) -> Iterator[Problem]:
    """A value of a picklist of the org's tasks; nothing is said of tasks that were never read."""
    if not catalogue.fields(TASK):
        return
    if field not in catalogue.fields(TASK):
        yield _error(
            f"{where}.{name}",
            f"The connected Salesforce user sees no field {field} on tasks.",
            "Give the user the field, or leave this empty.",
        )
        return
    offered = [option.value for option in options_of(catalogue, field)]
    if value not in offered:
        yield _error(
            f"{where}.{name}",
            f"{value or 'Nothing'} is no value of {field} on Salesforce's tasks.",
            f"Use one of: {', '.join(offered)}.",
        )


def _delivered(where: str, rule: TimelineRule) -> Iterator[Problem]:
    if rule.event_type not in DELIVERED:
        yield warning(
            "event-not-delivered",
            Part.ACTIVITIES,
            where + ".sync",
            what=f"{BY_KEY[rule.event_type].label} is ticked, but this version of Causeway does "
            "not hear of it: no task will be made.",
            fix="Untick it until a version that does, or go on knowing this.",
        )


def _tasks_twice(choices: Choices) -> Iterator[Problem]:
    activities = choices.activities
    told = any(rule.sync and rule.event_type == HUBSPOT_TASK for rule in activities.timeline)
    if told and activities.hubspot_tasks_to_salesforce:
        yield _error(
            "activities.hubspot_tasks_to_salesforce",
            "HubSpot tasks would come to Salesforce twice: as tasks, and as the event that one was "
            "made.",
            f"Untick {HUBSPOT_TASK} in the table, or turn hubspot_tasks_to_salesforce off.",
        )


def _error(where: str, what: str, fix: str) -> Problem:
    return error("timeline-row", Part.ACTIVITIES, where, what=what, fix=fix)
