"""What the users of the org may do at all (facts: sections 1.9, 2.10, 5 and 5.1)."""

from collections.abc import Mapping

from tests.simulators.salesforce.errors import SalesforceError
from tests.simulators.salesforce.switches import Switches

API = "ApiEnabled"
MODIFY_ALL = "ModifyAllData"
MODIFY_METADATA = "ModifyMetadata"
INSTALL = "InstallPackaging"
VIEW_SETUP = "ViewSetup"
CUSTOMIZE = "CustomizeApplication"
ASSIGN = "AssignPermissionSets"
MANAGE_USERS = "ManageUsers"
APPROVE_APPS = "CanApproveUninstalledApps"
"""Approve Uninstalled Connected Apps. Reports say that no describe shows this one."""
ANY_CLIENT = "UseAnyApiClient"
"""Use Any API Client: only orgs with API Access Control know it."""
ADMIN_PROFILE = "Custom Administrator"
"""A profile of the customer's own, which approves no uninstalled apps (facts: section 1.9)."""
STANDARD_PROFILE = "Standard User"
SHOWN: Mapping[str, bool] = {
    API: True,
    ASSIGN: False,
    "AuthorApex": False,
    "BulkApiHardDelete": False,
    "ConvertLeads": True,
    CUSTOMIZE: False,
    "EditTask": True,
    INSTALL: False,
    "ManageProfilesPermissionsets": False,
    MANAGE_USERS: False,
    MODIFY_ALL: False,
    MODIFY_METADATA: False,
    "RunReports": True,
    "TransferAnyLead": False,
    "ViewAllData": False,
    VIEW_SETUP: True,
}
"""What is a column ``Permissions...``, and whether the standard profile has it."""
ADMIN_LACKS = frozenset({"BulkApiHardDelete"})
OFF_BY_SWITCH = frozenset({MODIFY_ALL, MODIFY_METADATA})
"""What the switch ``modify_metadata`` takes away."""
NO_API_EDITIONS = frozenset({"Team Edition", "Personal Edition", "Contact Manager Edition"})
ADDON_EDITION = "Professional Edition"
API_OFF = "API is not enabled for this Organization or Partner"
USER_API_OFF = "API is disabled for this User"


class Rights:
    """The rights of the org's users, by their profiles and the switches."""

    def __init__(self, *, switches: Switches, admin_id: str) -> None:
        self._switches = switches
        self._admin_id = admin_id

    def profile_of(self, user_id: str) -> str:
        """The name of a user's profile."""
        return ADMIN_PROFILE if user_id == self._admin_id else STANDARD_PROFILE

    def of_profile(self, profile: str) -> dict[str, bool]:
        """Every permission that has a column."""
        switches = self._switches
        missing = {one.removeprefix("Permissions") for one in switches.missing_permissions}
        if not switches.modify_metadata:
            missing |= OFF_BY_SWITCH
        admin = profile == ADMIN_PROFILE
        return {
            name: name not in missing and (name not in ADMIN_LACKS if admin else standard)
            for name, standard in SHOWN.items()
        }

    def has(self, user_id: str, *names: str) -> bool:
        """Whether a user has one of these permissions."""
        extra = {one.removeprefix("Permissions") for one in self._switches.extra_permissions}
        held = self.of_profile(self.profile_of(user_id))
        return any(name in extra or held.get(name, False) for name in names)

    def check_api(self, user_id: str) -> None:
        """SalesforceError when neither edition nor profile let the user call the API."""
        switches = self._switches
        without_addon = switches.edition == ADDON_EDITION and not switches.api_addon
        if switches.api_disabled or without_addon or switches.edition in NO_API_EDITIONS:
            raise SalesforceError(403, "API_DISABLED_FOR_ORG", API_OFF)
        if not self.has(user_id, API):
            raise SalesforceError(403, "API_CURRENTLY_DISABLED", USER_API_OFF)
