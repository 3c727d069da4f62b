"""What a listener's answer means: one Ack for the whole envelope (facts: section 4.3). Pure."""

import re

MAX_ANSWER = 65_536
"""Bytes of an answer that are looked at; an acknowledgement has a few hundred."""
NAMESPACE = "http://soap.sforce.com/2005/09/outbound"
OK = 200
_NAME = r"(?:[A-Za-z_][\w.-]{0,40}:)?"
_BLANK = r"\s{0,200}"
ACK = re.compile(
    rf"<{_NAME}notificationsResponse(?:\s[^<>]{{0,1000}})?>{_BLANK}"
    rf"<{_NAME}Ack(?:\s[^<>]{{0,200}})?>{_BLANK}(true|false|1|0){_BLANK}</{_NAME}Ack>{_BLANK}"
    rf"</{_NAME}notificationsResponse>"
)
"""Every repetition is bounded, so that no answer can make the search long."""
TRUE = frozenset({"true", "1"})


def refusal(status: int, content_type: str, body: bytes) -> str:
    """Why an answer is no acknowledgement; empty when it is one."""
    if status != OK:
        return f"HTTP {status}"
    if "xml" not in content_type.lower():
        return f"the answer is {content_type or 'of no type'}, not XML"
    text = body[:MAX_ANSWER].decode("utf-8", "replace")
    found = ACK.search(text)
    if found is None or NAMESPACE not in text:
        return "no notificationsResponse with an Ack"
    return "" if found.group(1) in TRUE else "Ack is false"
