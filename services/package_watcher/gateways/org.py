"""The steps of an installation in a real org, and every error of a call as an observation."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import httpx2

from services.package_watcher.domain.model import Installation, Method, Org, Step
from services.package_watcher.domain.observation import (
    Accepted,
    Held,
    Observation,
    Refused,
    Unreachable,
)
from services.package_watcher.gateways.requests import (
    deploy_status,
    send_version,
    version_status,
)
from services.package_watcher.gateways.sight import assign_and_look, look
from shared.crm.errors import CrmAuthError, CrmLimitError
from shared.crm.salesforce.client import SalesforceClient
from shared.crm.salesforce.mapper import SalesforceErrors
from shared.crm.salesforce.metadata import MetadataClient
from shared.crm.salesforce.tooling import ToolingClient
from shared.crm.transport import Transport
from shared.crm.watching import CallWatch, unwatched
from shared.kernel.errors import CausewayError, FatalError, RetriableError
from shared.kernel.records import Side
from shared.web.peers import CrmAccess, PeerRefusedError, QuotaExhaustedError

PURPOSE = "setup"
CALL_SECONDS = 20.0
"""Every call here is small; the answer to a slow one is found again at the next look."""

DEAD_GRANT_SECONDS = 60.0
"""Asking for a token costs no API call; an admin who reconnects sees it go on within a minute."""

LIMIT_SECONDS = 300.0
"""When Salesforce or quota name no time themselves."""


@dataclass(frozen=True, slots=True)
class Clients:
    """The three doors of one org, on one meter."""

    rest: SalesforceClient
    tooling: ToolingClient
    metadata: MetadataClient


class SalesforceOrgs:
    """The `Salesforce` port: calls are leased from the quota for the setup.

    `read_package` answers the zip that the method deploy sends; it may read files.
    """

    def __init__(
        self,
        http: httpx2.AsyncClient,
        access: CrmAccess,
        read_package: Callable[[], bytes],
        watch: CallWatch = unwatched,
    ) -> None:
        self._http = http
        self._access = access
        self._watch = watch
        self._read_package = read_package

    async def carry_out(self, step: Step, installation: Installation, org: Org) -> Observation:
        """Does one step; every error of a call is an observation too."""
        try:
            async with self._open(org.connection_id) as clients:
                return await self._do(step, clients, installation, org)
        except CausewayError as error:
            return observed(error)

    @asynccontextmanager
    async def _open(self, connection_id: UUID) -> AsyncIterator[Clients]:
        tokens = self._access.token_source(connection_id, Side.SALESFORCE)
        async with self._access.meter(connection_id, Side.SALESFORCE, purpose=PURPOSE) as meter:
            transport = Transport(
                self._http,
                tokens,
                meter,
                family=SalesforceErrors(),
                total_seconds=CALL_SECONDS,
                watch=self._watch,
            )
            yield Clients(
                SalesforceClient(transport), ToolingClient(transport), MetadataClient(transport)
            )

    async def _do(
        self, step: Step, clients: Clients, installation: Installation, org: Org
    ) -> Observation:
        match step:
            case Step.SEND:
                return await self._send(clients, installation)
            case Step.STATUS if installation.order.method is Method.VERSION:
                return await version_status(clients.tooling, installation.request_id)
            case Step.STATUS:
                return await deploy_status(clients.metadata, installation.request_id)
            case Step.LOOK:
                return await look(clients.rest)
            case Step.ASSIGN_AND_LOOK:
                return await assign_and_look(clients.rest, org.user_id)

    async def _send(self, clients: Clients, installation: Installation) -> Observation:
        if installation.order.method is Method.VERSION:
            return await send_version(clients.tooling, installation.order)
        package = await asyncio.to_thread(self._read_package)
        return Accepted(await clients.metadata.deploy(package))


def observed(error: CausewayError) -> Observation:
    """What an error means for an installation.

    A limit and a dead grant hold it up without using its time, silence (and trouble between our
    own services) does; a refusal by Salesforce ends it. An IgnorableError never gets here.
    """
    match error:
        case CrmAuthError():
            return Held(str(error), DEAD_GRANT_SECONDS)
        case CrmLimitError() | QuotaExhaustedError():
            return Held(
                str(error), LIMIT_SECONDS if error.retry_after is None else error.retry_after
            )
        case RetriableError():
            return Unreachable(str(error), error.retry_after)
        case PeerRefusedError():
            return Unreachable(str(error))
        case FatalError():
            return Refused(error.code, f"{error} ({error.code})")
        case _:
            return Unreachable(str(error))
