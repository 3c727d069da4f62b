"""Merging duplicates: the losers go to the bin and name their master.

SOAP's ``merge`` and the org's own pages do the same; REST has no such resource.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tests.simulators.salesforce.errors import SalesforceError, converted
from tests.simulators.salesforce.ids import long_form
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.schema.children import CHILDREN
from tests.simulators.salesforce.store import Record
from tests.simulators.salesforce.writer import Author, existing

MERGEABLE = frozenset({"Account", "Contact", "Lead"})
MAX_LOSERS = 2
"""Three records are merged at the most: the master and two more."""


def merge(
    org: Org,
    object_name: str,
    *,
    master_id: str,
    loser_ids: Sequence[str],
    fields: Mapping[str, Any],
    author: Author,
) -> dict[str, Any]:
    """Merge the losers into the master, which gets ``fields``. SalesforceError.

    Children and tasks of the losers move to the master. ``{"id", "mergedRecordIds",
    "updatedRelatedIds"}``.
    """
    kind = org.catalogue.get(object_name)
    if kind is None or kind.name not in MERGEABLE:
        message = f"Entity type {object_name} does not support merge"
        raise SalesforceError(400, "INVALID_TYPE_FOR_OPERATION", message)
    if not 1 <= len(set(loser_ids)) <= MAX_LOSERS:
        raise SalesforceError(400, "LIMIT_EXCEEDED", f"merge takes 1 to {MAX_LOSERS} other records")
    master = existing(org.store, kind.name, long_form(master_id))
    losers = [existing(org.store, kind.name, long_form(one)) for one in loser_ids]
    if master in losers:
        message = "Can not merge a record with itself"
        raise SalesforceError(400, "INVALID_CROSS_REFERENCE_KEY", message)
    if any(one.fields.get("IsConverted") for one in [master, *losers]):
        raise converted()
    moved = [child for one in losers for child in _move_children(org, one, master.id, author)]
    org.writer.update(master, fields, author)
    for one in losers:
        named = replace(one, fields={**one.fields, "MasterRecordId": master.id})
        org.writer.bin(named, author)
    merged = [one.id for one in losers]
    return {"id": master.id, "mergedRecordIds": merged, "updatedRelatedIds": moved}


def _move_children(org: Org, loser: Record, master_id: str, author: Author) -> list[str]:
    moved = []
    for relation in CHILDREN:
        if relation.parent != loser.object:
            continue
        for child in org.store.table(relation.object).find(relation.field, loser.id) or ():
            if child.deleted_at is None and child.id != master_id:
                org.writer.update(child, {relation.field: master_id}, author)
                moved.append(child.id)
    return moved
