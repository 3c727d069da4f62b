"""Trees of new records, all or nothing (facts: section 2.5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.simulators.salesforce.errors import SalesforceError, bad_json
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.rest import kind_of
from tests.simulators.salesforce.schema.children import child_of
from tests.simulators.salesforce.wire import Call, Json, Reply, Route, route

MAX_RECORDS = 200
MAX_TYPES = 5
MAX_LEVELS = 5
ATTRIBUTES = "attributes"


@dataclass(frozen=True, slots=True)
class Node:
    """One record of a tree: ``link`` is its field that points at ``parent``, another node."""

    type: str
    name: str
    fields: Mapping[str, Any]
    level: int
    parent: str | None = None
    link: str | None = None


def _nodes(
    rows: Any, object_name: str, *, level: int, parent: str | None = None, link: str | None = None
) -> Iterator[Node]:
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        raise bad_json("The records property is required to be an array of objects")
    for row in rows:
        given = row.get(ATTRIBUTES)
        attributes = given if isinstance(given, dict) else {}
        name, kind = attributes.get("referenceId"), attributes.get("type")
        if not isinstance(name, str) or not name:
            message = "Include a reference ID for each record in the request."
            raise SalesforceError(400, "INVALID_INPUT", message)
        if not isinstance(kind, str) or kind.lower() != object_name.lower():
            raise SalesforceError(400, "INVALID_INPUT", f"{name}: the type must be {object_name}")
        branches = {key: one for key, one in row.items() if _is_branch(one)}
        fields = {key: one for key, one in row.items() if key not in branches}
        yield Node(object_name, name, fields, level, parent, link)
        for key, branch in branches.items():
            child = child_of(object_name, key)
            if child is None:
                message = f"{key} is no child relationship of {object_name}"
                raise SalesforceError(400, "INVALID_FIELD", message)
            below = level + 1
            yield from _nodes(
                branch["records"], child.object, level=below, parent=name, link=child.field
            )


def _is_branch(value: Any) -> bool:
    return isinstance(value, dict) and "records" in value


def _check(nodes: list[Node]) -> None:
    names = [one.name for one in nodes]
    if len(set(names)) < len(names):
        raise SalesforceError(400, "INVALID_INPUT", "Duplicate ReferenceId provided")
    too_many = len(nodes) > MAX_RECORDS or len({one.type for one in nodes}) > MAX_TYPES
    if too_many or max((one.level for one in nodes), default=0) > MAX_LEVELS:
        message = f"at most {MAX_RECORDS} records of {MAX_TYPES} types on {MAX_LEVELS} levels"
        raise SalesforceError(400, "LIMIT_EXCEEDED", message)


def _create(org: Org, call: Call, name: str) -> Reply:
    kind = kind_of(org, call, name)
    nodes = list(_nodes(call.json_object().get("records"), kind.name, level=1))
    _check(nodes)
    author = call.author()
    start = org.store.mark()
    ids: dict[str, str] = {}
    failures: list[Json] = []
    for one in nodes:
        if one.parent is not None and one.parent not in ids:
            continue
        fields = {**one.fields, **({one.link: ids[one.parent]} if one.parent and one.link else {})}
        try:
            ids[one.name] = org.writer.insert(one.type, fields, author)
        except SalesforceError as problem:
            failures.append({"referenceId": one.name, "errors": [problem.as_item()]})
    if failures:
        org.store.rollback(start)
        return Reply(400, {"hasErrors": True, "results": failures})
    results = [{"referenceId": name, "id": record_id} for name, record_id in ids.items()]
    return Reply(201, {"hasErrors": False, "results": results})


ROUTES: tuple[Route, ...] = (route("POST", "/composite/tree/{object}", _create),)
