"""Requests to install, and what Salesforce says of them."""

from services.package_watcher.domain.editions import Edition, edition, newer_warning
from services.package_watcher.domain.model import Audience, Failure, NameConflict, Order
from services.package_watcher.domain.observation import (
    Accepted,
    NotReady,
    Observation,
    Progress,
    Refused,
    Reported,
    Settled,
)
from services.package_watcher.gateways.sight import granted
from shared.crm.salesforce import tooling as packages
from shared.crm.salesforce.client import SalesforceClient
from shared.crm.salesforce.metadata import DeployStatus, MetadataClient
from shared.crm.salesforce.tooling import InstallStatus, Security, ToolingClient

SECURITY: dict[Audience, Security] = {Audience.ADMINS: "None", Audience.ALL: "Full"}
"""Salesforce's own tools send None for "admins only" and Full for "all users" (facts: 5)."""

CONFLICTS: dict[NameConflict, packages.NameConflict] = {
    NameConflict.BLOCK: "Block",
    NameConflict.RENAME: "RenameMetadata",
}

UNAVAILABLE = frozenset(
    {
        "PACKAGE_UNAVAILABLE",
        "PACKAGE_UNAVAILABLE_CRC",
        "PACKAGE_UNAVAILABLE_ZIP",
        "UNINSTALL_IN_PROGRESS",
    }
)
"""A version that is still on its way to this org's instance, or one that is just leaving."""

LOCKED = frozenset({"INSTALL_KEY_REQUIRED", "INSTALL_KEY_INVALID"})
UNKNOWN_VERSION = "PACKAGE_VERSION_UNKNOWN"
"""Our word for a version that the org's instance has not heard of."""

FAILED_IN_THE_END = frozenset({"Failed", "Canceled", "FinalizingDeployFailed", "SucceededPartial"})
"""Words of deployments that came to nothing, whatever the flags beside them say (facts: 5.1)."""


async def send_version(tooling: ToolingClient, order: Order, password: str | None) -> Observation:
    """Asks Salesforce to install a version, once it has arrived at the org's instance.

    Nothing is sent when this version, or a newer one of its package, is installed already.
    """
    wanted = await tooling.package_version(order.version_id, password=password)
    if wanted is None:
        text = "The requested package doesn't yet exist or has been deleted."
        return Refused(UNKNOWN_VERSION, f"{text} Version {order.version_id}.")
    if wanted.validation in UNAVAILABLE:
        return NotReady(
            wanted.validation, f"This package is not yet available ({wanted.validation})."
        )
    if wanted.validation in LOCKED:
        return Refused(
            wanted.validation, f"Salesforce refuses the package version: {wanted.validation}."
        )
    settled = await _already(tooling, wanted)
    if settled is not None:
        return settled
    request_id = await tooling.install(
        order.version_id,
        SECURITY[order.audience],
        enable_remote_sites=order.third_party_access,
        name_conflict=CONFLICTS[order.name_conflict],
        password=password,
    )
    return Accepted(request_id)


async def _already(tooling: ToolingClient, wanted: packages.PackageVersion) -> Settled | None:
    installed = await tooling.installed_package(wanted.package_id)
    if installed is None:
        return None
    if installed.version_id[:15] == wanted.version_id[:15]:
        return Settled(f"Version {wanted.number} is installed already.")
    if edition(installed.version, wanted.number) is Edition.NEWER:
        text = f"The newer version {installed.version} is installed; nothing is downgraded."
        return Settled(text, newer_warning(installed.version, wanted.number))
    return None


async def send_source(
    client: SalesforceClient, metadata: MetadataClient, package: bytes, brought: str
) -> Observation:
    """Deploys the source, unless a newer one was deployed by a newer Causeway."""
    grant = await granted(client)
    if grant is not None and edition(grant.version, brought) is Edition.NEWER:
        text = f"The newer version {grant.version} is in place; nothing is downgraded."
        return Settled(text, newer_warning(grant.version, brought))
    return Accepted(await metadata.deploy(package))


async def version_status(tooling: ToolingClient, request_id: str) -> Progress:
    """How far the installation of a version is."""
    return _told(await tooling.install_status(request_id))


async def uninstall_status(tooling: ToolingClient, request_id: str) -> Progress:
    """How far the uninstall of a version is."""
    return _told(await tooling.uninstall_status(request_id))


async def deploy_status(metadata: MetadataClient, request_id: str) -> Progress:
    """How far a deployment is, with the components that Salesforce did not take."""
    status = await metadata.deploy_status(request_id)
    done, _, total = status.components
    failures = tuple(
        Failure(f"{failure.type} {failure.name}".strip(), failure.problem)
        for failure in status.failures
    )
    return Progress(_reported(status), "" if failures else _text(status), failures, done, total)


def _told(status: InstallStatus) -> Progress:
    return Progress(Reported(status.state), "; ".join(status.errors))


def _reported(status: DeployStatus) -> Reported:
    if status.state in FAILED_IN_THE_END:
        return Reported.ERROR
    if not status.done:
        return Reported.IN_PROGRESS
    return Reported.SUCCESS if status.success else Reported.ERROR


def _text(status: DeployStatus) -> str:
    return status.message or f"Salesforce calls the deployment {status.state}."
