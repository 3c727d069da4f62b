"""Several requests in one (facts: section 2.5): composite counts once, batch counts each."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.simulators.salesforce.errors import SalesforceError, halted, not_found
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.wire import Call, Json, Reply, Route, ok, route

Dispatch = Callable[[Call], Reply]
"""Runs one call inside the present one: errors become replies, nothing is committed."""
MAX_SUBREQUESTS = 25
MAX_HEAVY = 5
"""Subrequests of a composite that may be queries or Collections."""
HEAVY = re.compile(r"/(query|queryAll|composite/sobjects)(/|$)")
ALLOWED = re.compile(r"/(sobjects|query|queryAll|composite/sobjects|limits)(/|$)")
URL = re.compile(r"(?:/services/data)?/?v(\d+\.\d)(/.*)?")
REFERENCE = re.compile(r"@\{([^}]*)\}")
STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
FIRST_BAD = 400
HALTED_STATUS = 412
Results = dict[str, Any]


def _subcall(call: Call, method: str, url: str, body: Any, headers: Mapping[str, Any]) -> Call:
    split = urlsplit(url)
    match = URL.fullmatch(split.path)
    if match is None:
        raise not_found()
    own = {str(name).lower(): str(value) for name, value in headers.items()}
    return Call(
        method=method.upper(),
        version=match.group(1),
        path=match.group(2) or "",
        query=dict(parse_qsl(split.query, keep_blank_values=True)),
        headers={**call.headers, **own},
        body=body,
        user_id=call.user_id,
        row_fault=call.row_fault,
    )


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
    names = [one.get("referenceId") for one in requests]
    if not all(isinstance(one, str) and one for one in names) or len(set(names)) < len(names):
        message = "every subrequest needs a referenceId of its own"
        raise SalesforceError(400, "INVALID_INPUT", message)


def _value_at(results: Results, path: str) -> Any:
    """What ``@{path}`` stands for. SalesforceError when there is no such value."""
    found: Any = results
    for name, index in STEP.findall(path):
        try:
            found = found[int(index)] if index else found[name]
        except (KeyError, IndexError, TypeError) as wrong:
            name_of = path.partition(".")[0]
            message = f"Invalid reference specified. No value for {path} found in {name_of}"
            raise SalesforceError(400, "PROCESSING_HALTED", message) from wrong
    return found


def resolve(value: Any, results: Results) -> Any:
    """``value`` with every ``@{reference}`` in it replaced; names are case-sensitive."""
    if isinstance(value, str):
        whole = REFERENCE.fullmatch(value)
        if whole:
            return _value_at(results, whole.group(1))
        return REFERENCE.sub(lambda found: str(_value_at(results, found.group(1))), value)
    if isinstance(value, list):
        return [resolve(one, results) for one in value]
    if isinstance(value, dict):
        return {name: resolve(one, results) for name, one in value.items()}
    return value


def composite_routes(dispatch: Dispatch) -> tuple[Route, ...]:
    """The routes of the composite family; ``dispatch`` runs their subrequests."""

    def composite(org: Org, call: Call) -> Reply:
        body = call.json_object()
        requests = _subrequests(body, "compositeRequest")
        _check_composite(requests)
        all_or_none = body.get("allOrNone") is True
        start = org.store.mark()
        results: Results = {}
        replies: list[Reply] = []
        failed = False
        for one in requests:
            if failed and all_or_none:
                replies.append(_halted())
                continue
            reply = _composite_step(call, one, results, dispatch, all_or_none=all_or_none)
            failed = failed or reply.status >= FIRST_BAD
            if reply.status < FIRST_BAD:
                results[one["referenceId"]] = reply.body
            replies.append(reply)
        if all_or_none and failed:
            org.store.rollback(start)
            replies = [one if one.status >= FIRST_BAD else _halted() for one in replies]
        items = [_item(one, reply) for one, reply in zip(requests, replies, strict=True)]
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
        sub = _subcall(call, str(one.get("method", "GET")), url, inner, headers)
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


def _halted() -> Reply:
    return Reply(FIRST_BAD, halted().as_array())


def _item(one: Json, reply: Reply) -> Json:
    return {
        "body": reply.body,
        "httpHeaders": dict(reply.headers),
        "httpStatusCode": reply.status,
        "referenceId": one["referenceId"],
    }


def _batch_step(call: Call, one: Json, dispatch: Dispatch) -> Reply:
    try:
        url, method = str(one.get("url", "")), str(one.get("method", "GET"))
        sub = _subcall(call, method, url, one.get("richInput"), {})
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
