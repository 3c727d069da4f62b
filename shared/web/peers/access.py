"""Access to the CRMs for a worker: tokens from the connection service, calls from quota."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.crm.errors import CrmAuthError
from shared.crm.transport import AccessToken
from shared.kernel.errors import RetriableError
from shared.kernel.records import Side
from shared.web.peers.meter import LeasedMeter
from shared.web.peers.peer import Peer, PeerRefusedError, PeerUnavailableError

EARLY = timedelta(seconds=60)  # a token this near its end could expire under a long bulk call
BROKEN = "connection_broken"
ACCOUNT_CHANGED_SECONDS = 5.0  # an event is on its way: seconds, unless the broker is away

_Key = tuple[UUID, Side]


class CrmAccess:
    """Tokens and meters for any connection, built from the two peers that grant them.

    Tokens are kept in memory only, until 60 s before they expire. Tasks that need the same token
    at once share one request, and its failure.
    """

    def __init__(self, tokens: Peer, meters: Peer) -> None:
        self._tokens = tokens
        self._meters = meters
        self._kept: dict[_Key, AccessToken] = {}
        self._rejected: dict[_Key, str] = {}
        self._flights: dict[_Key, asyncio.Task[AccessToken]] = {}

    async def token(self, connection_id: UUID, side: Side) -> AccessToken:
        """A token that is valid for another minute at least.

        CrmAuthError when the grant is dead, PeerUnavailableError when nobody can say now.
        """
        key = (connection_id, side)
        kept = self._kept.get(key)
        if kept is not None and kept.expires_at - EARLY > self._tokens.clock.now():
            return kept
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = asyncio.create_task(self._fetch(key))
            flight.add_done_callback(lambda done: self._landed(key, done))
        return await asyncio.shield(flight)  # one waiter's cancellation is not the others'

    async def rejected(self, connection_id: UUID, side: Side, token: AccessToken) -> None:
        """The CRM refused this token: forget it, and tell the connection service when asking next.

        A token that was replaced meanwhile is left alone.
        """
        key = (connection_id, side)
        kept = self._kept.get(key)
        if kept is None or _secret(kept) == _secret(token):
            self._kept.pop(key, None)
            self._rejected[key] = hashlib.sha256(_secret(token).encode()).hexdigest()

    async def forget(self, connection_id: UUID, side: Side, token: AccessToken) -> None:
        """Keep this token no longer: it is good, but not for the account that was meant."""
        key = (connection_id, side)
        kept = self._kept.get(key)
        if kept is not None and _secret(kept) == _secret(token):
            del self._kept[key]

    def token_source(
        self, connection_id: UUID, side: Side, *, account_id: str = ""
    ) -> "BoundTokens":
        """The tokens of one side of one connection, as the CRM clients' transport takes them.

        With `account_id` only tokens of that portal or org are handed out.
        """
        return BoundTokens(self, connection_id, side, account_id)

    def meter(self, connection_id: UUID, side: Side, *, purpose: str) -> LeasedMeter:
        """A meter for one piece of work; use it with `async with`.

        `purpose` is live, import, poll or setup: quota keeps reserves by it.
        """
        return LeasedMeter(self._meters, connection_id, side, purpose=purpose)

    async def _fetch(self, key: _Key) -> AccessToken:
        connection_id, side = key
        rejected = self._rejected.get(key)
        path = f"/api/v1/connections/{connection_id}/tokens/{side.value}"
        try:
            answer = await self._tokens.post(path, json={"rejected": rejected})
        except PeerRefusedError as error:
            if error.code == BROKEN:
                raise CrmAuthError(str(error), code=error.code) from None
            raise
        token = _parsed(answer)
        self._kept[key] = token
        if self._rejected.get(key) == rejected:
            self._rejected.pop(key, None)
        return token

    def _landed(self, key: _Key, flight: asyncio.Task[AccessToken]) -> None:
        self._flights.pop(key, None)
        if not flight.cancelled():
            flight.exception()  # retrieved here too: every waiter may have been cancelled


class AccountChangedError(RetriableError):
    """The connection has another account by now than the work was begun for."""


@dataclass(frozen=True, slots=True)
class BoundTokens:
    """CrmAccess for one side of one connection (the transport's TokenSource)."""

    access: CrmAccess
    connection_id: UUID
    side: Side
    account_id: str = ""

    async def token(self) -> AccessToken:
        """See CrmAccess.token; AccountChangedError when it opens another account than was meant.

        A kept token can be older than what the caller knows of the connection, so one that does
        not fit is asked for anew, once. Else the caller's knowledge is old: its events are coming.
        """
        token = await self.access.token(self.connection_id, self.side)
        if not self._fits(token):
            await self.access.forget(self.connection_id, self.side, token)
            token = await self.access.token(self.connection_id, self.side)
        if not self._fits(token):
            raise AccountChangedError(
                f"Connection {self.connection_id} has another {self.side.value} account now than "
                "this work was begun for. The work waits for the news of it.",
                code="account_changed",
                retry_after=ACCOUNT_CHANGED_SECONDS,
            )
        return token

    def _fits(self, token: AccessToken) -> bool:
        return not (self.account_id and token.account_id) or token.account_id == self.account_id

    async def rejected(self, token: AccessToken) -> None:
        """See CrmAccess.rejected."""
        await self.access.rejected(self.connection_id, self.side, token)


def _parsed(answer: Any) -> AccessToken:
    try:
        return AccessToken(
            value=str(answer["access_token"]),
            base_url=str(answer["base_url"]),
            expires_at=datetime.fromisoformat(str(answer["expires_at"])),
            account_id=str(answer.get("account_id") or ""),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise PeerUnavailableError(
            "The connection service answered without a usable token. "
            "Check that all services run the same version.",
            code="peer_answer_unreadable",
        ) from None


def _secret(token: AccessToken) -> str:
    return str(token.value)
