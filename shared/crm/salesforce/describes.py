"""The describes of several objects in one API call (facts: salesforce-api 2.2, 2.5)."""

import asyncio
from collections.abc import Sequence
from urllib.parse import quote

import httpx2
import msgspec

from shared.crm.errors import CrmError, CrmFatalError, CrmRetriableError
from shared.crm.salesforce.describe import ObjectDescribe, describe_of
from shared.crm.salesforce.mapper import error_of
from shared.crm.transport import Transport

MAX_DESCRIBE_BYTES = 128 * 1024 * 1024
"""An object may have 800 custom picklists of 1,000 values: 84 MB, where ordinary ones have 1."""
MAX_SUBREQUESTS = 25
_FIRST_ERROR_STATUS = 300
_TOO_LARGE = "crm_answer_too_large"

Described = dict[str, ObjectDescribe | CrmFatalError]


class _Item(msgspec.Struct, rename="camel"):
    reference_id: str
    http_status_code: int
    body: msgspec.Raw


class _Answer(msgspec.Struct, rename="camel"):
    composite_response: list[_Item]


async def describe_object(transport: Transport, root: str, name: str) -> ObjectDescribe:
    """See SalesforceClient.describe."""
    answer = await transport.request("GET", _path(root, name), max_bytes=MAX_DESCRIBE_BYTES)
    # A large object takes seconds to read: not on the loop.
    return await asyncio.to_thread(describe_of, answer.content)


async def describe_objects(transport: Transport, root: str, names: Sequence[str]) -> Described:
    """See SalesforceClient.describes."""
    if len(names) > MAX_SUBREQUESTS:
        raise ValueError(f"Salesforce describes {MAX_SUBREQUESTS} objects in a call at most")
    try:
        return await _at_once(transport, root, names)
    except CrmFatalError as refused:
        if refused.code != _TOO_LARGE:
            raise
    # Too much for one answer: one after the other, so that one at a time is in memory.
    return {name: await _alone(transport, root, name) for name in names}


async def _at_once(transport: Transport, root: str, names: Sequence[str]) -> Described:
    sent = [
        {"method": "GET", "url": _path(root, name), "referenceId": f"d{n}"}
        for n, name in enumerate(names)
    ]
    body = {"allOrNone": False, "compositeRequest": sent}
    items = _items(await transport.request("POST", f"{root}/composite", json=body))
    return {
        name: await asyncio.to_thread(_described, items.get(f"d{n}"))
        for n, name in enumerate(names)
    }


async def _alone(transport: Transport, root: str, name: str) -> ObjectDescribe | CrmFatalError:
    try:
        return await describe_object(transport, root, name)
    except CrmFatalError as refused:
        if refused.complaint is None:
            raise
        return refused


def _described(item: _Item | None) -> ObjectDescribe | CrmFatalError:
    if item is None:
        raise CrmRetriableError(
            "Salesforce left a part of a composite unanswered; the call is made again.",
            code="crm_answer_unreadable",
        )
    if item.http_status_code < _FIRST_ERROR_STATUS:
        return describe_of(item.body)
    error: CrmError = error_of(item.http_status_code, msgspec.json.decode(item.body))
    if isinstance(error, CrmFatalError) and error.complaint is not None:
        return error
    raise error


def _items(response: httpx2.Response) -> dict[str, _Item]:
    try:
        found = msgspec.json.decode(response.content, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise CrmRetriableError(
            "Salesforce's answer to a composite cannot be read; the call is made again.",
            code="crm_answer_unreadable",
            status=response.status_code,
        ) from None
    return {item.reference_id: item for item in found.composite_response}


def _path(root: str, name: str) -> str:
    return f"{root}/sobjects/{quote(name, safe='')}/describe"
