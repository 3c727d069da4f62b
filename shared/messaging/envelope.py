"""CloudEvents 1.0 envelopes; an AMQP message carries one or many of one type and connection."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from shared.contracts.base import Event
from shared.kernel.errors import FatalError
from shared.kernel.ids import new_id

CONTENT_TYPE = "application/cloudevents-batch+json"
MAX_BATCH = 100
"""Events of one message: a HubSpot webhook's worth, about 50 kB."""


class MalformedMessageError(FatalError):
    """A message is not a batch of CloudEvents; nobody will ever be able to read it."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The message is not a batch of events: {why}", code="message_malformed")


class Envelope(msgspec.Struct, frozen=True, kw_only=True, rename={"connection_id": "connectionid"}):
    """One event on its way: what, about whom, since when; `data` is the contract's JSON.

    An immutable value; its fields are the attributes of CloudEvents, encoded as they stand here.
    """

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str
    type: str
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    subject: str
    connection_id: UUID
    traceparent: str | None = None
    data: dict[str, Any]


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(list[Envelope])


def encode(batch: Sequence[Envelope]) -> bytes:
    """The body of a message."""
    return _encoder.encode(batch)


def decode(body: bytes) -> list[Envelope]:
    """The envelopes of a message; unknown attributes are ignored."""
    try:
        found = _decoder.decode(body)
    except msgspec.DecodeError as error:
        raise MalformedMessageError(str(error)) from None
    if not found:
        raise MalformedMessageError("there is no event in it")
    return found


def envelope_for(
    event: Event,
    *,
    source: str,
    subject: str,
    connection_id: UUID,
    now: datetime,
    traceparent: str | None,
) -> Envelope:
    """The envelope of a new event."""
    return Envelope(
        id=new_id(),
        source=source,
        type=event.type_name(),
        time=now,
        subject=subject,
        connection_id=connection_id,
        traceparent=traceparent,
        data=event.model_dump(mode="json"),
    )
