"""Values that HubSpot fills in itself. Pure."""

from collections.abc import Mapping
from sys import intern

from tests.simulators.hubspot.catalogue import LIFECYCLE_STAGES
from tests.simulators.hubspot.model import Origin, Record, Values
from tests.simulators.hubspot.object_types import CONTACT, DEAL, MEETING, TASK
from tests.simulators.hubspot.wire import iso

Closing = Mapping[str, bool]
"""Stages in which a deal is over -> whether it is won there."""


def at_creation(record: Record, given: Values, origin: Origin, closing: Closing) -> Values:
    """What a new record holds besides what its creator gave (facts: section 3, create)."""
    moment, own_id = iso(record.created_at), str(record.id)
    kind = record.type
    values = {
        "hs_object_id": own_id,
        "hs_object_source": origin.source,
        "hs_object_source_id": origin.source_id,
        "hs_object_source_label": origin.label,
        kind.created: moment,
        kind.modified: moment,
    }
    if kind is CONTACT:
        values |= {
            "hs_all_contact_vids": own_id,
            "hs_is_contact": "true",
            "hs_is_unworked": "true",
            "hs_pipeline": "contacts-lifecycle-pipeline",
            "lifecyclestage": "lead",
        }
        if given.get("lifecyclestage", "lead") == "lead":
            values["hs_lifecyclestage_lead_date"] = moment
    if kind is DEAL:
        values["pipeline"] = "default"
    if kind is TASK:
        values |= {"hs_task_status": "NOT_STARTED", "hs_task_type": "TODO"}
        values["hs_task_priority"] = "NONE"
    if kind is MEETING:
        values["hs_timestamp"] = given.get("hs_meeting_start_time", "")
    return {**values, **following(record, given, record.created_at, closing)}


def following(record: Record, changed: Values, now: int, closing: Closing) -> Values:
    """What follows from the properties that changed."""
    values: Values = {}
    if record.type is CONTACT and "email" in changed:
        values["hs_email_domain"] = intern(changed["email"].partition("@")[2])
    if changed.get("hubspot_owner_id"):
        values["hubspot_owner_assigneddate"] = iso(now)
    if record.type is TASK and "hs_task_status" in changed:
        done = changed["hs_task_status"] == "COMPLETED"
        values["hs_task_completion_date"] = iso(now) if done else ""
    if record.type is DEAL and "dealstage" in changed:
        values["hs_is_closed"] = str(changed["dealstage"] in closing).lower()
        values["hs_is_closed_won"] = str(closing.get(changed["dealstage"], False)).lower()
    return values


def moves_backwards(stage: str, wanted: str) -> bool:
    """Whether a lifecycle stage would go back; it does only after it was cleared."""
    if stage not in LIFECYCLE_STAGES or wanted not in LIFECYCLE_STAGES:
        return False
    return LIFECYCLE_STAGES.index(wanted) < LIFECYCLE_STAGES.index(stage)
