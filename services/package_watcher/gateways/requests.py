"""Requests to install, and what Salesforce says of them."""

from services.package_watcher.domain.model import Audience, Failure, Order
from services.package_watcher.domain.observation import (
    Accepted,
    Observation,
    Progress,
    Refused,
    Reported,
)
from shared.crm.salesforce.metadata import DeployStatus, MetadataClient
from shared.crm.salesforce.tooling import InstallStatus, Security, ToolingClient

SECURITY: dict[Audience, Security] = {Audience.ADMINS: "None", Audience.ALL: "Full"}
"""Salesforce's own tools send None for "admins only" and Full for "all users" (facts: 5)."""

UNAVAILABLE = frozenset(
    {
        "PACKAGE_UNAVAILABLE",
        "PACKAGE_UNAVAILABLE_CRC",
        "PACKAGE_UNAVAILABLE_ZIP",
        "UNINSTALL_IN_PROGRESS",
    }
)
"""A version that is still on its way to this org's instance (facts: 5)."""

LOCKED = frozenset({"INSTALL_KEY_REQUIRED", "INSTALL_KEY_INVALID"})


async def send_version(tooling: ToolingClient, order: Order) -> Observation:
    """Asks Salesforce to install a version, once it has arrived at the org's instance."""
    validation = await tooling.validation_status(order.version_id)
    if validation in UNAVAILABLE:
        return Refused(validation, f"This package is not yet available ({validation}).")
    if validation in LOCKED:
        return Refused(validation, f"Salesforce refuses the package version: {validation}.")
    request_id = await tooling.install(
        order.version_id,
        SECURITY[order.audience],
        enable_remote_sites=order.third_party_access,
    )
    return Accepted(request_id)


async def version_status(tooling: ToolingClient, request_id: str) -> Progress:
    """How far the installation of a version is."""
    status: InstallStatus = await tooling.install_status(request_id)
    return Progress(Reported(status.state), "; ".join(status.errors))


async def deploy_status(metadata: MetadataClient, request_id: str) -> Progress:
    """How far a deployment is, with the components that Salesforce did not take."""
    status = await metadata.deploy_status(request_id)
    done, _, total = status.components
    failures = tuple(
        Failure(f"{failure.type} {failure.name}".strip(), failure.problem)
        for failure in status.failures
    )
    return Progress(_reported(status), "" if failures else _text(status), failures, done, total)


def _reported(status: DeployStatus) -> Reported:
    if not status.done:
        return Reported.IN_PROGRESS
    return Reported.SUCCESS if status.success else Reported.ERROR


def _text(status: DeployStatus) -> str:
    return status.message or f"Salesforce calls the deployment {status.state}."
