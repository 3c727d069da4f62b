"""The daily look: what of the package is not in place any more (seven API calls at most)."""

from collections.abc import Sequence

from services.package_watcher.domain.presence import Checked, Presence
from services.package_watcher.gateways.sight import (
    KEY_FIELD,
    OBJECTS,
    PERMISSION_SET,
    Gap,
    Grant,
    assign,
    gaps,
    granted,
)
from shared.crm.salesforce.client import SalesforceClient
from shared.crm.salesforce.tooling import InstalledPackage, ToolingClient

EVERYTHING = (*OBJECTS, "Account", "Opportunity")
"""All objects that the package puts a key on; which of them are needed, the settings say."""


async def check_up(
    client: SalesforceClient, tooling: ToolingClient, presence: Presence, user_id: str
) -> Checked:
    """What is missing, seen with the connected user's eyes.

    Another user than the one who saw the package last is given the permission set first: an
    admin who connects another user means that one to go on. Nobody else is given anything.
    """
    found = await gaps(client, EVERYTHING)
    grant = await granted(client)
    if found and grant is not None and presence.user_id != user_id:
        refused = await assign(client, user_id, grant)
        if refused is not None:
            return _told(found, grant, more=refused.text)
        found = await gaps(client, EVERYTHING)
    return await _with_package(tooling, presence, _told(found, grant))


async def _with_package(tooling: ToolingClient, presence: Presence, told: Checked) -> Checked:
    """The same, with what is known of the package version that it came by."""
    if not presence.version_id:
        return told
    known = await tooling.package_version(presence.version_id)
    if known is None or not known.package_id:
        return told
    installed = await tooling.installed_package(known.package_id)
    return _packaged(told, known.package_id, installed)


def _packaged(told: Checked, package_id: str, installed: InstalledPackage | None) -> Checked:
    if installed is not None:
        return Checked(told.missing, told.objects, told.text, told.version, installed.version_id)
    text = f"The package {package_id} is not installed any more."
    return Checked(
        (*told.missing, f"Package {package_id}"),
        told.objects,
        f"{told.text} {text}".strip(),
        told.version,
    )


def _told(found: Sequence[Gap], grant: Grant | None, *, more: str = "") -> Checked:
    missing = [f"{gap.object_name}.{KEY_FIELD}" for gap in found]
    texts = [gap.text for gap in found]
    if grant is None:
        missing.append(f"PermissionSet {PERMISSION_SET}")
        texts.append(f"The org has no permission set {PERMISSION_SET}.")
    return Checked(
        tuple(missing),
        tuple(gap.object_name for gap in found),
        " ".join([*texts, more]).strip(),
        grant.version if grant else "",
    )
