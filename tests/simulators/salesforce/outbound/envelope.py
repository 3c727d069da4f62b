"""The SOAP text of an outbound message (facts: section 4.3, and their samples). Pure."""

import re
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape

from tests.simulators.salesforce.outbound.acks import NAMESPACE
from tests.simulators.salesforce.outbound.messages import Notification, OutboundMessage
from tests.simulators.salesforce.schema.fields import Field
from tests.simulators.salesforce.store import Record

API_VERSION = "68.0"
SHORT_ID = 15
SOBJECT = "urn:sobject.enterprise.soap.sforce.com"
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot have, not even escaped."""
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
    " <soapenv:Body>\n"
    f'  <notifications xmlns="{NAMESPACE}">\n'
)
TAIL = "  </notifications>\n </soapenv:Body>\n</soapenv:Envelope>\n"


def envelope(
    message: OutboundMessage,
    parts: Iterable[tuple[Notification, Record]],
    *,
    org_id: str,
    session_id: str,
) -> str:
    """One envelope; the records are as they are now, not as they were when the rule fired."""
    service = f"{message.origin}/services/Soap"
    session = f"<SessionId>{_text(session_id)}</SessionId>"
    lines = [
        f"<OrganizationId>{org_id}</OrganizationId>",
        f"<ActionId>{message.id}</ActionId>",
        session if session_id else '<SessionId xsi:nil="true"/>',
        f"<EnterpriseUrl>{_text(f'{service}/c/{API_VERSION}/{org_id[:SHORT_ID]}')}</EnterpriseUrl>",
        f"<PartnerUrl>{_text(f'{service}/u/{API_VERSION}/{org_id[:SHORT_ID]}')}</PartnerUrl>",
    ]
    head = "".join(f"   {line}\n" for line in lines)
    body = "".join(_notification(message, one, record) for one, record in parts)
    return HEAD + head + body + TAIL


def _notification(message: OutboundMessage, one: Notification, record: Record) -> str:
    shown = [("Id", record.id)]
    for field in message.fields:
        value = record.fields.get(field.name)
        # Empty fields are left out altogether.
        if value is not None:
            shown.append((field.name, _value(field, value)))
    values = "".join(f"     <sf:{name}>{_text(value)}</sf:{name}>\n" for name, value in shown)
    return (
        "   <Notification>\n"
        f"    <Id>{one.id}</Id>\n"
        f'    <sObject xsi:type="sf:{message.object}" xmlns:sf="{SOBJECT}">\n'
        f"{values}"
        "    </sObject>\n"
        "   </Notification>\n"
    )


def _value(field: Field, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).replace("+0000", "Z") if field.type == "datetime" else str(value)


def _text(value: str) -> str:
    return escape(NOT_XML.sub("", value))
