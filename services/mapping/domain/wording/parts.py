"""Settings that have one value each, the table of events, and the pairs of owners."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from services.mapping.domain.choices import Activities, Choices, InclusionList, TimelineRule
from services.mapping.domain.review import Part
from services.mapping.domain.timeline import BY_KEY, told_events
from services.mapping.domain.wording.changes import Change, change, from_to, matched, spoken
from services.mapping.domain.wording.labels import SUBJECTS, list_name

TABLES = frozenset({"pipelines", "timeline", "timeline_events"})
"""Compared row by row."""


def single_values(part: Part, before: Any, after: Any) -> Iterator[Change]:
    """The settings of one page that have one value."""
    for (where, old), (_, new) in zip(
        _flat(part.value, before), _flat(part.value, after), strict=True
    ):
        if old == new:
            continue
        subject = SUBJECTS[where]
        if where.endswith("inclusion_list"):
            text = f"{subject}: changed from {list_name(old)} to {list_name(new)}."
        else:
            text = from_to(f"{subject}:", old, new)
        yield change(part, where, text, old, new)


def _flat(where: str, value: Any) -> Iterator[tuple[str, Any]]:
    for field in fields(value):
        found, place = getattr(value, field.name), f"{where}.{field.name}"
        if field.name in TABLES:
            continue
        if is_dataclass(found) and not isinstance(found, InclusionList):
            yield from _flat(place, found)
        else:
            yield place, found


def events(before: Activities, after: Activities) -> Iterator[Change]:
    """The table of events; without one on a side, the kinds that cross over."""
    if not before.timeline or not after.timeline:
        yield from _told(before, after)
    if before.timeline and not after.timeline:
        return
    for old, new in matched(before.timeline, after.timeline, lambda rule: rule.event_type):
        yield from _event(old, new)


def _told(before: Activities, after: Activities) -> Iterator[Change]:
    """The kinds that cross over, or that they are told by a table now, or not any more."""
    where = "activities.timeline_events"
    old, new = sorted(told_events(before)), sorted(told_events(after))
    if old != new:
        subject = "HubSpot events that become Salesforce tasks:"
        text = from_to(subject, tuple(old), tuple(new))
        yield change(Part.ACTIVITIES, where, text, old, new)
    elif before.timeline and not after.timeline:
        text = "Table of events: removed; the same events cross over, with the usual texts."
        yield change(Part.ACTIVITIES, "activities.timeline", text, before.timeline, None)


def _event(old: TimelineRule | None, new: TimelineRule | None) -> Iterator[Change]:
    rule = new or old
    if rule is None:
        return
    where = f"activities.timeline[{rule.event_type}]"
    kind = BY_KEY.get(rule.event_type)
    subject = f"Event {kind.label if kind else rule.event_type}"
    if old is None or new is None:
        text = f"{subject}: {_row(rule)}" if old is None else f"{subject}: no row any more."
        yield change(Part.ACTIVITIES, where, text, old, new)
        return
    for name, label in (
        ("sync", "sync"),
        ("task_type", "task type"),
        ("subject", "subject"),
        ("status", "status"),
    ):
        here, there = getattr(old, name), getattr(new, name)
        if here != there:
            text = from_to(f"{subject}: {label}", here, there)
            yield change(Part.ACTIVITIES, f"{where}.{name}", text, here, there)


def _row(rule: TimelineRule) -> str:
    if not rule.sync:
        return "in the table, not synced."
    return f"becomes a task (type {spoken(rule.task_type)}, status {spoken(rule.status)})."


def owners(before: Choices, after: Choices) -> Iterator[Change]:
    """The pairs of owners, by the HubSpot owner's id."""
    for old, new in matched(before.owners, after.owners, lambda pair: pair.hubspot_owner_id):
        pair = new or old
        if pair is None:
            continue
        subject = f"HubSpot owner {pair.hubspot_owner_id}"
        if new is None:
            text = f"{subject}: not paired with user {pair.salesforce_user_id} any more."
        elif old is None:
            text = f"{subject}: paired with user {pair.salesforce_user_id}."
        else:
            users = (old.salesforce_user_id, new.salesforce_user_id)
            text = from_to(f"{subject}: Salesforce user", *users)
        yield change(Part.OWNERS, f"owners[{pair.hubspot_owner_id}]", text, old, new)


def budget(before: Choices, after: Choices) -> Iterator[Change]:
    """The calls of a day."""
    where, old, new = (
        "daily_salesforce_calls",
        before.daily_salesforce_calls,
        after.daily_salesforce_calls,
    )
    if old != new:
        here, there = (("no limit" if calls is None else calls) for calls in (old, new))
        yield change(Part.BUDGET, where, from_to(f"{SUBJECTS[where]}:", here, there), old, new)
