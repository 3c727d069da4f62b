"""Conditional requests on single records (facts: section 2.7).

Entity tags work for Account only; the dates are weak, to the second, and work everywhere. Deletes
know no conditions.
"""

import base64
import re
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime

from tests.simulators.salesforce.errors import SalesforceError
from tests.simulators.salesforce.stamps import moment
from tests.simulators.salesforce.store import Record
from tests.simulators.salesforce.wire import Call

TAGGED = "Account"
TAG = re.compile(r'(?:W/)?"([^"]*)"')


def headers_of(record: Record) -> dict[str, str]:
    """What a reply that shows the record says of its state."""
    changed = format_datetime(_changed(record), usegmt=True)
    return {"Last-Modified": changed, **({"ETag": f'"{_tag(record)}"'} if _tagged(record) else {})}


def unchanged(call: Call, record: Record) -> bool:
    """Whether a reading call gets 304. SalesforceError 412 when its precondition fails."""
    _check(call, record)
    tags = _tags(call, "if-none-match") if _tagged(record) else None
    if tags is not None:
        return _tag(record) in tags
    since = _date(call, "if-modified-since")
    return since is not None and _changed(record) <= since


def check_write(call: Call, record: Record) -> None:
    """SalesforceError 412 when a precondition of a change fails, 400 for one that is no date."""
    for name in ("if-match", "if-none-match"):
        given = call.headers.get(name)
        if _tagged(record) and given is not None and not TAG.search(given):
            raise SalesforceError(400, "INVALID_HEADER_VALUE", f"{name} is no entity tag: {given}")
    for name in ("if-modified-since", "if-unmodified-since"):
        if call.headers.get(name) is not None and _date(call, name) is None:
            raise SalesforceError(400, "INVALID_HEADER_VALUE", f"{name} is no HTTP date")
    _check(call, record)
    tags = _tags(call, "if-none-match") if _tagged(record) else None
    since = _date(call, "if-modified-since")
    if (tags is not None and _tag(record) in tags) or (
        since is not None and _changed(record) <= since
    ):
        raise _failed()


def _check(call: Call, record: Record) -> None:
    tags = _tags(call, "if-match") if _tagged(record) else None
    before = _date(call, "if-unmodified-since")
    if (tags is not None and _tag(record) not in tags) or (
        before is not None and _changed(record) > before
    ):
        raise _failed()


def _failed() -> SalesforceError:
    message = "The record has changed, or has not: a precondition of the request failed."
    return SalesforceError(412, "PRECONDITION_FAILED", message)


def _tagged(record: Record) -> bool:
    return record.object == TAGGED


def _tag(record: Record) -> str:
    return base64.b64encode(f"{record.id}{record.stamp}".encode()).decode()


def _tags(call: Call, name: str) -> set[str] | None:
    given = call.headers.get(name)
    return None if given is None else set(TAG.findall(given))


def _changed(record: Record) -> datetime:
    return moment(str(record.fields["SystemModstamp"]))


def _date(call: Call, name: str) -> datetime | None:
    try:
        return parsedate_to_datetime(call.headers[name])
    except (KeyError, ValueError, TypeError):
        return None
