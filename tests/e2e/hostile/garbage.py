"""Values that nobody means, for every place that takes one."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import httpx2

from tests.e2e.hostile.people import BROWSER, UNKNOWN

IDS = (
    UNKNOWN,
    "not-a-uuid",
    "%00",
    "..%2F..%2Fetc%2Fpasswd",
    "%F0%9D%95%8F",
    "9" * 60,
    "x" * 3_000,
    "'%20OR%201=1--",
)
TEXTS = ("", "\0", "a\0b", "\u202e", "x" * 5_000, "' OR 1=1--", "9" * 60, "-1", "NaN", "null")


def cursors() -> list[str]:
    places: list[object] = [
        [],
        ["x"],
        [UNKNOWN],
        ["1"],
        ["9" * 40],
        ["-1"],
        ["2026-01-01T00:00:00", UNKNOWN],
        ["0001-01-01T00:00:00+14:00", UNKNOWN],
        ["9999-12-31T23:59:59-14:00", UNKNOWN],
        ["x", "y", "z"],
        {"a": 1},
        7,
    ]
    return [base64.urlsafe_b64encode(json.dumps(p).encode()).decode() for p in places]


WRONG: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**40,
    1e308,
    "",
    "a\0b",
    "\ud800",
    "x" * 5_000,
    [],
    [None],
    {},
    {"a": {"b": []}},
    UNKNOWN,
)


def resolved(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema or "anyOf" in schema or "allOf" in schema:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        else:
            schema = (schema.get("anyOf") or schema["allOf"])[0]
    return schema


def plausible(schema: Mapping[str, Any], document: Mapping[str, Any], connection_id: str) -> Any:
    """A value that fits the schema, as far as it says."""
    schema = resolved(schema, document)
    if "const" in schema or "enum" in schema:
        return schema.get("const") or schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {
                name: plausible(one, document, connection_id)
                for name, one in schema.get("properties", {}).items()
            }
        case "array":
            return [plausible(schema["items"], document, connection_id)]
        case "integer" | "number":
            return max(1, schema.get("minimum", 1))
        case "boolean":
            return True
        case _:
            return connection_id if schema.get("format") == "uuid" else "x"


def bodies(operation: Mapping[str, Any], document: Mapping[str, Any], known: str) -> list[Any]:
    """Bodies of a route, each wrong in one place."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return [None]
    good = plausible(content["schema"], document, known)
    if not isinstance(good, dict):
        return [good, *WRONG]
    mutants = [{**good, name: wrong} for name in good for wrong in WRONG]
    less = [{k: v for k, v in good.items() if k != name} for name in good]
    return [*WRONG, *mutants, *less, {**good, "surprise": 1}]


async def refused(
    http: httpx2.AsyncClient, method: str, url: str, headers: Mapping[str, str], **more: Any
) -> str | None:
    """What is wrong with the answer; None when it is an answer and not an accident."""
    answer = await http.request(method, url, headers=headers, **more)
    if answer.status_code >= 500:
        return f"{method} {answer.request.url.path[:90]} {str(more)[:90]}: {answer.status_code}"
    kind = answer.headers.get("content-type", "")
    if (
        answer.status_code >= 400
        and "problem+json" not in kind
        and url.startswith("/api/")
        and not url.startswith(BROWSER)
    ):
        return f"{method} {answer.request.url.path[:90]}: {answer.status_code} as {kind}"
    return None
