"""Which changes matter, from the published settings."""

from collections import defaultdict

from services.ingress.domain.news import Interest
from services.ingress.ports import Connection
from shared.contracts.settings import Settings
from shared.kernel.records import ObjectType

ALWAYS_HUBSPOT = {ObjectType.CONTACT: ("email",), ObjectType.COMPANY: ("name", "domain")}
ALWAYS_SALESFORCE = {"Contact": ("Email",), "Lead": ("Email",), "Account": ("Name", "Website")}
HUBSPOT_COMPANY, SALESFORCE_COMPANY = "associatedcompanyid", "AccountId"
"""The company that a contact belongs to."""

HUBSPOT_TASK_PROPERTIES = (
    "hs_task_subject",
    "hs_task_body",
    "hs_task_status",
    "hs_task_priority",
    "hs_timestamp",
)
TASK_FIELDS = ("Subject", "Description", "Status", "Priority", "ActivityDate", "WhoId")
"""What activity_sync carries over of a task on each side (facts: native 6.1)."""

POLLED_OBJECTS = {ObjectType.CONTACT: ("Contact", "Lead"), ObjectType.COMPANY: ("Account",)}


def interest_of(connection: Connection) -> Interest:
    """The mapped fields of each object type and side; nothing without settings."""
    if connection.settings is None:
        return Interest()
    settings = connection.settings
    activities = settings.activities
    hubspot, salesforce = _hubspot(settings), _salesforce(settings)
    if activities.hubspot_tasks_to_salesforce:
        hubspot[ObjectType.TASK] = frozenset(HUBSPOT_TASK_PROPERTIES)
    if activities.salesforce_tasks_to_hubspot:
        salesforce["Task"] = TASK_FIELDS
    return Interest(
        hubspot=hubspot,
        salesforce=salesforce,
        form_submissions="form_submission" in activities.timeline_events,
        hubspot_tasks=activities.hubspot_tasks_to_salesforce,
        salesforce_tasks=activities.salesforce_tasks_to_hubspot,
    )


def _synced(settings: Settings) -> tuple[ObjectType, ...]:
    """The types whose changes matter; people always do."""
    companies = (ObjectType.COMPANY,) if settings.companies.enabled else ()
    return (ObjectType.CONTACT, *companies)


def _hubspot(settings: Settings) -> dict[ObjectType, frozenset[str]]:
    names: dict[ObjectType, set[str]] = defaultdict(set)
    synced = _synced(settings)
    for mapping in settings.mappings:
        if mapping.object_type in synced:
            names[mapping.object_type].add(mapping.hubspot_property)
    for object_type in synced:
        names[object_type].update(ALWAYS_HUBSPOT[object_type])
    if ObjectType.COMPANY in synced:
        names[ObjectType.CONTACT].add(HUBSPOT_COMPANY)
    return {object_type: frozenset(found) for object_type, found in names.items()}


def _salesforce(settings: Settings) -> dict[str, tuple[str, ...]]:
    fields: dict[str, dict[str, None]] = {
        name: dict.fromkeys(ALWAYS_SALESFORCE[name])
        for object_type in _synced(settings)
        for name in POLLED_OBJECTS[object_type]
    }
    for mapping in settings.mappings:
        for name in mapping.salesforce_objects:
            if name in fields:
                fields[name][mapping.salesforce_field] = None
    if settings.companies.enabled:
        fields["Contact"][SALESFORCE_COMPANY] = None
    return {name: tuple(found) for name, found in fields.items()}
