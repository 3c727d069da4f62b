"""SOAP envelopes to Salesforce and back, for the few calls that REST does not have.

The session is in the envelope, and every refusal comes as a fault with HTTP 500. Sforce headers
have no meaning here.
"""

from collections.abc import Mapping
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import httpx2

from shared.crm.errors import CrmError, CrmRetriableError
from shared.crm.salesforce.mapper import NAME, error_of
from shared.crm.transport import LimitInfo, Xml

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
METADATA = "http://soap.sforce.com/2006/04/metadata"
_REFUSED = 400
"""What a fault would have been in REST; the 500 that it comes with says nothing."""


def envelope(operation: str, inner: str) -> Xml:
    """The body of one call of the Metadata API; `inner` is XML."""

    def written(session: str) -> bytes:
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="{ENVELOPE}" '
            f'xmlns="{METADATA}"><e:Header><SessionHeader><sessionId>{escape(session)}</sessionId>'
            f"</SessionHeader></e:Header><e:Body><{operation}>{inner}</{operation}></e:Body>"
            "</e:Envelope>"
        ).encode()

    return written


def element(name: str, text: str) -> str:
    """`<name>text</name>`, with the text escaped."""
    return f"<{name}>{escape(text)}</{name}>"


def results(response: httpx2.Response) -> list[ET.Element]:
    """The `result` elements of an answer, their names without namespaces.

    Raises:
        CrmRetriableError: the answer is no envelope.
    """
    body = _body(response.content)
    if body is None or not len(body):
        raise CrmRetriableError(
            f"Salesforce answered {response.status_code} with something that is no SOAP envelope. "
            "Something between this machine and Salesforce may be answering in its place.",
            code="crm_answer_unreadable",
            status=response.status_code,
        )
    return body[0].findall("result")


def told(holder: ET.Element, name: str) -> str:
    """The text of a child, "" when there is none."""
    return (holder.findtext(name) or "").strip()


class SoapErrors:
    """Salesforce's ErrorMapper for SOAP."""

    @property
    def crm(self) -> str:
        """The CRM's name for people."""
        return NAME

    @property
    def headers(self) -> Mapping[str, str]:
        """SOAP 1.1 wants an action, and Salesforce ignores what it says."""
        return {"SOAPAction": '""'}

    def limits(self, headers: httpx2.Headers) -> LimitInfo | None:  # noqa: ARG002
        """SOAP tells the usage inside its answers, where nobody looks for it here."""
        return None

    def expired(self, response: httpx2.Response) -> bool:
        """Whether the session in the envelope is over."""
        return _fault(response)[0] == "INVALID_SESSION_ID"

    def error(self, response: httpx2.Response) -> CrmError:
        """The error of a fault; of any other answer by its status."""
        code, message = _fault(response)
        if not code:
            return error_of(response.status_code, None)
        return error_of(_REFUSED, [{"errorCode": code, "message": message}])


def _fault(response: httpx2.Response) -> tuple[str, str]:
    """Code (without its prefix) and text of a fault; empty when it is none."""
    body = _body(response.content) if response.is_error else None
    fault = None if body is None else body.find("Fault")
    if fault is None:
        return "", ""
    return told(fault, "faultcode").rpartition(":")[2], told(fault, "faultstring")


def _body(content: bytes) -> ET.Element | None:
    try:
        # expat resolves no external entity, and its versions since 2.4 bound the others.
        root = ET.fromstring(content)  # noqa: S314
    except (ET.ParseError, ValueError, LookupError):
        return None
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
    return root.find("Body") if root.tag == "Envelope" else None
