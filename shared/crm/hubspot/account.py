"""The portal itself (facts: hubspot-api 1)."""

from dataclasses import dataclass

from shared.crm.answers import members, object_of, text
from shared.crm.errors import CrmFatalError
from shared.crm.hubspot.paths import Paths
from shared.crm.transport import Transport

_NOT_COUNTED = frozenset({403, 404})
"""HubSpot shows the count to private apps; others may be refused it."""


@dataclass(frozen=True, slots=True)
class Account:
    """One HubSpot account. `type` is STANDARD, SANDBOX, DEVELOPER_TEST or APP_DEVELOPER."""

    portal_id: str
    type: str
    time_zone: str
    currency: str
    ui_domain: str
    data_hosting_location: str


async def read_account(transport: Transport, paths: Paths) -> Account:
    """See HubSpotClient.account."""
    body = object_of(await transport.request("GET", paths.account()))
    return Account(
        portal_id=text(body, "portalId"),
        type=text(body, "accountType"),
        time_zone=text(body, "timeZone"),
        currency=text(body, "companyCurrency"),
        ui_domain=text(body, "uiDomain"),
        data_hosting_location=text(body, "dataHostingLocation"),
    )


@dataclass(frozen=True, slots=True)
class DailyUsage:
    """Calls of the running day by private apps; the day begins at the account's midnight."""

    used: int
    limit: int


async def read_daily_usage(transport: Transport, paths: Paths) -> DailyUsage | None:
    """Today's calls; None when HubSpot counts none for this kind of app (facts: hubspot-api 11)."""
    try:
        body = object_of(await transport.request("GET", paths.daily_usage()))
    except CrmFatalError as error:
        if error.status in _NOT_COUNTED:
            return None
        raise
    for row in members(body, "results"):
        used, limit = row.get("currentUsage"), row.get("usageLimit")
        if isinstance(used, int) and isinstance(limit, int):
            return DailyUsage(used, limit)
    return None
