"""News of a record, before it becomes an event; and news of what a person did."""

from collections.abc import Iterable
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.kernel.records import ObjectType, RecordRef

KIND_STRENGTH = ("updated", "restored", "created", "merged", "deleted")
"""When several reports of one record come together, the strongest names the event."""


@dataclass(frozen=True, slots=True)
class News:
    """One record may differ from its base. `values` are as the CRM spells them."""

    ref: RecordRef
    kind: str
    occurred_at: datetime
    ours: bool | None = None
    salesforce_object: str = ""
    values: Map[str, object] = field(default_factory=dict)
    complete: bool = False
    merged_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormSubmission:
    """A person sent a form; `key` is the same for every report of the same submission."""

    contact_id: str
    occurred_at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class Interest:
    """Which changes matter for a connection: the mapped fields of each object type and side."""

    hubspot: Map[ObjectType, frozenset[str]] = field(default_factory=dict)
    salesforce: Map[str, tuple[str, ...]] = field(default_factory=dict)
    form_submissions: bool = True
    hubspot_tasks: bool = True
    salesforce_tasks: bool = True


def coalesce(news: Iterable[News]) -> tuple[News, ...]:
    """One piece of news a record, in the order in which the records first appear."""
    found: dict[RecordRef, News] = {}
    for item in news:
        known = found.get(item.ref)
        found[item.ref] = item if known is None else _together(known, item)
    return tuple(found.values())


def _together(first: News, second: News) -> News:
    strongest = max(first.kind, second.kind, key=KIND_STRENGTH.index)
    return replace(
        first,
        kind=strongest,
        occurred_at=max(first.occurred_at, second.occurred_at),
        ours=first.ours if first.ours == second.ours else False,
        values={**first.values, **second.values},
        complete=first.complete or second.complete,
        merged_ids=(*first.merged_ids, *second.merged_ids),
    )
