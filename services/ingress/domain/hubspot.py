"""HubSpot's webhook events in our words (facts: hubspot-api 10).

Nothing is sure about order or uniqueness, so an event is only a reason to look again. Events of
properties that no mapping has are left out, as the native integration does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from services.ingress.domain.news import FormSubmission, Interest, News, coalesce
from shared.kernel.records import ObjectType, RecordRef, Side

OBJECTS = {
    "contact": ObjectType.CONTACT,
    "company": ObjectType.COMPANY,
    "deal": ObjectType.DEAL,
    "0-1": ObjectType.CONTACT,
    "0-2": ObjectType.COMPANY,
    "0-3": ObjectType.DEAL,
    "0-27": ObjectType.TASK,
}
KINDS = {
    "creation": "created",
    "propertyChange": "updated",
    "associationChange": "updated",
    "deletion": "deleted",
    "privacyDeletion": "deleted",
    "restore": "restored",
    "merge": "merged",
}
FORM_PROPERTY = "recent_conversion_date"
"""HubSpot sets it to the moment of each form submission of a contact."""


@dataclass(frozen=True, slots=True)
class HubSpotEvent:
    """One element of a webhook's array, with what is used of it.

    After a merge, `object_id` is the survivor and `merged_ids` are the records that ended: both
    old ones, where HubSpot made a new one of them (facts: hubspot-api 3).
    """

    portal_id: str
    subscription_type: str
    object_id: str
    occurred_at_ms: int
    object_type_id: str = ""
    change_source: str = ""
    source_id: str = ""
    property_name: str = ""
    property_value: str = ""
    merged_ids: tuple[str, ...] = ()


def news_of(
    events: Iterable[HubSpotEvent],
    interest: Interest,
    app_id: str,
) -> tuple[tuple[News, ...], tuple[FormSubmission, ...]]:
    """What a delivery says of the records and people of one portal."""
    found = tuple(events)
    news = (_news(event, interest, app_id) for event in found)
    forms = {f.key: f for f in (_form(event) for event in found) if f is not None}
    kept = coalesce(item for item in news if item is not None)
    return kept, tuple(forms.values()) if interest.form_submissions else ()


def _news(event: HubSpotEvent, interest: Interest, app_id: str) -> News | None:
    noun, _, verb = event.subscription_type.partition(".")
    object_type = OBJECTS.get(event.object_type_id if noun == "object" else noun)
    kind = KINDS.get(verb)
    if object_type is None or kind is None or not event.object_id:
        return None
    if not _wanted(event, object_type, verb, interest):
        return None
    return News(
        ref=RecordRef(object_type, Side.HUBSPOT, event.object_id),
        kind=kind,
        occurred_at=datetime.fromtimestamp(event.occurred_at_ms / 1000, UTC),
        ours=_ours(event, app_id),
        values={event.property_name: event.property_value} if event.property_name else {},
        merged_ids=event.merged_ids,
    )


def _wanted(event: HubSpotEvent, object_type: ObjectType, verb: str, interest: Interest) -> bool:
    if object_type is ObjectType.TASK and not interest.hubspot_tasks:
        return False
    if verb != "propertyChange":
        return object_type is ObjectType.TASK or object_type in interest.hubspot
    return event.property_name in interest.hubspot.get(object_type, frozenset())


def _ours(event: HubSpotEvent, app_id: str) -> bool | None:
    if not event.change_source or not app_id:
        return None
    return event.change_source == "INTEGRATION" and event.source_id == app_id


def _form(event: HubSpotEvent) -> FormSubmission | None:
    noun, _, verb = event.subscription_type.partition(".")
    contact = OBJECTS.get(event.object_type_id if noun == "object" else noun) is ObjectType.CONTACT
    if not contact or verb != "propertyChange" or event.property_name != FORM_PROPERTY:
        return None
    if not event.property_value:
        return None
    return FormSubmission(
        contact_id=event.object_id,
        occurred_at=datetime.fromtimestamp(event.occurred_at_ms / 1000, UTC),
        key=f"form:{event.portal_id}:{event.object_id}:{event.property_value}",
    )
