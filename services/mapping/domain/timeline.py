"""The timeline table: every kind of HubSpot event, and the Salesforce task that it becomes.

The kinds are those of facts native 6.2; their labels, task types and subjects are ours, as the
native integration has none that can be chosen.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from services.mapping.domain.choices import Activities, TimelineRule
from services.mapping.domain.model import Catalogue, Option

TASK = "Task"
SUBJECT_LIMIT = 255
"""Salesforce's Task.Subject."""

PLACEHOLDERS = ("{name}", "{date}")
FORM = "form_submission"
HUBSPOT_TASK = "task_created"
DELIVERED = frozenset({FORM})
"""What ingress hears of today (TimelineEventRecorded.kind)."""


@dataclass(frozen=True, slots=True)
class EventType:
    """One kind of event; `task_type` is the Task.Type that fits it, where the org has it."""

    key: str
    label: str
    subject: str
    task_type: str = ""


EVENT_TYPES = (
    EventType(FORM, "Form submission", "HubSpot form submission: {name}"),
    EventType(
        "marketing_email_sent", "Marketing e-mail sent", "HubSpot e-mail sent: {name}", "Email"
    ),
    EventType(
        "marketing_email_opened",
        "Marketing e-mail opened",
        "HubSpot e-mail opened: {name}",
        "Email",
    ),
    EventType(
        "marketing_email_clicked",
        "Marketing e-mail clicked",
        "HubSpot e-mail clicked: {name}",
        "Email",
    ),
    EventType("sales_email_sent", "Sales e-mail sent", "E-mail sent: {name}", "Email"),
    EventType("sales_email_opened", "Sales e-mail opened", "E-mail opened: {name}", "Email"),
    EventType("sales_email_clicked", "Sales e-mail clicked", "E-mail clicked: {name}", "Email"),
    EventType("meeting_scheduled", "Meeting scheduled", "HubSpot meeting: {name}", "Meeting"),
    EventType("call_made", "Call made", "HubSpot call: {name}", "Call"),
    EventType("note_created", "Note created", "HubSpot note: {name}"),
    EventType("document_viewed", "Sales content viewed", "Viewed in HubSpot: {name}"),
    EventType(HUBSPOT_TASK, "Task created", "HubSpot task: {name}"),
    EventType("integration_event", "Event of another integration", "{name}"),
)
BY_KEY = {kind.key: kind for kind in EVENT_TYPES}


def default_table(catalogue: Catalogue) -> tuple[TimelineRule, ...]:
    """Every kind, with what fits this org; only what ingress delivers is ticked."""
    types = {option.value for option in options_of(catalogue, "Type")}
    return tuple(
        TimelineRule(
            event_type=kind.key,
            sync=kind.key in DELIVERED,
            task_type=kind.task_type if kind.task_type in types else "",
            subject=kind.subject,
        )
        for kind in EVENT_TYPES
    )


def options_of(catalogue: Catalogue, field: str) -> tuple[Option, ...]:
    """The choices of a field of Salesforce's tasks that are offered; none when it is not seen."""
    found = catalogue.fields(TASK).get(field)
    return () if found is None else tuple(o for o in found.options if not o.hidden)


def told_events(activities: Activities) -> tuple[str, ...]:
    """The kinds of events that cross over, for readers that know no table."""
    if not activities.timeline:
        return activities.timeline_events
    return tuple(rule.event_type for rule in activities.timeline if rule.sync)


def unknown_placeholders(subject: str) -> Iterator[str]:
    """What a subject has in braces that is none of the placeholders."""
    for part in subject.split("{")[1:]:
        found = "{" + part.partition("}")[0] + "}"
        if found not in PLACEHOLDERS:
            yield found
