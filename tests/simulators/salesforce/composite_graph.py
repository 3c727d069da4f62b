"""Composite graphs: each graph is a transaction of its own (facts: section 2.5)."""

import re
from collections.abc import Iterable
from typing import Any

from tests.simulators.salesforce.composite import check_names, run_together
from tests.simulators.salesforce.errors import SalesforceError
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.subrequests import (
    FIRST_BAD,
    Dispatch,
    Results,
    halted_reply,
    item,
    references,
    resolve,
    subcall,
)
from tests.simulators.salesforce.wire import Call, Json, Reply, Route, ok, route

MAX_NODES = 500
"""Nodes of one payload, all graphs together."""
MAX_GRAPHS = 75
MAX_DEPTH = 15
MAX_DISTINCT = 15
"""Distinct nodes of one graph: those that differ in method, object or kind of address."""
MAX_FAILED = 14
"""After so many failed graphs the others are not processed."""
NODE = re.compile(r"/sobjects/[^/]+(/[^/]+){0,2}")
PATH = re.compile(r"^(?:/services/data)?/?v\d+\.\d")


def graph_routes(dispatch: Dispatch) -> tuple[Route, ...]:
    """The route of graphs; ``dispatch`` runs their nodes."""

    def graphs(org: Org, call: Call) -> Reply:
        asked = _graphs(call.json_object())
        answers: list[Json] = []
        for one in asked:
            failed = sum(not answer["isSuccessful"] for answer in answers)
            answers.append(_run(org, call, one, dispatch, skipped=failed >= MAX_FAILED))
        return ok({"graphs": answers})

    return (route("POST", "/composite/graph", graphs),)


def _graphs(body: Json) -> list[Json]:
    found = body.get("graphs")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        message = "The graphs property is required to be an array of objects"
        raise SalesforceError(400, "JSON_PARSER_ERROR", message)
    names = [one.get("graphId") for one in found]
    if not all(isinstance(one, str) and one for one in names) or len(set(names)) < len(names):
        raise SalesforceError(400, "INVALID_INPUT", "every graph needs a graphId of its own")
    nodes = [_nodes(one) for one in found]
    if len(found) > MAX_GRAPHS or sum(map(len, nodes)) > MAX_NODES:
        message = f"at most {MAX_GRAPHS} graphs with {MAX_NODES} nodes are allowed"
        raise SalesforceError(400, "LIMIT_EXCEEDED", message)
    return found


def _nodes(graph: Json) -> list[Json]:
    nodes = graph.get("compositeRequest")
    if not isinstance(nodes, list) or not all(isinstance(one, dict) for one in nodes):
        message = "The compositeRequest property is required to be an array of objects"
        raise SalesforceError(400, "JSON_PARSER_ERROR", message)
    check_names(nodes)
    return nodes


def _too_deep(nodes: Iterable[Json]) -> bool:
    depth: dict[str, int] = {}
    for one in nodes:
        above = [depth.get(name, 0) for name in references(one)]
        depth[one["referenceId"]] = 1 + max(above, default=0)
    return max(depth.values(), default=0) > MAX_DEPTH


def _distinct(nodes: Iterable[Json]) -> int:
    kinds = set()
    for one in nodes:
        parts = PATH.sub("", str(one.get("url", ""))).split("/")
        kinds.add((str(one.get("method", "")).upper(), tuple(parts[:3]), len(parts)))
    return len(kinds)


def _run(org: Org, call: Call, graph: Json, dispatch: Dispatch, *, skipped: bool) -> Json:
    nodes = graph["compositeRequest"]
    results: Results = {}

    def run(one: Json) -> Reply:
        reply = _node(call, one, results, dispatch)
        if reply.status < FIRST_BAD:
            results[one["referenceId"]] = reply.body
        return reply

    if skipped:
        replies = [halted_reply() for _ in nodes]
    elif _too_deep(nodes) or _distinct(nodes) > MAX_DISTINCT:
        replies = [_refused("the graph is too deep or has too many distinct nodes") for _ in nodes]
    else:
        replies = run_together(org, nodes, list(range(len(nodes))), run, all_or_none=True)
    good = all(one.status < FIRST_BAD for one in replies)
    shown = [item(one, reply) for one, reply in zip(nodes, replies, strict=True)]
    response = {"compositeResponse": shown}
    return {"graphId": graph["graphId"], "graphResponse": response, "isSuccessful": good}


def _refused(message: str) -> Reply:
    return Reply(400, SalesforceError(400, "INVALID_INPUT", message).as_array())


def _node(call: Call, one: Json, results: Results, dispatch: Dispatch) -> Reply:
    try:
        url: str = resolve(str(one.get("url", "")), results)
        inner: Any = resolve(one.get("body"), results)
        headers = one.get("httpHeaders") or {}
        sub = subcall(call, str(one.get("method", "GET")), url, inner, headers)
    except SalesforceError as problem:
        return Reply(problem.status, problem.as_array())
    if NODE.fullmatch(sub.path) is None:
        return _refused(f"{sub.path} is not allowed in a graph")
    return dispatch(sub)
