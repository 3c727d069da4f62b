"""Owners: the people (and queues) that records can belong to (facts: hubspot-api 6)."""

from dataclasses import dataclass

from shared.crm.answers import Json, member, members, object_of, text
from shared.crm.errors import CrmFatalError
from shared.crm.hubspot.paths import Paths
from shared.crm.transport import Transport

PAGE = 100
MAX_PAGES = 200
"""20,000 owners; a portal with more has one that Causeway was not built for."""


@dataclass(frozen=True, slots=True)
class Owner:
    """`id` is what `hubspot_owner_id` takes; `user_id` is another number, "" for queues."""

    id: str
    email: str
    first_name: str
    last_name: str
    user_id: str
    archived: bool


async def list_owners(transport: Transport, paths: Paths) -> list[Owner]:
    """See HubSpotClient.owners."""
    owners: list[Owner] = []
    after = ""
    for _page in range(MAX_PAGES):
        params = [("limit", str(PAGE)), *([("after", after)] if after else [])]
        body = object_of(await transport.request("GET", paths.owners(), params=params))
        owners += [_owner(found) for found in members(body, "results")]
        after = text(member(member(body, "paging"), "next"), "after")
        if not after:
            return owners
    raise CrmFatalError(
        f"HubSpot lists more than {MAX_PAGES * PAGE} owners, or its list does not end.",
        code="page_limit_exceeded",
    )


def _owner(found: Json) -> Owner:
    return Owner(
        id=text(found, "id"),
        email=text(found, "email"),
        first_name=text(found, "firstName"),
        last_name=text(found, "lastName"),
        user_id=text(found, "userId"),
        archived=found.get("archived") is True,
    )
