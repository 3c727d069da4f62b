"""Whether the package is in place: judged by looking, as the connected user."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.package_watcher.domain.editions import version_in
from services.package_watcher.domain.observation import Looked, Observation, Refused
from shared.crm import writes
from shared.crm.errors import CrmFatalError
from shared.crm.salesforce.client import SalesforceClient
from shared.crm.salesforce.collections import Row
from shared.crm.salesforce.describe import ObjectDescribe
from shared.crm.salesforce.soql import literal, select

KEY_FIELD = "Causeway_Key__c"
OBJECTS = ("Contact", "Lead", "Task")
"""What has to carry the key before an installation counts as done."""

PERMISSION_SET = "Causeway_Integration"
ALREADY = "DUPLICATE_VALUE"
"""Salesforce's answer to an assignment that exists."""


@dataclass(frozen=True, slots=True)
class Gap:
    """What is wrong with the key of one object."""

    object_name: str
    text: str


@dataclass(frozen=True, slots=True)
class Grant:
    """Our permission set in the org. `version` is the package's own; empty in old ones."""

    id: str
    version: str


async def gaps(client: SalesforceClient, names: Sequence[str] = OBJECTS) -> tuple[Gap, ...]:
    """Where the connected user cannot read and write the key: one call for all objects."""
    described = await client.describes(names)
    found = ((name, _problem(name, described[name])) for name in names)
    return tuple(Gap(name, text) for name, text in found if text)


async def look(client: SalesforceClient) -> Looked:
    """Whether the connected user can read and write the key field on every object."""
    seen = _looked(await gaps(client))
    if not seen.in_place:
        return seen
    grant = await granted(client)
    return replace(seen, version=grant.version if grant else "")


async def granted(client: SalesforceClient) -> Grant | None:
    """Our permission set, None where the org has none."""
    where = f"Name = {literal(PERMISSION_SET)}"
    rows = await client.query(select(("Id", "Description"), "PermissionSet", where))
    if not rows:
        return None
    return Grant(str(rows[0]["Id"]), version_in(str(rows[0].get("Description") or "")))


async def assign_and_look(client: SalesforceClient, user_id: str) -> Observation:
    """Looks; where something is missing, assigns our permission set and looks once more.

    A deployed field is invisible to everyone until a permission set grants it (facts:
    salesforce-api 6). An assignment that exists is left as it is.
    """
    seen = _looked(await gaps(client))
    grant = await granted(client)
    if grant is None or seen.in_place:
        return replace(seen, version=grant.version if grant else "")
    refused = await assign(client, user_id, grant)
    if refused is not None:
        return refused
    return replace(_looked(await gaps(client)), version=grant.version)


async def assign(client: SalesforceClient, user_id: str, grant: Grant) -> Refused | None:
    """Gives the connected user our permission set; None when that worked or may still work."""
    row = Row(grant.id, {"AssigneeId": user_id, "PermissionSetId": grant.id})
    result = (await client.create("PermissionSetAssignment", [row]))[grant.id]
    if isinstance(result, writes.Written) or result.code == ALREADY or result.retriable:
        return None
    return Refused(
        result.code,
        f"The permission set {PERMISSION_SET} could not be assigned to the connected user: "
        f"{result.message} ({result.code})",
    )


def _looked(found: tuple[Gap, ...]) -> Looked:
    return Looked(tuple(gap.object_name for gap in found), " ".join(gap.text for gap in found))


def _problem(name: str, described: ObjectDescribe | CrmFatalError) -> str:
    if isinstance(described, CrmFatalError):
        return f"The connected user does not see the object {name} ({described.code})."
    field = described.fields.get(KEY_FIELD)
    if field is None:
        return f"The connected user sees no field {KEY_FIELD} on {name}."
    if not (field.createable and field.updateable):
        return f"The connected user may not write {KEY_FIELD} on {name}."
    return ""
