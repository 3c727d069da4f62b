"""Taking the package out of an org: our permission set from everybody, then the components."""

from services.package_watcher.domain.observation import Accepted, Observation, Settled
from services.package_watcher.gateways.sight import granted
from shared.crm.salesforce.client import SalesforceClient
from shared.crm.salesforce.metadata import MetadataClient
from shared.crm.salesforce.roots import DEFAULT_VERSION, data_root
from shared.crm.salesforce.soql import literal, select
from shared.crm.salesforce.tooling import ToolingClient
from shared.crm.transport import Transport

BATCH = 200
"""Records that one call may delete (facts: salesforce-api 2.6)."""


async def send_removal(
    client: SalesforceClient, metadata: MetadataClient, transport: Transport, package: bytes
) -> Observation:
    """Deploys the destructive changes. Deleting what is gone already is only a warning there."""
    await unassign(client, transport)
    return Accepted(await metadata.deploy(package))


async def send_uninstall(
    client: SalesforceClient, tooling: ToolingClient, transport: Transport, version_id: str
) -> Observation:
    """Asks Salesforce to uninstall whatever version of that package is installed."""
    wanted = await tooling.package_version(version_id)
    installed = await tooling.installed_package(wanted.package_id) if wanted else None
    if wanted is not None and installed is None:
        return Settled("The package is not installed any more.")
    await unassign(client, transport)
    return Accepted(await tooling.uninstall(installed.version_id if installed else version_id))


async def unassign(client: SalesforceClient, transport: Transport) -> None:
    """Takes our permission set from everybody: one that is assigned is not deleted.

    Assignments beyond the first BATCH stay; a small team of integration users has a handful, and
    the refusal that follows says what to do.
    """
    grant = await granted(client)
    if grant is None:
        return
    where = f"PermissionSetId = {literal(grant.id)}"
    rows = await client.query(select(("Id",), "PermissionSetAssignment", where))
    ids = [str(row["Id"]) for row in rows[:BATCH]]
    if ids:
        path = f"{data_root(DEFAULT_VERSION)}/composite/sobjects"
        params = [("ids", ",".join(ids)), ("allOrNone", "false")]
        await transport.request("DELETE", path, params=params)
