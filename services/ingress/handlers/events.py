"""News in the shape of events."""

from uuid import UUID

from services.ingress.domain.news import FormSubmission, News
from services.ingress.ports import HashOf
from shared.contracts.ingress import (
    ChangeKind,
    CompanyChanged,
    ContactChanged,
    DealChanged,
    Origin,
    RecordChange,
    TaskChanged,
    TaskCreated,
    TimelineEventRecorded,
)
from shared.kernel.records import ObjectType
from shared.outbox.mail import Outgoing

CHANGED: dict[ObjectType, type[RecordChange]] = {
    ObjectType.CONTACT: ContactChanged,
    ObjectType.COMPANY: CompanyChanged,
    ObjectType.DEAL: DealChanged,
    ObjectType.TASK: TaskChanged,
}
ORIGINS = {True: Origin.OURS, False: Origin.OTHER, None: Origin.UNKNOWN}


def change_event(connection_id: UUID, news: News, hash_of: HashOf) -> Outgoing:
    """The event for one piece of news; values leave this service as keyed hashes only."""
    ref = news.ref
    task_created = ref.object_type is ObjectType.TASK and news.kind == "created"
    event_type = TaskCreated if task_created else CHANGED[ref.object_type]
    event = event_type(
        side=ref.side,
        record_id=ref.record_id,
        kind=ChangeKind(news.kind),
        origin=ORIGINS[news.ours],
        salesforce_object=news.salesforce_object,
        occurred_at=news.occurred_at,
        field_hashes={
            name: hash_of(connection_id, ref.side, ref.record_id, name, value)
            for name, value in news.values.items()
        },
        complete=news.complete,
        merged_ids=news.merged_ids,
    )
    return Outgoing(connection_id, f"{ref.object_type.value}/{ref.record_id}", event)


def form_event(connection_id: UUID, form: FormSubmission) -> Outgoing:
    """The event for one form submission."""
    event = TimelineEventRecorded(
        kind="form_submission",
        contact_id=form.contact_id,
        occurred_at=form.occurred_at,
        event_key=form.key,
    )
    return Outgoing(connection_id, f"contact/{form.contact_id}", event)
