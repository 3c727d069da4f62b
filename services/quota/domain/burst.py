"""The burst window: never more than `cap` calls in any `window`, whatever the holders do.

The arithmetic. A lease of n calls granted at g may send any of them at any moment of
[g, until], until = g + ttl + SLACK (or its return + SLACK, then n is what was used).
A lease counts against the cap while until + window > now. Take any window [t, t + w) and, of
all leases with a call in it, the one granted last, at g. Each of the others was granted before g
and has until >= t. As the last one sends a call in the window, g < t + w, so until + w > g:
each of the others was counted when the last was granted. So all leases with a call in the window
together hold at most `cap` calls.

Why not a token bucket: it knows no returns. A bucket of size b and rate r grants at most
b + r * (ttl + SLACK + w) calls to the leases that can meet in one window; to keep that under 100
with ttl 10 s and b = 20 it may refill 3.8 calls a second. Here a holder that uses its calls and
returns at once gets close to cap / window, and only a holder that dies costs ttl + SLACK.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.quota.domain.budget import Budget, Held
from services.quota.domain.policy import (
    BACKGROUND_SHARE_PERCENT,
    PACES,
    SLACK,
    Kind,
    Pace,
    Purpose,
)
from services.quota.domain.room import Room, Scope


def burst_room(budget: Budget, kind: Kind, purpose: Purpose, now: datetime) -> Room | None:
    """How many calls the window has left, or None where the CRM has no burst limit."""
    pace = PACES[budget.side, kind]
    if pace.cap is None:
        return None
    cap = pace.cap * BACKGROUND_SHARE_PERCENT // 100 if purpose.background else pace.cap
    counted = sorted(
        (held for held in _counted(budget, now) if held.kind is kind), key=lambda held: held.until
    )
    left = cap - sum(held.calls for held in counted)
    return Room(Scope.BURST, left, _free_at(counted, 1 - left, pace, now))


def hold(budget: Budget, held: Held, now: datetime) -> Budget:
    """The budget with one more lease in its windows; forgets those that no window can meet."""
    if PACES[budget.side, held.kind].cap is None:
        return budget
    return replace(budget, held=(*_counted(budget, now), held))


def let_go(budget: Budget, lease_id: UUID, used: int, now: datetime) -> Budget:
    """The budget after a return: the lease holds what was used, and the last call is on its way."""
    return replace(
        budget,
        held=tuple(
            replace(held, calls=used, until=min(held.until, now + SLACK))
            if held.lease_id == lease_id
            else held
            for held in budget.held
        ),
    )


def _counted(budget: Budget, now: datetime) -> tuple[Held, ...]:
    """The leases that can still meet a call that is made from now on."""
    return tuple(
        held for held in budget.held if held.until + PACES[budget.side, held.kind].window > now
    )


def _free_at(counted: list[Held], needed: int, pace: Pace, now: datetime) -> datetime:
    """When `needed` more calls have left the window, oldest end first."""
    for held in counted:
        if needed <= 0:
            break
        needed -= held.calls
        now = held.until + pace.window
    return now
