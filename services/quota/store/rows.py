"""Budgets and leases as rows, and back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from services.quota.domain.budget import Budget, Held, Lease, Report
from services.quota.domain.policy import Kind, Purpose
from shared.kernel.records import Side


def budget_of(row: RowMapping) -> Budget:
    """The budget in a row of `budgets`."""
    return Budget(
        connection_id=row["connection_id"],
        side=Side(row["side"]),
        setting=row["setting"],
        settings_version=row["settings_version"],
        report=_report(row),
        exhausted_until=row["exhausted_until"],
        mark=row["mark"],
        hours={
            datetime.fromisoformat(hour): {Purpose(name): calls for name, calls in spent.items()}
            for hour, spent in row["hours"].items()
        },
        held=tuple(_held(entry) for entry in row["held"]),
        removed=row["removed"],
        heard=row["heard"],
    )


def row_of(budget: Budget) -> dict[str, Any]:
    """The columns of `budgets` but its key."""
    report = budget.report
    return {
        "setting": budget.setting,
        "settings_version": budget.settings_version,
        "reported_used": report.used if report else None,
        "reported_limit": report.limit if report else None,
        "reported_at": report.at if report else None,
        "since_report": report.since if report else 0,
        "exhausted_until": budget.exhausted_until,
        "mark": budget.mark,
        "hours": {hour.isoformat(): dict(spent) for hour, spent in budget.hours.items()},
        "held": [
            [str(held.lease_id), held.kind, held.calls, held.until.isoformat()]
            for held in budget.held
        ],
        "removed": budget.removed,
        "heard": budget.heard,
    }


def lease_of(row: RowMapping) -> Lease:
    """The lease in a row of `leases`."""
    return Lease(
        id=row["id"],
        connection_id=row["connection_id"],
        side=Side(row["side"]),
        kind=Kind(row["kind"]),
        purpose=Purpose(row["purpose"]),
        calls=row["calls"],
        hour=row["hour"],
        expires_at=row["expires_at"],
    )


def lease_row(lease: Lease) -> dict[str, Any]:
    """The columns of `leases` at its grant."""
    return {
        "id": lease.id,
        "connection_id": lease.connection_id,
        "side": lease.side,
        "kind": lease.kind,
        "purpose": lease.purpose,
        "calls": lease.calls,
        "hour": lease.hour,
        "expires_at": lease.expires_at,
    }


def _report(row: RowMapping) -> Report | None:
    if row["reported_at"] is None:
        return None
    return Report(
        used=row["reported_used"],
        limit=row["reported_limit"],
        at=row["reported_at"],
        since=row["since_report"],
    )


def _held(entry: list[Any]) -> Held:
    lease_id, kind, calls, until = entry
    return Held(UUID(lease_id), Kind(kind), calls, datetime.fromisoformat(until))
