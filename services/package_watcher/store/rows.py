"""Rows of the tables as values of the domain, and back."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from services.package_watcher.domain.model import (
    Audience,
    Failure,
    Installation,
    Kind,
    Method,
    NameConflict,
    Order,
    Org,
    Seen,
    State,
)
from services.package_watcher.domain.presence import Found, Presence


def org_of(row: RowMapping) -> Org:
    """A row of `orgs`."""
    return Org(
        row["connection_id"],
        row["org_id"],
        row["environment"],
        row["user_id"],
        row["instance_url"],
        row["connected"],
        row["heard"],
    )


def installation_of(row: RowMapping) -> Installation:
    """A row of `installations`."""
    order = Order(
        Method(row["method"]),
        row["version_id"],
        Audience(row["audience"]),
        row["third_party_access"],
        Kind(row["kind"]),
        NameConflict(row["name_conflict"]),
        row["sealed_password"],
    )
    return Installation(
        id=row["id"],
        connection_id=row["connection_id"],
        order=order,
        state=State(row["state"]),
        requested_at=row["requested_at"],
        since=row["since"],
        deadline=row["deadline"],
        request_id=row["request_id"],
        looks=row["looks"],
        quiet_looks=row["quiet_looks"],
        sends=row["sends"],
        announced=row["announced"],
        said=row["said"],
        failures=tuple(Failure(**item) for item in row["failures"]),
        components_done=row["components_done"],
        components=row["components"],
        wait=row["wait"],
        latest=row["latest"],
        ended_in=None if row["ended_in"] is None else State(row["ended_in"]),
        version=row["version"],
        warning=row["warning"],
        history=tuple(_seen_of(item) for item in row["history"]),
    )


def installation_row(installation: Installation) -> dict[str, object]:
    """The columns of `installations` that the domain knows of."""
    row = asdict(installation)
    order = row.pop("order")
    history = [_seen_row(seen) for seen in installation.history]
    return {**row, **order, "failures": list(row["failures"]), "history": history}


def presence_of(row: RowMapping) -> Presence:
    """A row of `presences`."""
    return Presence(
        row["connection_id"],
        Found(row["found"]),
        row["since"],
        Method(row["method"]),
        version_id=row["version_id"],
        version=row["version"],
        user_id=row["user_id"],
        missing=tuple(row["missing"]),
        objects=tuple(row["objects"]),
        said=row["said"],
    )


def presence_row(presence: Presence) -> dict[str, object]:
    """The columns of `presences` that the domain knows of."""
    row = asdict(presence)
    return {**row, "missing": list(presence.missing), "objects": list(presence.objects)}


def _seen_of(item: dict[str, Any]) -> Seen:
    return Seen(
        asked=item["asked"],
        answer=item["answer"],
        said=item["said"],
        state=State(item["state"]),
        first_at=datetime.fromisoformat(item["first_at"]),
        last_at=datetime.fromisoformat(item["last_at"]),
        times=item["times"],
    )


def _seen_row(seen: Seen) -> dict[str, object]:
    times = {"first_at": seen.first_at.isoformat(), "last_at": seen.last_at.isoformat()}
    return {**asdict(seen), **times}
