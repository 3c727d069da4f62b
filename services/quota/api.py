"""Routes of quota: leases for the services, usage for people."""

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from services.quota.domain.budget import Lease
from services.quota.domain.granting import Ask, Refused
from services.quota.domain.policy import Kind, Purpose
from services.quota.domain.room import Scope
from services.quota.domain.summary import Summary
from services.quota.handlers import (
    RemovedError,
    Returned,
    UnknownError,
    lease_calls,
    return_lease,
    usage,
)
from services.quota.ports import Store
from shared.kernel.ids import IdSource
from shared.kernel.records import Side
from shared.telemetry.metrics import Metrics
from shared.web.guard import Guard
from shared.web.problems import Problem

# More than any block; what is asked beyond a block is not granted anyhow.
MOST_ASKED = 10_000
# Far over any org's daily limit (a full sandbox has 5,000,000), and inside a 32-bit column.
MOST_CALLS = 1_000_000_000

REASONS = {
    Scope.BURST: "The burst limit of this CRM is used up for the moment.",
    Scope.ALLOWANCE: "The daily allowance is used up. Raise it in the settings, or wait for the "
    "oldest calls of the last 24 hours to age.",
    Scope.RESERVE: "Imports and polling may use three quarters of the allowance; the rest is for "
    "live changes.",
    Scope.ORG: "The whole org is near its daily limit; other integrations share it.",
}


class LeaseRequest(BaseModel):
    """How many calls are wished for, of what kind and for what."""

    connection_id: UUID
    side: Side
    kind: Kind = Kind.CALL
    calls: int = Field(ge=1, le=MOST_ASKED)
    purpose: Purpose = Purpose.LIVE


class LeaseAnswer(BaseModel):
    """What was granted, perhaps less than asked, to be used before `expires_at`."""

    lease_id: UUID
    granted: int
    expires_at: datetime


class ReturnRequest(BaseModel):
    """How many calls of a lease were made, and the CRM's own count when an answer had it."""

    used: int = Field(ge=0, le=MOST_CALLS)
    reported_used: int | None = Field(default=None, ge=0, le=MOST_CALLS)
    reported_limit: int | None = Field(default=None, ge=0, le=MOST_CALLS)


class HourUsage(BaseModel):
    """Calls granted in one hour and not returned."""

    hour: datetime
    calls: int


class SideUsage(BaseModel):
    """One side's use over the last 24 hours; calls out on a lease count as used.

    `allowance` and `left` are null where there is no daily limit (HubSpot).
    """

    allowance: int | None
    set_by_admin: bool
    used: int
    left: int | None
    hours: list[HourUsage]
    purposes: dict[Purpose, int]
    exhausted_until: datetime | None
    org_used: int | None
    org_limit: int | None
    reported_at: datetime | None


class UsageAnswer(BaseModel):
    """Both sides of a connection; a side that was never used is null."""

    connection_id: UUID
    hubspot: SideUsage | None
    salesforce: SideUsage | None


Told = Callable[[LeaseRequest, str], None]
"""Is told of each request for a lease and what came of it: granted or refused."""


def counted(metrics: Metrics) -> Told:
    """Counts requests for leases by what they were for and what came of them."""
    leases = metrics.counter(
        "causeway_quota_leases",
        "Requests for a block of calls",
        ("side", "kind", "purpose", "outcome"),
    )

    def told(wish: LeaseRequest, outcome: str) -> None:
        leases.labels(wish.side.value, wish.kind.value, wish.purpose.value, outcome).inc()

    return told


def routes(store: Store, guard: Guard, new_id: IdSource, told: Told) -> APIRouter:
    """All routes of the service."""
    router = APIRouter(prefix="/api/v1/quota", tags=["quota"])
    router.include_router(_leasing(store, new_id, told), dependencies=[Depends(guard.service)])
    router.include_router(_reading(store), dependencies=[Depends(guard.viewer)])
    return router


def _leasing(store: Store, new_id: IdSource, told: Told) -> APIRouter:
    router = APIRouter()

    @router.post("/leases", status_code=201)
    async def lease(wish: LeaseRequest) -> LeaseAnswer:
        """A block of calls, perhaps fewer than asked; 429 quota-exhausted when none is left."""
        ask = Ask(new_id(), wish.kind, wish.purpose, wish.calls)
        try:
            answer = await lease_calls(store, wish.connection_id, wish.side, ask)
        except RemovedError as error:
            raise _problem(409, error, "The connection was removed") from None
        if isinstance(answer, Refused):
            told(wish, "refused")
            raise _exhausted(wish.side, answer)
        told(wish, "granted")
        return _answer(answer)

    @router.post("/leases/{lease_id}/return", status_code=204)
    async def give_back(lease_id: UUID, told: ReturnRequest) -> Response:
        """Frees what was not used; repeating it changes nothing."""
        try:
            await return_lease(store, lease_id, Returned(**told.model_dump()))
        except UnknownError as error:
            raise _problem(404, error, "The lease is unknown") from None
        return Response(status_code=204)

    return router


def _reading(store: Store) -> APIRouter:
    router = APIRouter()

    @router.get("/{connection_id}")
    async def read(connection_id: UUID) -> UsageAnswer:
        """Used, left, by hour and by purpose over the last 24 hours."""
        try:
            found = {seen.side: _side(seen) for seen in await usage(store, connection_id)}
        except UnknownError as error:
            raise _problem(404, error, "No budget is known") from None
        return UsageAnswer(
            connection_id=connection_id,
            hubspot=found.get(Side.HUBSPOT),
            salesforce=found.get(Side.SALESFORCE),
        )

    return router


def _answer(lease: Lease) -> LeaseAnswer:
    return LeaseAnswer(lease_id=lease.id, granted=lease.calls, expires_at=lease.expires_at)


def _exhausted(side: Side, refused: Refused) -> Problem:
    seconds = refused.wait.total_seconds()
    extra: dict[str, Any] = {"retry_after": seconds, "scope": refused.scope, "side": side}
    return Problem(
        429,
        type="quota-exhausted",
        title="No calls are left now",
        detail=REASONS[refused.scope],
        headers={"Retry-After": str(math.ceil(seconds))},
        extra=extra,
    )


def _problem(status: int, error: UnknownError | RemovedError, title: str) -> Problem:
    return Problem(status, type=error.code, title=title, detail=str(error))


def _side(seen: Summary) -> SideUsage:
    return SideUsage(
        allowance=seen.allowance,
        set_by_admin=seen.set_by_admin,
        used=seen.used,
        left=seen.left,
        hours=[HourUsage(hour=hour, calls=calls) for hour, calls in seen.hours],
        purposes=seen.purposes,
        exhausted_until=seen.exhausted_until,
        org_used=seen.org_used,
        org_limit=seen.org_limit,
        reported_at=seen.reported_at,
    )
