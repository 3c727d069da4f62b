"""The control plane that every simulator has alike: faults, clock, calls, changes.

A simulator adds its own routes for records, seeds and webhooks under the same prefix.
"""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, HTTPException, Request

from tests.simulators.machinery.calls import CallCounter
from tests.simulators.machinery.changes import ChangeLog
from tests.simulators.machinery.clock import VirtualClock
from tests.simulators.machinery.faults import FaultBoard, parse_fault
from tests.simulators.machinery.misbehaviour import CONTROL_PREFIX
from tests.simulators.machinery.recent import RecentCalls
from tests.simulators.machinery.snapshot import Keeper
from tests.simulators.machinery.snapshot_errors import SnapshotError

Json = dict[str, Any]


class Machinery:
    """What every simulator has; it is found as ``app.state.machinery``."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.calls = CallCounter()
        self.changes = ChangeLog()
        self.faults = FaultBoard()
        self.recent = RecentCalls()

    def reset(self) -> None:
        """As new."""
        self.clock.reset()
        self.calls.reset()
        self.changes.reset()
        self.faults.clear()
        self.recent.reset()


async def machinery_of(request: Request) -> Machinery:
    """The machinery of the simulator that this request came to."""
    found: Machinery = request.app.state.machinery
    return found


Machines = Annotated[Machinery, Depends(machinery_of)]
router = APIRouter(prefix=CONTROL_PREFIX)


@router.get("/calls")
async def calls(machines: Machines) -> Json:
    """API calls as the CRM bills them."""
    return machines.calls.report()


@router.post("/calls/reset")
async def reset_calls(machines: Machines) -> Json:
    """Count from nothing."""
    machines.calls.reset()
    return machines.calls.report()


@router.get("/changes")
async def changes(machines: Machines, after: int = 0) -> list[Json]:
    """The log of changes numbered above ``after``."""
    return [change.as_json() for change in machines.changes.after(after)]


@router.get("/faults")
async def waiting_faults(machines: Machines) -> list[Json]:
    """Faults that no call has met yet."""
    return [asdict(fault) for fault in machines.faults.waiting()]


@router.post("/faults")
async def add_fault(machines: Machines, body: Annotated[Json, Body()]) -> list[Json]:
    """Arm a fault."""
    try:
        machines.faults.add(parse_fault(body))
    except (ValueError, TypeError) as wrong:
        raise HTTPException(400, f"this fault cannot be armed: {wrong}") from wrong
    return await waiting_faults(machines)


@router.delete("/faults")
async def clear_faults(machines: Machines) -> list[Json]:
    """Disarm everything."""
    machines.faults.clear()
    return []


@router.post("/snapshot")
async def snapshot(request: Request) -> Json:
    """Write all state to the file of ``--snapshot``, now; nothing else happens meanwhile."""
    keeper: Keeper | None = request.app.state.keeper
    if keeper is None:
        raise HTTPException(400, "this simulator was started without --snapshot FILE")
    try:
        return {"file": str(keeper.path), "bytes": keeper.save()}
    except SnapshotError as wrong:
        raise HTTPException(500, str(wrong)) from wrong


@router.get("/clock")
async def clock(machines: Machines) -> Json:
    """The virtual time, and how far it is ahead of the real one."""
    return {"now": machines.clock.milliseconds(), "ahead_seconds": machines.clock.ahead_seconds}


@router.post("/clock")
async def advance_clock(machines: Machines, body: Annotated[Json, Body()]) -> Json:
    """Let ``advance_seconds`` pass at once."""
    try:
        machines.clock.advance(float(body["advance_seconds"]))
    except (KeyError, ValueError, TypeError) as wrong:
        raise HTTPException(400, f"give advance_seconds, a number from 0: {wrong}") from wrong
    return await clock(machines)
