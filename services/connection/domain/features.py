"""What can be set up, and which rights each of it needs (facts: native 1.1, hubspot-api §1)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Feature(StrEnum):
    """One thing that an admin may want; a pre-flight asks only for what the chosen ones need."""

    CONTACTS = "contacts"
    COMPANIES = "companies"
    DEALS = "deals"
    ACTIVITIES = "activities"
    INCLUSION_LIST = "inclusion_list"
    WINDOW = "window"
    DEPLOYED_PACKAGE = "deployed_package"
    MANAGED_PACKAGE = "managed_package"


EVERY = frozenset(Feature)


@dataclass(frozen=True, slots=True)
class Right:
    """A permission of a Salesforce user: `field` of UserPermissionAccess, and who needs it."""

    field: str
    name: str
    features: frozenset[Feature]
    why: str


def _of(kind: str) -> tuple[str, ...]:
    return tuple(f"crm.{of}.{kind}.{verb}" for of in ("objects", "schemas") for verb in _VERBS)


_VERBS = ("read", "write")
HUBSPOT_SCOPES: Mapping[Feature, tuple[str, ...]] = {
    Feature.CONTACTS: (*_of("contacts"), "crm.objects.owners.read"),
    Feature.COMPANIES: _of("companies"),
    Feature.DEALS: _of("deals"),
    Feature.ACTIVITIES: ("crm.objects.contacts.read", "crm.objects.contacts.write"),
    Feature.INCLUSION_LIST: ("crm.lists.read",),
}
"""Tasks and other activities have no scopes of their own: those of contacts cover them."""

SALESFORCE_RIGHTS: tuple[Right, ...] = (
    Right(
        "PermissionsApiEnabled",
        "API Enabled",
        EVERY,
        "every call of Causeway is one to the API",
    ),
    Right(
        "PermissionsViewSetup",
        "View Setup and Configuration",
        EVERY,
        "Causeway reads the org's fields, users and packages",
    ),
    Right(
        "PermissionsModifyMetadata",
        "Modify Metadata Through Metadata API Functions",
        frozenset({Feature.WINDOW, Feature.DEALS, Feature.DEPLOYED_PACKAGE}),
        "the window changes page layouts, deals need stages, and a deployed package is metadata",
    ),
    Right(
        "PermissionsInstallPackaging",
        "Download AppExchange Packages",
        frozenset({Feature.MANAGED_PACKAGE}),
        "installing a package version (04t...) needs it",
    ),
)
"""UserPermissionAccess shows the rights of the user who asks, also to one without View Setup."""

SALESFORCE_OBJECTS: Mapping[Feature, tuple[str, ...]] = {
    Feature.CONTACTS: ("Contact", "Lead"),
    Feature.COMPANIES: ("Account",),
    Feature.DEALS: ("Opportunity",),
    Feature.ACTIVITIES: ("Task",),
}
SALESFORCE_FIELDS: Mapping[str, tuple[str, ...]] = {
    "Contact": ("LastName", "FirstName", "Email", "Phone", "AccountId", "OwnerId"),
    "Lead": ("LastName", "FirstName", "Email", "Phone", "Company", "Status", "OwnerId"),
    "Account": ("Name", "Website", "Phone", "OwnerId"),
    "Opportunity": ("Name", "StageName", "CloseDate", "Amount", "AccountId", "OwnerId"),
    "Task": ("Subject", "Status", "Priority", "ActivityDate", "Description", "WhoId", "OwnerId"),
}
"""What a sync cannot do without, or nearly; the rest is found when the mappings are reviewed."""


def rights_for(features: Collection[Feature]) -> tuple[Right, ...]:
    """The permissions that any of these features needs."""
    return tuple(right for right in SALESFORCE_RIGHTS if right.features & frozenset(features))


def objects_for(features: Collection[Feature]) -> dict[str, Feature]:
    """The Salesforce objects to be synced, each with the feature that needs it."""
    return {
        name: feature
        for feature in Feature
        if feature in features
        for name in SALESFORCE_OBJECTS.get(feature, ())
    }
