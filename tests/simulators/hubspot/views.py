"""How a record looks from outside (facts: section 3). Pure."""

from collections.abc import Iterable, Mapping, Sequence

from tests.simulators.hubspot.model import Json, Record, Version
from tests.simulators.hubspot.wire import iso


def record_json(
    record: Record,
    values: Mapping[str, str | None],
    *,
    portal_id: int,
    histories: Iterable[str] = (),
) -> Json:
    """A record with the given values; ``histories`` are the properties to tell the past of."""
    body: Json = {
        "id": str(record.id),
        "properties": values,
        "createdAt": iso(record.created_at),
        "updatedAt": iso(record.updated_at),
        "archived": record.archived_at is not None,
        "url": f"https://app.hubspot.com/contacts/{portal_id}/record/"
        f"{record.type.type_id}/{record.id}",
    }
    if record.archived_at is not None:
        body["archivedAt"] = iso(record.archived_at)
    told = {name: found for name in histories if (found := record.versions(name))}
    if told:
        body["propertiesWithHistory"] = {
            name: [_version_json(one) for one in reversed(versions)]
            for name, versions in told.items()
        }
    return body


def selected(
    record: Record,
    values: Mapping[str, str],
    names: Sequence[str],
    known: Iterable[str],
) -> dict[str, str | None]:
    """The properties that were asked for, or the defaults, and always the system trio."""
    kind = record.type
    if not names:
        return {name: values.get(name) for name in kind.defaults}
    wanted = {*names, "hs_object_id", kind.created, kind.modified}
    return {name: values.get(name) for name in sorted(wanted.intersection(known))}


def written(record: Record, changed: Mapping[str, str]) -> dict[str, str]:
    """What the answer to an update shows: changed values and the system's own."""
    names = {*changed, "hs_object_id", record.type.created, record.type.modified}
    return {name: record.values.get(name, "") for name in sorted(names)}


def _version_json(version: Version) -> Json:
    origin = version.origin
    body: Json = {
        "value": version.value,
        "timestamp": iso(version.at),
        "sourceType": origin.source,
        "sourceId": origin.source_id,
    }
    if origin.label:
        body["sourceLabel"] = origin.label
    if origin.user_id is not None:
        body["updatedByUserId"] = origin.user_id
    return body
