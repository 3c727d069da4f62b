"""Several requests in one (facts: section 2.5): composite counts once, batch counts each."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

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

MAX_SUBREQUESTS = 25
MAX_HEAVY = 5
"""Subrequests of a composite that may be queries or Collections."""
HEAVY = re.compile(r"/(query|queryAll|composite/sobjects)(/|$)")
ALLOWED = re.compile(r"/(sobjects|query|queryAll|composite/sobjects|limits)(/|$)")
KIND = re.compile(r"/(sobjects/[^/?]+|[^/?]+)")
FIRST_COLLATED = 49.0
"""From this version on the order of a composite is free unless references force it."""
HALTED_STATUS = 412
Step = Callable[[Json], Reply]


def _too_many(what: str) -> SalesforceError:
    return SalesforceError(400, "LIMIT_EXCEEDED", what)


def _subrequests(body: Json, key: str) -> list[Json]:
    found = body.get(key)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        message = f"The {key} property is required to be an array of objects"
        raise SalesforceError(400, "JSON_PARSER_ERROR", message)
    if len(found) > MAX_SUBREQUESTS:
        raise _too_many(f"at most {MAX_SUBREQUESTS} subrequests are allowed, got {len(found)}")
    return found


def _check_composite(requests: list[Json]) -> None:
    heavy = sum(HEAVY.search(urlsplit(str(one.get("url"))).path) is not None for one in requests)
    if heavy > MAX_HEAVY:
        raise _too_many(f"at most {MAX_HEAVY} query and sObject Collections subrequests")
    check_names(requests)


def check_names(requests: list[Json]) -> None:
    """SalesforceError unless every subrequest has a reference id of its own."""
    names = [one.get("referenceId") for one in requests]
    if not all(isinstance(one, str) and one for one in names) or len(set(names)) < len(names):
        message = "every subrequest needs a referenceId of its own"
        raise SalesforceError(400, "INVALID_INPUT", message)


def collated(requests: list[Json]) -> list[int]:
    """The order in which the org runs them: like with like, as far as references allow.

    Documented is only that the order is not guaranteed; this one differs from the given one
    whenever it may.
    """
    names = {one["referenceId"]: number for number, one in enumerate(requests)}
    needs = [
        {names[name] for name in references(one) if names.get(name, number) != number}
        for number, one in enumerate(requests)
    ]
    waiting = list(range(len(requests)))
    order: list[int] = []
    while waiting:
        ready = [one for one in waiting if needs[one] <= set(order)] or waiting
        kind = _kind(requests[ready[0]])
        chosen = [one for one in ready if _kind(requests[one]) == kind]
        order += chosen
        waiting = [one for one in waiting if one not in chosen]
    return order


def _kind(one: Json) -> tuple[str, str]:
    path = re.sub(r"^.*?/v\d+\.\d", "", str(one.get("url", "")))
    found = KIND.match(path)
    return str(one.get("method", "")).upper(), found.group(1) if found else path


def run_together(
    org: Org, requests: list[Json], order: list[int], run: Step, *, all_or_none: bool
) -> list[Reply]:
    """The replies in the order of the requests; ``run`` answers one of them."""
    start = org.store.mark()
    replies: dict[int, Reply] = {}
    failed = False
    for number in order:
        if failed and all_or_none:
            replies[number] = halted_reply()
            continue
        replies[number] = run(requests[number])
        failed = failed or replies[number].status >= FIRST_BAD
    listed = [replies[number] for number in range(len(requests))]
    if all_or_none and failed:
        org.store.rollback(start)
        return [one if one.status >= FIRST_BAD else halted_reply() for one in listed]
    return listed


def composite_routes(dispatch: Dispatch) -> tuple[Route, ...]:
    """The routes of composite and batch; ``dispatch`` runs their subrequests."""

    def composite(org: Org, call: Call) -> Reply:
        body = call.json_object()
        requests = _subrequests(body, "compositeRequest")
        _check_composite(requests)
        all_or_none = body.get("allOrNone") is True
        by_default = float(call.version) >= FIRST_COLLATED
        order = list(range(len(requests)))
        if body.get("collateSubrequests", by_default) is True:
            order = collated(requests)
        results: Results = {}

        def run(one: Json) -> Reply:
            reply = _composite_step(call, one, results, dispatch, all_or_none=all_or_none)
            if reply.status < FIRST_BAD:
                results[one["referenceId"]] = reply.body
            return reply

        replies = run_together(org, requests, order, run, all_or_none=all_or_none)
        items = [item(one, reply) for one, reply in zip(requests, replies, strict=True)]
        return ok({"compositeResponse": items})

    def batch(_org: Org, call: Call) -> Reply:
        body = call.json_object()
        requests = _subrequests(body, "batchRequests")
        halt = body.get("haltOnError") is True
        results: list[Json] = []
        failed = False
        ran = 0
        for one in requests:
            if failed and halt:
                results.append({"statusCode": HALTED_STATUS, "result": _batch_halted()})
                continue
            reply = _batch_step(call, one, dispatch)
            ran += 1
            failed = failed or reply.status >= FIRST_BAD
            results.append({"statusCode": reply.status, "result": reply.body})
        return Reply(200, {"hasErrors": failed, "results": results}, calls=ran)

    return (
        route("POST", "/composite", composite),
        route("POST", "/composite/batch", batch),
    )


def _composite_step(
    call: Call, one: Json, results: Results, dispatch: Dispatch, *, all_or_none: bool
) -> Reply:
    try:
        url = resolve(str(one.get("url", "")), results)
        inner = resolve(one.get("body"), results)
        if all_or_none and isinstance(inner, dict) and "records" in inner:
            inner = {**inner, "allOrNone": True}
        headers = one.get("httpHeaders") or {}
        sub = subcall(call, str(one.get("method", "GET")), url, inner, headers)
        _check_allowed(sub)
    except SalesforceError as problem:
        return Reply(problem.status, problem.as_array())
    reply = dispatch(sub)
    if all_or_none and _rows_failed(reply):
        return Reply(FIRST_BAD, reply.body, reply.headers)
    return reply


def _check_allowed(sub: Call) -> None:
    if ALLOWED.match(sub.path) is None:
        raise SalesforceError(400, "INVALID_INPUT", f"{sub.path} is not allowed in composite")


def _rows_failed(reply: Reply) -> bool:
    """Whether a Collections reply, which is always 200, holds a failed row."""
    body = reply.body
    return isinstance(body, list) and any(
        isinstance(one, dict) and one.get("success") is False for one in body
    )


def _batch_step(call: Call, one: Json, dispatch: Dispatch) -> Reply:
    try:
        url, method = str(one.get("url", "")), str(one.get("method", "GET"))
        sub = subcall(call, method, url, one.get("richInput"), {})
        _check_batched(sub, call)
    except SalesforceError as problem:
        return Reply(problem.status, problem.as_array())
    return dispatch(sub)


def _check_batched(sub: Call, call: Call) -> None:
    if sub.path.startswith("/composite") and not sub.path.startswith("/composite/sobjects"):
        raise SalesforceError(400, "INVALID_INPUT", "composite requests cannot be nested")
    if float(sub.version) > float(call.version):
        message = "a subrequest cannot have a later version than the batch"
        raise SalesforceError(400, "INVALID_BATCH_REQUEST", message)


def _batch_halted() -> list[Json]:
    message = "Batch processing halted per request"
    return [{"errorCode": "BATCH_PROCESSING_HALTED", "message": message}]
