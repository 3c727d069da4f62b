"""CloudEvents 1.0 envelopes; an AMQP message carries one or many of one type and connection."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from shared.contracts.base import Event
from shared.kernel.errors import FatalError
from shared.kernel.ids import new_id

CONTENT_TYPE = "application/cloudevents-batch+json"
SPEC_VERSION: Literal["1.0"] = "1.0"
MAX_BATCH = 100
"""Events of one message: a HubSpot webhook's worth, about 50 kB."""


class MalformedMessageError(FatalError):
    """A message is not a batch of CloudEvents; nobody will ever be able to read it."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The message is not a batch of events: {why}", code="message_malformed")


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event on its way: what, about whom, since when; `data` is the contract's JSON."""

    id: UUID
    source: str
    type: str
    time: datetime
    subject: str
    connection_id: UUID
    traceparent: str | None
    data: dict[str, Any]


class _Wire(msgspec.Struct, kw_only=True, omit_defaults=False):
    specversion: Literal["1.0"] = SPEC_VERSION
    id: UUID
    source: str
    type: str
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    subject: str
    connectionid: UUID
    traceparent: str | None = None
    data: dict[str, Any]


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(list[_Wire])


def encode(batch: Sequence[Envelope]) -> bytes:
    """The body of a message."""
    return _encoder.encode(
        [
            _Wire(
                id=envelope.id,
                source=envelope.source,
                type=envelope.type,
                time=envelope.time,
                subject=envelope.subject,
                connectionid=envelope.connection_id,
                traceparent=envelope.traceparent,
                data=envelope.data,
            )
            for envelope in batch
        ],
    )


def decode(body: bytes) -> list[Envelope]:
    """The envelopes of a message; unknown attributes are ignored."""
    try:
        found = _decoder.decode(body)
    except msgspec.DecodeError as error:
        raise MalformedMessageError(str(error)) from None
    if not found:
        raise MalformedMessageError("there is no event in it")
    return [
        Envelope(
            id=wire.id,
            source=wire.source,
            type=wire.type,
            time=wire.time,
            subject=wire.subject,
            connection_id=wire.connectionid,
            traceparent=wire.traceparent,
            data=wire.data,
        )
        for wire in found
    ]


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
