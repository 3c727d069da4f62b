"""HubSpot's request signature, version 3 (facts: hubspot-api section 10)."""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

from shared.kernel.errors import FatalError

TOLERANCE = timedelta(minutes=5)  # HubSpot: refuse what is older than 300,000 ms; same ahead
_TIMESTAMP = re.compile(r"[0-9]{10,15}")  # milliseconds; the bound keeps int() and dates small
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# HubSpot signs the URI with these escapes decoded, and only these.
_DECODED = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}
_ESCAPES = re.compile("|".join(_DECODED), re.IGNORECASE)


class SignatureError(FatalError):
    """The request is not proven to come from HubSpot; `code` says why."""


def sign_v3(*, secret: str, method: str, uri: str, body: bytes, timestamp: str) -> str:
    """The value of `X-HubSpot-Signature-v3`: base64 of HMAC-SHA256 over method, URI, body, time.

    `uri` is the full https URL with its query, as the outside sees it; `timestamp` is the text
    of `X-HubSpot-Request-Timestamp` (milliseconds since 1970).
    """
    decoded = _ESCAPES.sub(lambda match: _DECODED[match[0].upper()], uri)
    message = b"".join((method.upper().encode(), decoded.encode(), body, timestamp.encode()))
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


def verify_v3(
    *,
    secret: str,
    method: str,
    uri: str,
    body: bytes,
    timestamp: str | None,
    signature: str | None,
    now: datetime,
) -> None:
    """Return when the signature is HubSpot's and fresh; SignatureError otherwise.

    Codes: signature_missing, timestamp_invalid, timestamp_too_old, timestamp_in_future,
    signature_invalid.
    """
    if not signature or timestamp is None:
        raise SignatureError(
            "X-HubSpot-Signature-v3 or X-HubSpot-Request-Timestamp is missing.",
            code="signature_missing",
        )
    _check_age(timestamp, now)
    expected = sign_v3(secret=secret, method=method, uri=uri, body=body, timestamp=timestamp)
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise SignatureError(
            "X-HubSpot-Signature-v3 does not match. Check the app's client secret, and that the "
            "public URL that Causeway is configured with is the one HubSpot calls.",
            code="signature_invalid",
        )


def _check_age(timestamp: str, now: datetime) -> None:
    if not _TIMESTAMP.fullmatch(timestamp):
        raise SignatureError(
            "X-HubSpot-Request-Timestamp is not a time in milliseconds.", code="timestamp_invalid"
        )
    age = now - _EPOCH - timedelta(milliseconds=int(timestamp))
    if age > TOLERANCE:
        raise SignatureError(
            "The request was signed more than 5 minutes ago: a replay, or this machine's clock "
            "is ahead.",
            code="timestamp_too_old",
        )
    if age < -TOLERANCE:
        raise SignatureError(
            "The request was signed more than 5 minutes in the future: this machine's clock is "
            "behind.",
            code="timestamp_in_future",
        )
