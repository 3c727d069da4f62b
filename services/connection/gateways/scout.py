"""Looks into both CRMs for a pre-flight, behind the port `Scout`."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import httpx2

from services.connection.domain.connection import Grant
from services.connection.domain.features import Right
from services.connection.domain.seen import (
    Calls,
    FieldSeen,
    HubSpotSeen,
    ObjectSeen,
    Org,
    SalesforceSeen,
    Trouble,
)
from shared.crm.answers import Json, text
from shared.crm.errors import CrmError
from shared.crm.hubspot.account import read_account, read_daily_usage
from shared.crm.hubspot.paths import DEFAULT_VERSION, Paths
from shared.crm.salesforce.client import SalesforceClient
from shared.crm.salesforce.describe import ObjectDescribe
from shared.crm.salesforce.roots import DEFAULT_VERSION as DEFAULT_API
from shared.crm.salesforce.roots import data_root
from shared.crm.salesforce.several import ask_several
from shared.crm.transport import AccessToken, CallKind, LimitInfo, Meter, Transport
from shared.kernel.errors import CausewayError, FatalError
from shared.kernel.records import Side
from shared.web.peers.clients import FAMILIES

# A person waits for the page; a describe of a big object takes a second or two.
TOTAL_SECONDS = 30.0
ORG = "org"

TokenOf = Callable[[UUID, Side, str | None], Awaitable[Grant]]
"""An access token of our own; the text is the token that the CRM refused, if it did."""


MeterOf = Callable[[UUID, Side], AbstractAsyncContextManager[Meter]]
"""A meter for one look; its unused calls go back when its context ends."""


@dataclass(frozen=True, slots=True)
class CrmScout:
    """The port on leased calls (quota keeps them apart as `setup`) and on our own tokens."""

    http: httpx2.AsyncClient
    token_of: TokenOf
    meter_of: MeterOf

    async def hubspot(self, connection_id: UUID) -> HubSpotSeen:
        """See the port."""
        paths = Paths(DEFAULT_VERSION)
        try:
            async with self._open(connection_id, Side.HUBSPOT) as (transport, _):
                account = await read_account(transport, paths)
                usage = await read_daily_usage(transport, paths)
        except CausewayError as error:
            return HubSpotSeen(trouble=_trouble(error))
        calls = Calls(usage.used, usage.limit) if usage else None
        return HubSpotSeen(account.portal_id, account.type, calls)

    async def salesforce(
        self, connection_id: UUID, *, rights: Sequence[Right], objects: Collection[str]
    ) -> SalesforceSeen:
        """See the port; each right is a query of its own, so that an unknown one spoils no other.

        Two calls: the questions, and the describes. The calls of the day come with the answers'
        headers, so they cost none.
        """
        questions = {
            ORG: "SELECT OrganizationType, IsSandbox FROM Organization",
            **{right.field: _question(right) for right in rights},
        }
        try:
            async with self._open(connection_id, Side.SALESFORCE) as (transport, heard):
                answers = await ask_several(transport, data_root(DEFAULT_API), questions)
                found = await _objects(SalesforceClient(transport), sorted(objects))
        except CausewayError as error:
            return SalesforceSeen(trouble=_trouble(error))
        return SalesforceSeen(
            org=_org(answers[ORG]),
            rights={right.field: _held(answers[right.field], right) for right in rights},
            objects=found,
            calls=heard.calls,
        )

    @asynccontextmanager
    async def _open(
        self, connection_id: UUID, side: Side
    ) -> AsyncIterator[tuple[Transport, "_Heard"]]:
        tokens = _Tokens(self.token_of, connection_id, side)
        async with self.meter_of(connection_id, side) as meter:
            heard = _Heard(meter)
            family = FAMILIES[side]
            yield (
                Transport(self.http, tokens, heard, family=family, total_seconds=TOTAL_SECONDS),
                heard,
            )


class _Tokens:
    """The transport's TokenSource, without a call: this is the service that has the tokens."""

    def __init__(self, token_of: TokenOf, connection_id: UUID, side: Side) -> None:
        self._token_of = token_of
        self._of = (connection_id, side)
        self._refused: str | None = None

    async def token(self) -> AccessToken:
        grant = await self._token_of(*self._of, self._refused)
        return AccessToken(grant.access_token, grant.base_url, grant.expires_at)

    async def rejected(self, token: AccessToken) -> None:
        self._refused = token.value


class _Heard:
    """A meter that remembers what the CRM said of the day's calls."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self.calls: Calls | None = None

    async def take(self, kind: CallKind) -> None:
        await self._meter.take(kind)

    def observe(self, info: LimitInfo) -> None:
        self._meter.observe(info)
        if info.used is not None and info.limit is not None:
            self.calls = Calls(info.used, info.limit)


def _question(right: Right) -> str:
    return f"SELECT {right.field} FROM UserPermissionAccess"  # noqa: S608 -- a name of our own


def _org(answer: list[Json] | CrmError) -> Org | Trouble:
    if isinstance(answer, CrmError):
        return _trouble(answer)
    for row in answer:
        return Org(text(row, "OrganizationType"), row.get("IsSandbox") is True)
    return _NO_ROW


def _held(answer: list[Json] | CrmError, right: Right) -> bool | Trouble:
    if isinstance(answer, CrmError):
        return _trouble(answer)
    for row in answer:
        return row.get(right.field) is True
    return _NO_ROW


async def _objects(
    client: SalesforceClient, names: Sequence[str]
) -> dict[str, ObjectSeen | Trouble]:
    """What failed as a whole is the trouble of each object; the answers before it stay."""
    if not names:
        return {}
    try:
        found = await client.describes(names)
    except CrmError as error:
        return dict.fromkeys(names, _trouble(error))
    return {
        name: _trouble(one) if isinstance(one, CrmError) else _object(one)
        for name, one in found.items()
    }


def _object(found: ObjectDescribe) -> ObjectSeen:
    fields = {
        field.name: FieldSeen(field.createable, field.updateable) for field in found.fields.values()
    }
    return ObjectSeen(found.queryable, found.createable, found.updateable, fields)


def _trouble(error: CausewayError) -> Trouble:
    return Trouble(error.code, str(error), refused=isinstance(error, FatalError))


_NO_ROW = Trouble("no_row", "Salesforce answered without a row.", refused=False)
