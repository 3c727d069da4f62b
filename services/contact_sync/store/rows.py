"""Rows of contact_sync's tables to the values of its use cases, and back."""

from typing import Any

from sqlalchemy import RowMapping

from services.contact_sync.domain.journal import Entry, Operation, Status
from services.contact_sync.domain.model import Link
from services.contact_sync.domain.plan import FieldWrite
from services.contact_sync.ports import Connection, Import
from shared.contracts.settings import Settings
from shared.contracts.standing import Standing
from shared.kernel.records import ObjectType, Side


def connection_of(row: RowMapping) -> Connection:
    """A row of `connections`."""
    settings = row["settings"]
    return Connection(
        id=row["id"],
        portal_id=row["portal_id"],
        org_id=row["org_id"],
        settings=None if settings is None else Settings.model_validate(settings),
        standing=Standing.model_validate(row["standing"]),
        left_orgs=tuple(row["left_orgs"]),
    )


def connection_row(connection: Connection) -> dict[str, Any]:
    """The row of a connection."""
    settings = connection.settings
    return {
        "id": connection.id,
        "portal_id": connection.portal_id,
        "org_id": connection.org_id,
        "settings": None if settings is None else settings.model_dump(mode="json"),
        "standing": connection.standing.model_dump(mode="json"),
        "running": connection.standing.started,
        "waiting_for": connection.standing.waits_for,
        "left_orgs": list(connection.left_orgs),
    }


def link_of(row: RowMapping) -> Link:
    """A row of `links`."""
    return Link(
        id=row["id"],
        hubspot_id=row["hubspot_id"],
        salesforce_id=row["salesforce_id"],
        salesforce_object=row["salesforce_object"],
        base=row["base"],
        hashes=row["hashes"],
        near_misses=row["near_misses"],
        ambiguous=row["ambiguous"],
        synced_at=row["synced_at"],
        object_type=ObjectType(row["object_type"]),
    )


def link_row(link: Link) -> dict[str, Any]:
    """The row of a link, without its connection."""
    return {
        "id": link.id,
        "object_type": link.object_type.value,
        "hubspot_id": link.hubspot_id,
        "salesforce_id": link.salesforce_id,
        "salesforce_object": link.salesforce_object,
        "base": dict(link.base),
        "hashes": {side: dict(hashes) for side, hashes in link.hashes.items()},
        "near_misses": dict(link.near_misses),
        "ambiguous": link.ambiguous,
        "synced_at": link.synced_at,
    }


def entry_of(row: RowMapping) -> Entry:
    """A row of `journal`."""
    side = Side(row["side"])
    return Entry(
        id=row["id"],
        side=side,
        operation=Operation(row["operation"]),
        object_name=row["object_name"],
        hubspot_id=row["hubspot_id"],
        salesforce_id=row["salesforce_id"],
        fields=tuple(FieldWrite(side=side, **written) for written in row["fields"]),
        cause=row["cause"],
        settings_version=row["settings_version"],
        traceparent=row["traceparent"],
        status=Status(row["status"]),
        error=row["error"],
    )


def entry_row(entry: Entry) -> dict[str, Any]:
    """The row of a journal entry, without its connection."""
    return {
        "id": entry.id,
        "side": entry.side.value,
        "operation": entry.operation.value,
        "object_name": entry.object_name,
        "hubspot_id": entry.hubspot_id,
        "salesforce_id": entry.salesforce_id,
        "fields": [_written(write) for write in entry.fields],
        "cause": dict(entry.cause),
        "settings_version": entry.settings_version,
        "traceparent": entry.traceparent,
        "status": entry.status.value,
        "error": entry.error,
    }


def import_of(row: RowMapping) -> Import:
    """A row of `imports`."""
    return Import(
        id=row["id"],
        connection_id=row["connection_id"],
        side=Side(row["side"]),
        object_name=row["object_name"],
        state=row["state"],
        cursor=row["cursor"],
        noted=row["noted"],
        problem=row["problem"],
    )


def import_row(progress: Import) -> dict[str, Any]:
    """The row of an import."""
    return {
        "id": progress.id,
        "connection_id": progress.connection_id,
        "side": progress.side.value,
        "object_name": progress.object_name,
        "state": progress.state,
        "cursor": progress.cursor,
        "noted": progress.noted,
        "problem": progress.problem,
    }


def _written(write: FieldWrite) -> dict[str, Any]:
    return {
        "field": write.field,
        "before": write.before,
        "after": write.after,
        "wire": write.wire,
        "rule": write.rule,
        "why": write.why,
    }
