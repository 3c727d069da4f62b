"""The org itself: its limits, the API versions that it has, and who we are in it."""

from dataclasses import dataclass

from shared.crm.answers import list_of, member, object_of, text
from shared.crm.salesforce.ids import id18
from shared.crm.transport import Transport

USERINFO = "/services/oauth2/userinfo"


@dataclass(frozen=True, slots=True)
class OrgLimit:
    """One limit of the org; `remaining` lags behind."""

    max: int
    remaining: int


@dataclass(frozen=True, slots=True)
class ApiVersion:
    """An API version that the org serves, as in `66.0`."""

    version: str
    label: str


@dataclass(frozen=True, slots=True)
class Identity:
    """The connected user, and the org that it belongs to (18-character ids)."""

    user_id: str
    organization_id: str
    username: str
    language: str


async def read_limits(transport: Transport, root: str) -> dict[str, OrgLimit]:
    """See SalesforceClient.limits."""
    body = object_of(await transport.request("GET", f"{root}/limits"))
    found = {name: member(body, name) for name in body}
    return {
        name: OrgLimit(max=limit["Max"], remaining=limit["Remaining"])
        for name, limit in found.items()
        if isinstance(limit.get("Max"), int) and isinstance(limit.get("Remaining"), int)
    }


async def read_versions(transport: Transport) -> list[ApiVersion]:
    """See SalesforceClient.versions."""
    found = list_of(await transport.request("GET", "/services/data/"))
    return [ApiVersion(text(one, "version"), text(one, "label")) for one in found]


async def read_identity(transport: Transport) -> Identity:
    """See SalesforceClient.identity."""
    body = object_of(await transport.request("GET", USERINFO))
    return Identity(
        user_id=id18(text(body, "user_id")),
        organization_id=id18(text(body, "organization_id")),
        username=text(body, "preferred_username"),
        language=text(body, "language"),
    )
