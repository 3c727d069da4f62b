"""The objects of Setup that an integration reads or assigns."""

from dataclasses import replace

from tests.simulators.salesforce.rights import SHOWN
from tests.simulators.salesforce.schema.eventing import EVENTING
from tests.simulators.salesforce.schema.fields import (
    Field,
    checkbox,
    choice,
    identity_fields,
    instant,
    long_text,
    lookup,
    read_only,
    required,
    system_fields,
    text,
    whole,
)
from tests.simulators.salesforce.schema.objects import ObjectType, object_type


def _id() -> Field:
    return identity_fields()[0]


def _permissions() -> list[Field]:
    return [read_only(checkbox(f"Permissions{name}")) for name in SHOWN]


PERMISSION_SET = object_type(
    "PermissionSet",
    "0PS",
    [
        _id(),
        replace(required(text("Name", 80)), name_field=True),
        required(text("Label", 80)),
        lookup("ProfileId", "Profile"),
        checkbox("IsOwnedByProfile"),
        checkbox("IsCustom", default=True),
        text("NamespacePrefix", 15),
        long_text("Description", 255),
        *_permissions(),
        *system_fields(),
    ],
    read_only=True,
    label="Permission Set",
)
PERMISSION_SET_ASSIGNMENT = object_type(
    "PermissionSetAssignment",
    "0Pa",
    [
        _id(),
        replace(required(lookup("PermissionSetId", "PermissionSet")), updateable=False),
        replace(required(lookup("AssigneeId", "User")), updateable=False),
        checkbox("IsActive", default=True),
        system_fields()[-1],
    ],
    label="Permission Set Assignment",
)
PROFILE = object_type(
    "Profile",
    "00e",
    [
        _id(),
        replace(required(text("Name", 255)), name_field=True),
        *_permissions(),
        *system_fields(),
    ],
    read_only=True,
)
USER_PERMISSION_ACCESS = object_type(
    "UserPermissionAccess",
    "",
    [_id(), *_permissions()],
    read_only=True,
    plural="User Permission Access",
    label="User Permission Access",
)
"""One row: what the user who asks may do."""
RECORD_TYPE = object_type(
    "RecordType",
    "012",
    [
        _id(),
        replace(required(text("Name", 80)), name_field=True),
        required(text("DeveloperName", 80)),
        text("NamespacePrefix", 15),
        text("Description", 255),
        required(text("SobjectType", 40)),
        checkbox("IsActive"),
        *system_fields(),
    ],
    read_only=True,
    label="Record Type",
)
EDITIONS = (
    "Team Edition",
    "Professional Edition",
    "Enterprise Edition",
    "Developer Edition",
    "Personal Edition",
    "Unlimited Edition",
    "Contact Manager Edition",
    "Base Edition",
)
ORGANIZATION = object_type(
    "Organization",
    "00D",
    [
        _id(),
        replace(required(text("Name", 80)), name_field=True),
        checkbox("IsSandbox"),
        choice("OrganizationType", EDITIONS, restricted=True),
        text("InstanceName", 5),
        text("NamespacePrefix", 15),
        text("LanguageLocaleKey", 40),
        text("DefaultLocaleSidKey", 40),
        instant("TrialExpirationDate"),
        text("TimeZoneSidKey", 40),
        *system_fields(),
    ],
    read_only=True,
)
VERSION = object_type(
    "SubscriberPackageVersion",
    "04t",
    [
        _id(),
        lookup("SubscriberPackageId", "SubscriberPackage"),
        text("Name", 80),
        text("InstallValidationStatus", 40),
        text("InstallationKey", 40),
        whole("MajorVersion"),
        whole("MinorVersion"),
        whole("PatchVersion"),
        whole("BuildNumber"),
        checkbox("IsBeta"),
        checkbox("IsManaged"),
        checkbox("IsPasswordProtected"),
        text("ReleaseState", 40),
    ],
)
PACKAGE = object_type(
    "SubscriberPackage", "033", [_id(), text("Name", 80), text("NamespacePrefix", 15)]
)
INSTALLED = object_type(
    "InstalledSubscriberPackage",
    "0A3",
    [
        _id(),
        lookup("SubscriberPackageId", "SubscriberPackage"),
        lookup("SubscriberPackageVersionId", "SubscriberPackageVersion"),
    ],
)
INSTALL_REQUEST = object_type(
    "PackageInstallRequest",
    "0Hf",
    [
        _id(),
        lookup("SubscriberPackageVersionKey", "SubscriberPackageVersion"),
        text("Status", 40),
        long_text("Errors"),
        text("NameConflictResolution", 40),
        text("SecurityType", 40),
        checkbox("EnableRss"),
        text("UpgradeType", 40),
        text("ApexCompileType", 40),
        text("PackageInstallSource", 40),
        text("SkipHandlers", 255),
        text("Password", 40),
        system_fields()[0],
    ],
)
UNINSTALL_REQUEST = object_type(
    "SubscriberPackageVersionUninstallRequest",
    "06y",
    [
        _id(),
        lookup("SubscriberPackageVersionId", "SubscriberPackageVersion"),
        text("Status", 40),
        system_fields()[0],
    ],
)
UNINSTALL_ERROR = object_type(
    "PackageVersionUninstallRequestError",
    "4v1",
    [
        _id(),
        lookup("ParentRequestId", "SubscriberPackageVersionUninstallRequest"),
        text("Message", 1024),
    ],
)
TOOLING: tuple[ObjectType, ...] = (
    VERSION,
    PACKAGE,
    INSTALLED,
    INSTALL_REQUEST,
    UNINSTALL_REQUEST,
    UNINSTALL_ERROR,
    *EVENTING,
)
"""Objects that only the tooling API knows."""
