"""Rows of the tables as values of the domain, and back."""

from dataclasses import asdict

from sqlalchemy import RowMapping

from services.package_watcher.domain.model import (
    Audience,
    Failure,
    Installation,
    Method,
    Order,
    Org,
    State,
)


def org_of(row: RowMapping) -> Org:
    """A row of `orgs`."""
    return Org(row["connection_id"], row["org_id"], row["environment"], row["user_id"])


def installation_of(row: RowMapping) -> Installation:
    """A row of `installations`."""
    order = Order(
        Method(row["method"]),
        row["version_id"],
        Audience(row["audience"]),
        row["third_party_access"],
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
    )


def installation_row(installation: Installation) -> dict[str, object]:
    """The columns of `installations` that the domain knows of."""
    row = asdict(installation)
    order = row.pop("order")
    return {**row, **order, "failures": list(row["failures"])}
