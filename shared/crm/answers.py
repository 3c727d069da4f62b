"""The JSON of an answer, checked for its outermost shape only."""

from typing import Any

import httpx2
import msgspec

from shared.crm.errors import CrmRetriableError

Json = dict[str, Any]
_MAX_DIGITS = 18
"""Fits into 64 bits; Python refuses to read numbers of thousands of digits."""


def parsed(body: bytes) -> Any:
    """The JSON in `body`, None when it is none (an HTML page, a cut text, absurd nesting)."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def object_of(response: httpx2.Response) -> Json:
    """The JSON object that a successful answer holds, else CrmRetriableError."""
    found = parsed(response.content)
    if isinstance(found, dict):
        return found
    raise _unreadable(response, "a JSON object")


def list_of(response: httpx2.Response) -> list[Any]:
    """The JSON array that a successful answer holds, else CrmRetriableError."""
    found = parsed(response.content)
    if isinstance(found, list):
        return found
    raise _unreadable(response, "a JSON array")


def members(holder: object, name: str) -> list[Json]:
    """The JSON objects in the array `holder[name]`; anything else there counts as none."""
    found = holder.get(name) if isinstance(holder, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def member(holder: object, name: str) -> Json:
    """The JSON object `holder[name]`, empty when there is none."""
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else {}


def text(holder: object, name: str) -> str:
    """The string or number `holder[name]` as text, "" when there is none (ids come as both)."""
    found = holder.get(name) if isinstance(holder, dict) else None
    return str(found) if isinstance(found, (str, int)) and not isinstance(found, bool) else ""


def digits(told: str) -> int | None:
    """The number that a text of up to 18 digits spells, else None."""
    short = told.isascii() and told.isdigit() and len(told) <= _MAX_DIGITS
    return int(told) if short else None


def _unreadable(response: httpx2.Response, wanted: str) -> CrmRetriableError:
    kind = response.headers.get("content-type", "no content type").partition(";")[0][:40]
    return CrmRetriableError(
        f"The CRM answered {response.status_code} with {kind} instead of {wanted}. Something "
        "between this machine and the CRM may be answering in its place (a proxy, a login page).",
        code="crm_answer_unreadable",
        status=response.status_code,
    )
