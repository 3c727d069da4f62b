"""The signed request with which Salesforce opens the page inside a record. Pure.

Facts: salesforce-api 6. What is signed is the payload as it is sent, so nothing of it is looked at
before the signature holds.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from services.console.domain.answers import Json, child, mapping, text
from shared.kernel.errors import FatalError

MAX_CHARS = 65_536
"""A signed request has two or three thousand characters."""

MAX_AGE = timedelta(hours=24)
"""`issuedAt` is when the person's session in Salesforce began, and no session is longer. The page
shows no field's value: a request that somebody took along is worth little."""

AHEAD = timedelta(minutes=5)
"""Clocks differ."""

ALGORITHM = "HMACSHA256"
WINDOWED = {"Lead": "00Q", "Contact": "003"}
"""Objects with a window, and how their ids begin."""

_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_TICKS = 2**32
"""Some orgs send the low 32 bits of the milliseconds, with a sign."""

_MY_DOMAIN = re.compile(
    r"(?P<name>[a-z0-9-]+)(?P<part>(?:\.[a-z]+)?)\.my\.salesforce\.com", re.ASCII
)
ANY_SALESFORCE = ("https://*.salesforce.com", "https://*.force.com")
"""Who may frame a page that says nothing but what is wrong."""


class RequestRefusedError(FatalError):
    """The request is not Salesforce's, or too old; the text is for the person who looks."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody looks at one record of an org. `record_id` has 15 or 18 characters."""

    org_id: str
    record_id: str
    object_name: str


def visit_of(signed_request: str, *, secret: str, now: datetime) -> Visit:
    """What a signed request says, once its signature and age hold.

    Raises:
        RequestRefusedError: it is forged, too old, or about nothing that has a window.
    """
    payload = _verified(signed_request, secret)
    if text(payload, "algorithm").upper() != ALGORITHM:
        raise _forged()
    if not any(now - MAX_AGE <= moment <= now + AHEAD for moment in _moments(payload, now)):
        raise RequestRefusedError(
            "This page was opened too long ago. Reload the record in Salesforce.",
            code="request_too_old",
        )
    context = child(payload, "context")
    return _visit(text(child(context, "organization"), "organizationId"), context)


def framers(instance_url: str) -> tuple[str, ...]:
    """The origins of an org that may frame the page; the instance's own where it has no domain.

    A page in a layout is framed by the Visualforce host, which Lightning or the classic pages
    frame in turn; the browser wants all of them allowed.
    """
    parts = urlsplit(instance_url.lower())
    found = _MY_DOMAIN.fullmatch(parts.hostname or "")
    if parts.scheme != "https" or found is None:
        origin = f"{parts.scheme}://{parts.netloc}"
        return (origin,) if re.fullmatch(r"https?://[a-z0-9.:-]+", origin) else ()
    name, part = found["name"], found["part"]
    return (
        f"https://{name}{part}.my.salesforce.com",
        f"https://{name}{part}.lightning.force.com",
        f"https://{name}--c{part}.vf.force.com",
    )


def _verified(signed_request: str, secret: str) -> Json:
    signature, dot, encoded = signed_request.partition(".")
    if not dot or not secret or len(signed_request) > MAX_CHARS or not encoded.isascii():
        raise _forged()
    expected = hmac.new(secret.encode(), encoded.encode(), hashlib.sha256).digest()
    try:
        given = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        raise _forged() from None
    if not hmac.compare_digest(expected, given):
        raise _forged()
    try:
        return mapping(json.loads(base64.b64decode(encoded, validate=True)))
    except (binascii.Error, ValueError, RecursionError):
        raise _forged() from None


def _forged() -> RequestRefusedError:
    return RequestRefusedError(
        "This request is not signed by the Salesforce app of this deployment. An admin should "
        "compare the app's consumer secret with CAUSEWAY_SALESFORCE_CLIENT_SECRET.",
        code="request_forged",
    )


def _moments(payload: Json, now: datetime) -> Iterator[datetime]:
    """The ways to read `issuedAt`: seconds, milliseconds, or their low 32 bits."""
    issued = payload.get("issuedAt")
    if isinstance(issued, bool) or not isinstance(issued, int):
        return
    present = int(now.timestamp() * 1000)
    behind = (present - issued) % _TICKS
    for milliseconds in (issued * 1000, issued, present - behind):
        try:
            yield datetime.fromtimestamp(milliseconds / 1000, UTC)
        except (ValueError, OverflowError, OSError):
            continue


def _visit(org_id: str, context: Json) -> Visit:
    environment = child(context, "environment")
    told = {
        one
        for one in (
            text(child(environment, "record"), "Id"),
            text(child(environment, "parameters"), "record"),
        )
        if one
    }
    # The same record may be named by 15 and by 18 characters; two records may not be.
    if len({one[:15] for one in told}) != 1 or not _ID.fullmatch(org_id):
        raise _elsewhere()
    record_id = max(told, key=len)
    kinds = [name for name, prefix in WINDOWED.items() if record_id.startswith(prefix)]
    if not kinds or not _ID.fullmatch(record_id):
        raise _elsewhere()
    return Visit(org_id, record_id, kinds[0])


def _elsewhere() -> RequestRefusedError:
    return RequestRefusedError(
        "This page is for leads and contacts: put Causeway's Visualforce page on their layouts.",
        code="no_record",
    )
