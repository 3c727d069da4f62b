"""How HubSpot signs what it sends (facts: section 10). Pure."""

import base64
import hashlib
import hmac

DECODED = {
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
"""The only escapes of a URI that are undone before it is signed."""


def signature_v1(secret: str, body: bytes) -> str:
    """``X-HubSpot-Signature``: hex SHA-256 of secret and body."""
    return hashlib.sha256(secret.encode() + body).hexdigest()


def signature_v3(secret: str, method: str, uri: str, body: bytes, timestamp: str) -> str:
    """``X-HubSpot-Signature-v3``: base64 HMAC-SHA256 of method, URI, body and timestamp (ms)."""
    for escaped, plain in DECODED.items():
        uri = uri.replace(escaped, plain).replace(escaped.lower(), plain)
    message = method.encode() + uri.encode() + body + timestamp.encode()
    return base64.b64encode(hmac.digest(secret.encode(), message, "sha256")).decode()


def signed_headers(secret: str, uri: str, body: bytes, now: int) -> dict[str, str]:
    """The headers of one delivery at ``now`` (epoch ms): both versions, as captures show."""
    timestamp = str(now)
    return {
        "Content-Type": "application/json",
        "X-HubSpot-Signature": signature_v1(secret, body),
        "X-HubSpot-Signature-Version": "v1",
        "X-HubSpot-Signature-v3": signature_v3(secret, "POST", uri, body, timestamp),
        "X-HubSpot-Request-Timestamp": timestamp,
    }
