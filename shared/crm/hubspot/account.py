"""The portal itself (facts: hubspot-api 1)."""

from dataclasses import dataclass

from shared.crm.answers import object_of, text
from shared.crm.hubspot.paths import Paths
from shared.crm.transport import Transport


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
