"""Requests inside a request: how they are read, and what they take from earlier ones."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.simulators.salesforce.errors import SalesforceError, halted, not_found
from tests.simulators.salesforce.wire import Call, Json, Reply

Dispatch = Callable[[Call], Reply]
"""Runs one call inside the present one: errors become replies, nothing is committed."""
Results = dict[str, Any]
URL = re.compile(r"(?:/services/data)?/?v(\d+\.\d)(/.*)?")
REFERENCE = re.compile(r"@\{([^}]*)\}")
STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
FIRST_BAD = 400


def subcall(call: Call, method: str, url: str, body: Any, headers: Mapping[str, Any]) -> Call:
    """The call that a subrequest stands for. SalesforceError NOT_FOUND for another address."""
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


def references(value: Any) -> set[str]:
    """The reference ids that a value names."""
    if isinstance(value, str):
        return {re.split(r"[.\[]", one)[0] for one in REFERENCE.findall(value)}
    if isinstance(value, list):
        return {name for one in value for name in references(one)}
    if isinstance(value, dict):
        return {name for one in value.values() for name in references(one)}
    return set()


def halted_reply() -> Reply:
    """What a good subrequest answers whose transaction another one spoiled."""
    return Reply(FIRST_BAD, halted().as_array())


def item(one: Json, reply: Reply) -> Json:
    """How the reply of a subrequest is shown."""
    return {
        "body": reply.body,
        "httpHeaders": dict(reply.headers),
        "httpStatusCode": reply.status,
        "referenceId": one["referenceId"],
    }
