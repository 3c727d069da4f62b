"""Both CRM clients of a connection, on leased calls and on tokens that are kept fresh."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

import httpx2

from shared.crm.hubspot.client import HubSpotClient
from shared.crm.hubspot.mapper import HubSpotErrors
from shared.crm.salesforce.client import SalesforceClient
from shared.crm.salesforce.mapper import SalesforceErrors
from shared.crm.transport import ErrorMapper, Meter, TokenSource, Transport
from shared.crm.watching import CallWatch, together, unwatched
from shared.kernel.records import Side
from shared.web.peers.access import CrmAccess

FAMILIES: Mapping[Side, ErrorMapper] = {
    Side.HUBSPOT: HubSpotErrors(),
    Side.SALESFORCE: SalesforceErrors(),
}


class CrmClients:
    """Opens the clients of any connection; the HTTP client is shared and closed elsewhere.

    `watch` is told of every call.
    """

    def __init__(
        self, http: httpx2.AsyncClient, access: CrmAccess, watch: CallWatch = unwatched
    ) -> None:
        self._http = http
        self._access = access
        self._watch = watch

    @asynccontextmanager
    async def open(
        self,
        connection_id: UUID,
        *,
        purpose: str,
        org_id: str = "",
        watch: CallWatch = unwatched,
    ) -> AsyncIterator[tuple[HubSpotClient, SalesforceClient]]:
        """Both clients; what is left of their leases goes back at the end.

        `purpose` is live, import, poll or setup: quota keeps reserves by it. With `org_id` no
        other org is talked to, whatever the connection has moved to: who works with links of one
        org names it. Calls raise AccountChangedError then. `watch` is told of these calls as well.
        """
        async with AsyncExitStack() as ending:
            meters = {
                side: await ending.enter_async_context(
                    self._access.meter(connection_id, side, purpose=purpose),
                )
                for side in Side
            }
            accounts = {Side.HUBSPOT: "", Side.SALESFORCE: org_id}
            tokens = {
                side: self._access.token_source(connection_id, side, account_id=accounts[side])
                for side in Side
            }
            yield (
                HubSpotClient(self._transport(tokens, meters, Side.HUBSPOT, watch)),
                SalesforceClient(self._transport(tokens, meters, Side.SALESFORCE, watch)),
            )

    def _transport(
        self,
        tokens: Mapping[Side, TokenSource],
        meters: Mapping[Side, Meter],
        side: Side,
        watch: CallWatch,
    ) -> Transport:
        family, both = FAMILIES[side], together(self._watch, watch)
        return Transport(self._http, tokens[side], meters[side], family=family, watch=both)
