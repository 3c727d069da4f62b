"""The steps of an installation in a real org, and every error of a call as an observation."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2

from services.package_watcher.domain.model import Installation, Kind, Method, Org, Step
from services.package_watcher.domain.observation import (
    Held,
    Observation,
    Refused,
    Unreachable,
)
from services.package_watcher.domain.presence import Finding, Presence
from services.package_watcher.gateways.checkup import check_up
from services.package_watcher.gateways.removal import send_removal, send_uninstall
from services.package_watcher.gateways.requests import (
    deploy_status,
    send_source,
    send_version,
    uninstall_status,
    version_status,
)
from services.package_watcher.gateways.sight import assign_and_look, look
from services.package_watcher.gateways.vault import Vault
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
    """The three doors of one org, on one meter, and the line behind them."""

    rest: SalesforceClient
    tooling: ToolingClient
    metadata: MetadataClient
    transport: Transport


@dataclass(frozen=True, slots=True)
class Package:
    """What the method deploy sends: both may read files. `version` is the source's own."""

    read: Callable[[], bytes]
    read_removal: Callable[[], bytes]
    version: str


class SalesforceOrgs:
    """The `Salesforce` port: calls are leased from the quota for the setup."""

    def __init__(
        self,
        http: httpx2.AsyncClient,
        access: CrmAccess,
        package: Package,
        vault: Vault,
        watch: CallWatch = unwatched,
    ) -> None:
        self._http = http
        self._access = access
        self._watch = watch
        self._package = package
        self._vault = vault

    async def carry_out(self, step: Step, installation: Installation, org: Org) -> Observation:
        """Does one step; every error of a call is an observation too."""
        try:
            async with self._open(org) as clients:
                return await self._do(step, clients, installation, org)
        except CausewayError as error:
            return observed(error)

    async def check_up(self, presence: Presence, org: Org) -> Finding:
        """Looks whether the package is still in place; errors of calls are findings too."""
        try:
            async with self._open(org) as clients:
                return await check_up(clients.rest, clients.tooling, presence, org.user_id)
        except CausewayError as error:
            return observed(error)

    @asynccontextmanager
    async def _open(self, org: Org) -> AsyncIterator[Clients]:
        """Doors of that org alone, whatever the connection has moved to meanwhile."""
        tokens = self._access.token_source(
            org.connection_id, Side.SALESFORCE, account_id=org.org_id
        )
        async with self._access.meter(org.connection_id, Side.SALESFORCE, purpose=PURPOSE) as meter:
            transport = Transport(
                self._http,
                tokens,
                meter,
                family=SalesforceErrors(),
                total_seconds=CALL_SECONDS,
                watch=self._watch,
            )
            yield Clients(
                SalesforceClient(transport),
                ToolingClient(transport),
                MetadataClient(transport),
                transport,
            )

    async def _do(
        self, step: Step, clients: Clients, installation: Installation, org: Org
    ) -> Observation:
        match step:
            case Step.SEND:
                return await self._send(clients, installation)
            case Step.STATUS:
                return await _status(clients, installation)
            case Step.LOOK:
                return await look(clients.rest)
            case Step.ASSIGN_AND_LOOK:
                return await assign_and_look(clients.rest, org.user_id)

    async def _send(self, clients: Clients, installation: Installation) -> Observation:
        order = installation.order
        by_version = order.method is Method.VERSION
        if order.kind is Kind.UNINSTALL:
            return await self._take_out(clients, order.version_id if by_version else "")
        if by_version:
            password = self._vault.open(installation.id, order.sealed_password)
            return await send_version(clients.tooling, order, password)
        package = await asyncio.to_thread(self._package.read)
        return await send_source(clients.rest, clients.metadata, package, self._package.version)

    async def _take_out(self, clients: Clients, version_id: str) -> Observation:
        rest, transport = clients.rest, clients.transport
        if version_id:
            return await send_uninstall(rest, clients.tooling, transport, version_id)
        package = await asyncio.to_thread(self._package.read_removal)
        return await send_removal(rest, clients.metadata, transport, package)


async def _status(clients: Clients, installation: Installation) -> Observation:
    order, request_id = installation.order, installation.request_id
    if order.method is not Method.VERSION:
        return await deploy_status(clients.metadata, request_id)
    if order.kind is Kind.UNINSTALL:
        return await uninstall_status(clients.tooling, request_id)
    return await version_status(clients.tooling, request_id)


def observed(error: CausewayError) -> Refused | Unreachable | Held:
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
