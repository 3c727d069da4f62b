"""JSON in and out, in HubSpot's way."""

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec
from fastapi import Request, Response

from tests.simulators.hubspot.errors import HubSpotError, invalid_json
from tests.simulators.hubspot.model import Json

MEDIA_TYPE = "application/json;charset=utf-8"
CORRELATION_HEADER = "X-HubSpot-Correlation-Id"
SECOND = 1_000
KEPT_TIMES = 10_000
"""Texts of times that are kept: the records of one batch share theirs."""


@lru_cache(maxsize=KEPT_TIMES)
def iso(moment: int) -> str:
    """Epoch milliseconds as ISO 8601 in UTC; a fraction of zero is left out (facts: section 0)."""
    whole, fraction = divmod(moment, SECOND)
    text = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{fraction:03d}Z" if fraction else f"{text}Z"


def reply(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(body), status, headers, media_type=MEDIA_TYPE)


def no_content() -> Response:
    """204."""
    return Response(status_code=204)


def refusal(problem: HubSpotError, correlation_id: str) -> Response:
    """An error's answer: the id in its body is the id in the header."""
    body = {**problem.body, "correlationId": correlation_id}
    return reply(body, problem.status, problem.headers)


async def json_body(request: Request) -> Json:
    """The request's JSON object; an empty body is an empty object. HubSpotError 400 otherwise."""
    raw = await request.body()
    body = decoded(raw) if raw.strip() else {}
    if not isinstance(body, dict):
        raise invalid_json(1, 1, "expected an object")
    return body


async def json_list(request: Request) -> list[Any]:
    """The request's JSON array. HubSpotError 400 if it is anything else."""
    body = decoded(await request.body())
    if not isinstance(body, list):
        raise invalid_json(1, 1, "expected an array")
    return body


def decoded(raw: bytes) -> Any:
    """Any JSON value. HubSpotError 400 with the place of the first mistake."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:
        return json.loads(raw)
    except json.JSONDecodeError as wrong:
        raise invalid_json(wrong.lineno, wrong.colno, wrong.msg) from wrong
    except UnicodeDecodeError as wrong:
        raise invalid_json(1, wrong.start + 1, "invalid UTF-8") from wrong
