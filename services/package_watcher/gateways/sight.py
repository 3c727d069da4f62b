"""Whether the package is in place: judged by looking, as the connected user."""

from services.package_watcher.domain.observation import Looked, Observation, Refused
from shared.crm import writes
from shared.crm.salesforce.client import SalesforceClient
from shared.crm.salesforce.collections import Row
from shared.crm.salesforce.soql import literal

KEY_FIELD = "Causeway_Key__c"
OBJECTS = ("Contact", "Lead", "Task")
"""What has to carry the key. Looking stops at the first that does not: one call is enough."""

PERMISSION_SET = "Causeway_Integration"
ALREADY = "DUPLICATE_VALUE"
"""Salesforce's answer to an assignment that exists."""


async def look(client: SalesforceClient) -> Looked:
    """Whether the connected user can read and write the key field on every object."""
    for name in OBJECTS:
        field = (await client.describe(name)).fields.get(KEY_FIELD)
        if field is None:
            return Looked((name,), f"The connected user sees no field {KEY_FIELD} on {name}.")
        if not (field.createable and field.updateable):
            return Looked((name,), f"The connected user may not write {KEY_FIELD} on {name}.")
    return Looked()


async def assign_and_look(client: SalesforceClient, user_id: str) -> Observation:
    """Looks; where something is missing, assigns our permission set and looks once more.

    A deployed field is invisible to everyone until a permission set grants it (facts:
    salesforce-api 6). An assignment that exists is left as it is.
    """
    seen = await look(client)
    if seen.in_place:
        return seen
    found = await client.query(
        f"SELECT Id FROM PermissionSet WHERE Name = {literal(PERMISSION_SET)}"  # noqa: S608
    )
    if not found:
        return seen
    refused = await _assign(client, user_id, str(found[0]["Id"]))
    return refused or await look(client)


async def _assign(client: SalesforceClient, user_id: str, set_id: str) -> Refused | None:
    row = Row(set_id, {"AssigneeId": user_id, "PermissionSetId": set_id})
    result = (await client.create("PermissionSetAssignment", [row]))[set_id]
    if isinstance(result, writes.Written) or result.code == ALREADY or result.retriable:
        return None
    return Refused(
        result.code,
        f"The permission set {PERMISSION_SET} could not be assigned to the connected user: "
        f"{result.message} ({result.code})",
    )
