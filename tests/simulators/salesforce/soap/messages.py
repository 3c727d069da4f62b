"""SOAP envelopes in and out. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
    f'xmlns:soapenv="{ENVELOPE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


@dataclass(frozen=True, slots=True)
class SoapCall:
    """What an envelope asks for; ``body`` is the operation's element, without namespaces."""

    operation: str
    body: ET.Element
    session_id: str

    def text(self, path: str, default: str = "") -> str:
        """The text at a path below the operation."""
        return (self.body.findtext(path) or default).strip()

    def flag(self, path: str, *, default: bool = False) -> bool:
        """A boolean, in any case."""
        text = self.text(path).lower()
        return default if not text else text in {"true", "1"}


def read_call(data: bytes) -> SoapCall:
    """The call of an envelope. ValueError when it is none."""
    try:
        root = ET.fromstring(data)  # noqa: S314 -- the caller's own text, on the caller's machine
    except ET.ParseError as wrong:
        raise ValueError(f"not XML: {wrong}") from wrong
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
    body = root.find("Body")
    operation = next(iter(body), None) if body is not None else None
    if root.tag != "Envelope" or operation is None:
        raise ValueError("no Envelope with an operation in its Body")
    session = (root.findtext("Header/SessionHeader/sessionId") or "").strip()
    return SoapCall(operation.tag, operation, session)


def answer(operation: str, result: Any, namespace: str) -> str:
    """The envelope of an answer; ``result`` are mappings, lists and plain values."""
    response = f"{operation}Response"
    inner = element("result", result)
    body = f"<{response}>{inner}</{response}>" if inner else f"<{response}/>"
    return _envelope(body, f'xmlns="{namespace}"')


def fault(code: str, message: str, namespace: str) -> str:
    """The envelope of a refusal; it is sent with HTTP 500."""
    text = escape(f"{code}: {message}")
    detail = (
        f"<sf:UnexpectedErrorFault><sf:exceptionCode>{code}</sf:exceptionCode>"
        f"<sf:exceptionMessage>{escape(message)}</sf:exceptionMessage></sf:UnexpectedErrorFault>"
    )
    body = (
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{text}</faultstring>"
        f"<detail>{detail}</detail></soapenv:Fault>"
    )
    return _envelope(body, f'xmlns:sf="{namespace}"')


def _envelope(body: str, names: str) -> str:
    return f"{HEAD} {names}><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"


def element(name: str, value: Any) -> str:
    """One element, one for each item of a list, none for None."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(element(name, one) for one in value)
    return f"<{name}>{_content(value)}</{name}>"


def _content(value: Any) -> str:
    if isinstance(value, Mapping):
        return "".join(_children(value.items()))
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(str(value))


def _children(items: Iterable[tuple[str, Any]]) -> Iterable[str]:
    return (element(name, one) for name, one in items)
