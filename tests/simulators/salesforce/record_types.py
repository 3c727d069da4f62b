"""Record types: kinds of one object, which an admin defines (a record without one is Master's)."""

from dataclasses import replace
from typing import Any

from tests.simulators.salesforce.errors import not_found
from tests.simulators.salesforce.founding import founded
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.schema.fields import lookup
from tests.simulators.salesforce.schema.setup import RECORD_TYPE

Json = dict[str, Any]
MASTER_ID = "012000000000000AAA"
FIELD = "RecordTypeId"


def add(org: Org, body: Json) -> str:
    """An admin adds a record type to ``object``; its id. KeyError, SalesforceError NOT_FOUND.

    The first one brings the field RecordTypeId. ``default`` makes it that of new records.
    """
    kind = org.catalogue.get(str(body["object"]))
    if kind is None:
        raise not_found()
    name = str(body["name"])
    fields: dict[str, object] = {
        "Id": org.ids.next(RECORD_TYPE.prefix),
        "Name": name,
        "DeveloperName": str(body.get("developer_name") or name.replace(" ", "_")),
        "SobjectType": kind.name,
        "IsActive": bool(body.get("active", True)),
    }
    record = founded(org, RECORD_TYPE.name, fields)
    org.store.table(RECORD_TYPE.name).put(record)
    known = kind.field(FIELD) or replace(lookup(FIELD, RECORD_TYPE.name), label="Record Type ID")
    if body.get("default"):
        known = replace(known, defaulted=True, default=record.id)
    org.add_field(kind.name, known, guarded=False)
    return record.id


def infos(org: Org, object_name: str, base: str) -> list[Json]:
    """The recordTypeInfos of a describe, Master last."""
    kind = org.catalogue.get(object_name)
    field = None if kind is None else kind.field(FIELD)
    chosen = MASTER_ID if field is None or field.default is None else field.default
    layouts = f"{base}/sobjects/{object_name}/describe/layouts"
    rows = [
        (one.id, one.fields["Name"], one.fields["DeveloperName"], one.fields["IsActive"])
        for one in org.store.table(RECORD_TYPE.name).records.values()
        if one.fields["SobjectType"] == object_name
    ]
    return [
        {
            "active": active,
            "available": active,
            "defaultRecordTypeMapping": record_id == chosen,
            "developerName": developer_name,
            "master": record_id == MASTER_ID,
            "name": name,
            "recordTypeId": record_id,
            "urls": {"layout": f"{layouts}/{record_id}"},
        }
        for record_id, name, developer_name, active in [
            *rows,
            (MASTER_ID, "Master", "Master", True),
        ]
    ]
