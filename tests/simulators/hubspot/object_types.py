"""The kinds of records that the portal has, and how paths may name them (facts: section 0)."""

from tests.simulators.hubspot.model import ObjectType

ENGAGEMENT_TRIO = ("hs_createdate", "hs_lastmodifieddate", "hs_object_id")

CONTACT = ObjectType(
    "0-1",
    "contact",
    "contacts",
    created="createdate",
    modified="lastmodifieddate",
    defaults=(
        "createdate",
        "email",
        "firstname",
        "hs_object_id",
        "lastmodifieddate",
        "lastname",
    ),
    required=(("email", "firstname", "lastname"),),
    searched=(
        "firstname",
        "lastname",
        "email",
        "phone",
        "hs_additional_emails",
        "fax",
        "mobilephone",
        "company",
    ),
)
COMPANY = ObjectType(
    "0-2",
    "company",
    "companies",
    created="createdate",
    modified="hs_lastmodifieddate",
    defaults=("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    required=(("name", "domain"),),
    searched=("website", "phone", "name", "domain"),
)
DEAL = ObjectType(
    "0-3",
    "deal",
    "deals",
    created="createdate",
    modified="hs_lastmodifieddate",
    defaults=(
        "amount",
        "closedate",
        "createdate",
        "dealname",
        "dealstage",
        "hs_lastmodifieddate",
        "hs_object_id",
        "pipeline",
    ),
    required=(("dealname",), ("dealstage",)),
    searched=("dealname", "pipeline", "dealstage", "description", "dealtype"),
)
TASK = ObjectType(
    "0-27",
    "task",
    "tasks",
    created="hs_createdate",
    modified="hs_lastmodifieddate",
    defaults=ENGAGEMENT_TRIO,
    required=(("hs_timestamp",),),
    searched=("hs_task_body", "hs_task_subject"),
)
NOTE = ObjectType(
    "0-46",
    "note",
    "notes",
    created="hs_createdate",
    modified="hs_lastmodifieddate",
    defaults=ENGAGEMENT_TRIO,
    required=(("hs_timestamp",),),
    searched=("hs_note_body",),
)

CALL = ObjectType(
    "0-48",
    "call",
    "calls",
    created="hs_createdate",
    modified="hs_lastmodifieddate",
    defaults=ENGAGEMENT_TRIO,
    required=(("hs_timestamp",),),
    searched=("hs_call_title", "hs_call_body"),
)
EMAIL_MESSAGE = ObjectType(
    "0-49",
    "email",
    "emails",
    created="hs_createdate",
    modified="hs_lastmodifieddate",
    defaults=ENGAGEMENT_TRIO,
    required=(("hs_timestamp",), ("hs_email_direction",)),
    searched=("hs_email_subject",),
)
MEETING = ObjectType(
    "0-47",
    "meeting",
    "meetings",
    created="hs_createdate",
    modified="hs_lastmodifieddate",
    defaults=ENGAGEMENT_TRIO,
    required=(("hs_timestamp", "hs_meeting_start_time"),),
    searched=("hs_meeting_title", "hs_meeting_body"),
)

OBJECT_TYPES = (CONTACT, COMPANY, DEAL, TASK, NOTE, CALL, EMAIL_MESSAGE, MEETING)
_BY_NAME = {
    name: kind for kind in OBJECT_TYPES for name in (kind.singular, kind.plural, kind.type_id)
}


def object_type(name: str) -> ObjectType | None:
    """The type called ``name`` (singular, plural or id, any case); None if there is none."""
    return _BY_NAME.get(name.lower())
