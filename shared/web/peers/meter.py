"""API calls taken from quota in blocks, so that not every call to a CRM costs one to quota."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from shared.crm.errors import CrmLimitError
from shared.crm.transport import CallKind, LimitInfo
from shared.kernel.errors import CausewayError
from shared.kernel.records import Side
from shared.telemetry.logs import get_logger
from shared.web.peers.peer import Peer, PeerUnavailableError

_LOG = get_logger(__name__)
LEASES = "/api/v1/quota/leases"
BLOCKS = {"import": 50}  # an import makes hundreds of calls in a row
BLOCK = 10  # live work: a drain of 200 records makes about this many
SEARCH_BLOCK = 5  # HubSpot allows five searches a second (facts: hubspot-api section 11)
NEAR_END = timedelta(seconds=1)  # a call that starts now still counts inside the lease
NO_GRANT_SECONDS = 60.0  # how long to wait when quota grants nothing and does not say until when
EXHAUSTED_STATUS = 429


class QuotaExhaustedError(CrmLimitError):
    """No call is granted now; `retry_after` (seconds) says when to ask again."""


@dataclass(slots=True)
class _Block:
    lease_id: str
    granted: int
    expires_at: datetime
    used: int = 0


class LeasedMeter:
    """Counts the calls of one piece of work against leases (the transport's Meter).

    Leaving the `async with` gives the unused calls back, with what the CRM said about its own
    count. A block that cannot be given back runs out by itself in quota.
    """

    def __init__(self, quota: Peer, connection_id: UUID, side: Side, *, purpose: str) -> None:
        self._quota = quota
        self._connection_id = connection_id
        self._side = side
        self._purpose = purpose
        self._blocks: dict[CallKind, _Block] = {}
        self._reported: LimitInfo | None = None
        self._asking = asyncio.Lock()

    async def take(self, kind: CallKind) -> None:
        """Count one call that is about to be made.

        Raises QuotaExhaustedError when none is granted, PeerUnavailableError when quota does not
        answer: nothing is called uncounted.
        """
        async with self._asking:
            block = self._blocks.get(kind)
            if block is None or not self._usable(block):
                if block is not None:
                    del self._blocks[kind]
                    await self._give_back(block)
                block = self._blocks[kind] = await self._lease(kind)
            block.used += 1

    def observe(self, info: LimitInfo) -> None:
        """Keep what the CRM's last answer said of its own count, for the next report to quota."""
        if info.used is not None or info.limit is not None:
            self._reported = info

    async def close(self) -> None:
        """Give all unused calls back; never raises for a quota service that is away."""
        while self._blocks:
            await self._give_back(self._blocks.popitem()[1])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def _usable(self, block: _Block) -> bool:
        now = self._quota.clock.now()
        return block.used < block.granted and block.expires_at - NEAR_END > now

    async def _lease(self, kind: CallKind) -> _Block:
        search = kind is CallKind.SEARCH
        body = {
            "connection_id": str(self._connection_id),
            "side": self._side.value,
            "kind": kind.value,
            "calls": SEARCH_BLOCK if search else BLOCKS.get(self._purpose, BLOCK),
            "purpose": self._purpose,
        }
        try:
            answer = await self._quota.post(LEASES, json=body)
        except PeerUnavailableError as error:
            if error.status == EXHAUSTED_STATUS:
                raise QuotaExhaustedError(
                    str(error), code=error.code, retry_after=error.retry_after
                ) from None
            raise
        return self._granted(answer)

    def _granted(self, answer: Any) -> _Block:
        try:
            block = _Block(
                lease_id=str(answer["lease_id"]),
                granted=int(answer["granted"]),
                expires_at=datetime.fromisoformat(str(answer["expires_at"])),
            )
        except (KeyError, TypeError, ValueError):
            raise PeerUnavailableError(
                "The quota service answered without a usable lease. "
                "Check that all services run the same version.",
                code="peer_answer_unreadable",
            ) from None
        if block.granted < 1:
            raise QuotaExhaustedError(
                f"Quota grants no more calls to {self._side.value} now; the work waits.",
                code="quota_exhausted",
                retry_after=NO_GRANT_SECONDS,
            )
        return block

    async def _give_back(self, block: _Block) -> None:
        reported = self._reported
        body = {
            "used": block.used,
            "reported_used": reported.used if reported else None,
            "reported_limit": reported.limit if reported else None,
        }
        try:
            await self._quota.post(f"{LEASES}/{block.lease_id}/return", json=body)
        except CausewayError as error:
            _LOG.warning("lease not returned", lease_id=block.lease_id, code=error.code)
