"""A client of a simulator, with tokens from its control plane and a meter that counts."""

from dataclasses import dataclass
from datetime import UTC, datetime

import httpx2

from shared.crm.hubspot.client import HubSpotClient
from shared.crm.hubspot.mapper import HubSpotErrors
from shared.crm.salesforce.client import SalesforceClient
from shared.crm.salesforce.mapper import SalesforceErrors
from shared.crm.transport import AccessToken, CallKind, LimitInfo, Transport
from tests.simulators.driver import SimulatorControl

FAR_AWAY = datetime(2100, 1, 1, tzinfo=UTC)


class ControlTokens:
    """Asks the control plane for a token, and for another one after each rejection."""

    def __init__(self, control: SimulatorControl, order: str, body: dict[str, object]) -> None:
        self.rejections = 0
        self._control = control
        self._order = order
        self._body = body
        self._token: AccessToken | None = None

    async def token(self) -> AccessToken:
        if self._token is None:
            answer = await self._control.order(self._order, **self._body)
            self._token = AccessToken(answer["access_token"], self._control.base_url, FAR_AWAY)
        return self._token

    async def rejected(self, token: AccessToken) -> None:
        if self._token is not None and self._token.value == token.value:
            self.rejections += 1
            self._token = None


class CountingMeter:
    """Allows everything and remembers it."""

    def __init__(self) -> None:
        self.taken: list[CallKind] = []
        self.last: LimitInfo | None = None

    async def take(self, kind: CallKind) -> None:
        self.taken.append(kind)

    def observe(self, info: LimitInfo) -> None:
        self.last = info


@dataclass(frozen=True, slots=True)
class HubSpotUnderTest:
    """A portal, and the client that is tested on it."""

    control: SimulatorControl
    client: HubSpotClient
    tokens: ControlTokens
    meter: CountingMeter
    transport: Transport
    http: httpx2.AsyncClient


@dataclass(frozen=True, slots=True)
class SalesforceUnderTest:
    """An org, and the client that is tested on it."""

    control: SimulatorControl
    client: SalesforceClient
    tokens: ControlTokens
    meter: CountingMeter
    transport: Transport
    http: httpx2.AsyncClient


def hubspot_under_test(
    control: SimulatorControl,
    http: httpx2.AsyncClient,
    *,
    scopes: tuple[str, ...] = (),
    version: str = "2026-09",
) -> HubSpotUnderTest:
    """A client with all scopes of contacts, or with `scopes`."""
    tokens, meter = ControlTokens(control, "token", {"scopes": list(scopes)}), CountingMeter()
    transport = Transport(http, tokens, meter, family=HubSpotErrors())
    client = HubSpotClient(transport, version=version)
    return HubSpotUnderTest(control, client, tokens, meter, transport, http)


def salesforce_under_test(
    control: SimulatorControl, http: httpx2.AsyncClient
) -> SalesforceUnderTest:
    """A client with the grant of the org's API user."""
    tokens, meter = ControlTokens(control, "grant", {}), CountingMeter()
    transport = Transport(http, tokens, meter, family=SalesforceErrors())
    client = SalesforceClient(transport)
    return SalesforceUnderTest(control, client, tokens, meter, transport, http)
