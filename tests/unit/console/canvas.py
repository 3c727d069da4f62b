"""Signed requests, made as Salesforce makes them."""

import base64
import hashlib
import hmac
import json
from typing import Any

from tests.unit.console.browser import CONSUMER_SECRET, NOW

ORG = "00D000000000001EAA"
LEAD = "00Q000000000001EAA"
ISSUED = int(NOW.timestamp())


def payload(record_id: str = LEAD, **other: Any) -> dict[str, Any]:
    """What is signed when somebody looks at a record of the sample org."""
    return {
        "algorithm": "HMACSHA256",
        "issuedAt": ISSUED,
        "userId": "005000000000002AAA",
        "client": {"instanceUrl": "https://acme.my.salesforce.com", "oauthToken": "00D!token"},
        "context": context(record_id),
        **other,
    }


def context(record_id: str = LEAD, org_id: str = ORG, parameter: str | None = None) -> Any:
    kind = "Lead" if record_id.startswith("00Q") else "Contact"
    parameters = {} if parameter is None else {"record": parameter, "object": kind}
    return {
        "user": {"userId": "005000000000002AAA", "fullName": "Sean Forbes"},
        "organization": {"organizationId": org_id, "name": "Acme"},
        "environment": {
            "displayLocation": "Visualforce",
            "parameters": parameters,
            "record": {"Id": record_id, "attributes": {"type": kind}} if record_id else {},
        },
    }


def signed(content: object, *, secret: str = CONSUMER_SECRET) -> str:
    """The value of the form's field."""
    return signed_text(base64.b64encode(json.dumps(content).encode()).decode(), secret=secret)


def signed_text(encoded: str, *, secret: str = CONSUMER_SECRET) -> str:
    """The same for a payload that may be anything."""
    digest = hmac.new(secret.encode(), encoded.encode(), hashlib.sha256).digest()
    return f"{base64.b64encode(digest).decode()}.{encoded}"
