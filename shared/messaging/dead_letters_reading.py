"""What a dead letter says about itself, read from its headers and its envelopes: pure."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from shared.messaging.envelope import Envelope, MalformedMessageError, decode

ID_CHARS = 16
"""64 bits of the body's SHA-256: no two of a million letters share them by chance."""

MAX_TEXT = 500
"""Characters of a header that are shown; our own reasons have under 300."""

NOT_SAID = "unknown"
BROKERS_REASONS = {
    "delivery_limit": "It was delivered as often as the queue allows, and no consumer lived to "
    "settle it: look for a crash or for too little memory.",
    "rejected": "A consumer refused it without a reason of Causeway's.",
    "expired": "It waited longer than a policy of the broker allows.",
    "maxlen": "The queue was full.",
}
_EVENT_TYPE = re.compile(r"causeway\.[a-z_]+\.[A-Za-z]+\.v[0-9]+")


@dataclass(frozen=True, slots=True)
class Letter:
    """One message of a queue of dead letters, without what is in it.

    `id` comes from the content, so it is the same at every look; copies of one message share it.
    `events` is 0 when the body cannot be read; `event`, `subject` and `time` are the first one's.
    `size` is in bytes. `code` and `error` say why it is here.
    """

    id: str
    queue: str
    message_id: str
    event: str
    connections: tuple[UUID, ...]
    subject: str
    time: datetime | None
    code: str
    error: str
    events: int
    size: int
    sha256: str

    @property
    def place(self) -> tuple[str, str]:
        """Where it stands in a list: the oldest first, those without a time before them."""
        return (self.time.isoformat() if self.time else "", self.id)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters: each condition that is given has to hold; none is every letter.

    `ids` are letters' or messages' ids (the log's `message is dead` has the latter).
    """

    connection: UUID | None = None
    code: str | None = None
    ids: frozenset[str] = field(default_factory=frozenset)

    def takes(self, letter: Letter) -> bool:
        """Whether this letter is meant; one of several connections if any of them is."""
        return (
            (self.connection is None or self.connection in letter.connections)
            and self.code in {None, letter.code}
            and (not self.ids or not self.ids.isdisjoint({letter.id, letter.message_id}))
        )


def letter_of(
    queue: str,
    body: bytes,
    headers: Mapping[str, object],
    *,
    message_id: str | None = None,
    event: str | None = None,
) -> Letter:
    """A message as a letter of a subscription's queue; `event` is the message's own type."""
    envelopes = readable(body)
    digest = hashlib.sha256(body).hexdigest()
    code, error = _reason(headers)
    first = envelopes[0] if envelopes else None
    named = event if event and _EVENT_TYPE.fullmatch(event) else ""
    return Letter(
        id=digest[:ID_CHARS],
        queue=queue,
        message_id=(message_id or "")[:MAX_TEXT],
        event=first.type if first else named,
        connections=tuple(dict.fromkeys(each.connection_id for each in envelopes)),
        subject=first.subject if first else "",
        time=first.time if first else None,
        code=code,
        error=error,
        events=len(envelopes),
        size=len(body),
        sha256=digest,
    )


def readable(body: bytes) -> tuple[Envelope, ...]:
    """The envelopes of a body; none when it is not a batch of events."""
    try:
        return tuple(decode(body))
    except MalformedMessageError:
        return ()


def _reason(headers: Mapping[str, object]) -> tuple[str, str]:
    """Our own reason, else the broker's, else that nobody gave one."""
    if "x-causeway-code" in headers:
        return _text(headers, "x-causeway-code"), _text(headers, "x-causeway-error")
    if "x-first-death-reason" in headers:
        reason = _text(headers, "x-first-death-reason")
        known = BROKERS_REASONS.get(reason, "RabbitMQ put it aside.")
        return f"broker_{reason}", f"{known} It came from {_text(headers, 'x-first-death-queue')}."
    return NOT_SAID, "Nothing says why it is here."


def _text(headers: Mapping[str, object], name: str) -> str:
    value = headers.get(name, "")
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return text[:MAX_TEXT]
