import json
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from shared.contracts.quota import QuotaExhausted
from shared.kernel.records import Side
from shared.messaging.envelope import (
    Envelope,
    MalformedMessageError,
    decode,
    encode,
    envelope_for,
)

WIRE = {
    "specversion": "1.0",
    "id": "018f3c5e-0000-7000-8000-000000000001",
    "source": "quota",
    "type": "causeway.quota.QuotaExhausted.v1",
    "time": "2026-03-02T12:00:00Z",
    "subject": "hubspot",
    "connectionid": "33333333-3333-7333-8333-333333333333",
    "traceparent": None,
    "data": {"side": "hubspot", "until": "2026-03-03T00:00:00Z"},
}
ENVELOPE = Envelope(
    id=UUID("018f3c5e-0000-7000-8000-000000000001"),
    source="quota",
    type="causeway.quota.QuotaExhausted.v1",
    time=datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
    subject="hubspot",
    connection_id=UUID("33333333-3333-7333-8333-333333333333"),
    traceparent=None,
    data={"side": "hubspot", "until": "2026-03-03T00:00:00Z"},
)


def test_a_batch_is_a_list_of_cloud_events() -> None:
    assert json.loads(encode([ENVELOPE])) == [WIRE]


def test_a_batch_is_read_in_order() -> None:
    second = msgspec.structs.replace(ENVELOPE, subject="salesforce")

    assert decode(encode([ENVELOPE, second])) == [ENVELOPE, second]


def test_attributes_of_later_versions_are_ignored() -> None:
    body = json.dumps([{**WIRE, "datacontenttype": "application/json", "new": 1}]).encode()

    assert decode(body) == [ENVELOPE]


def test_a_missing_trace_is_no_trace() -> None:
    body = json.dumps([{k: v for k, v in WIRE.items() if k != "traceparent"}]).encode()

    assert decode(body)[0].traceparent is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"{}",
        b"[]",
        b"[1]",
        json.dumps([{**WIRE, "id": "7"}]).encode(),
        json.dumps([{**WIRE, "time": "2026-03-02T12:00:00"}]).encode(),
        json.dumps([{**WIRE, "specversion": "2.0"}]).encode(),
        json.dumps([{**WIRE, "data": None}]).encode(),
        json.dumps([WIRE, {**WIRE, "connectionid": None}]).encode(),
    ],
)
def test_anything_else_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedMessageError) as refused:
        decode(body)
    assert refused.value.code == "message_malformed"


def test_an_envelope_is_immutable() -> None:
    with pytest.raises(AttributeError):
        ENVELOPE.subject = "other"  # type: ignore[misc]


def test_a_new_events_envelope_says_who_what_and_since_when() -> None:
    event = QuotaExhausted(side=Side.HUBSPOT, until=datetime(2026, 3, 3, tzinfo=UTC))

    made = envelope_for(
        event,
        source="quota",
        subject="hubspot",
        connection_id=ENVELOPE.connection_id,
        now=ENVELOPE.time,
        traceparent=None,
    )

    assert made.id.version == 7
    assert msgspec.structs.replace(made, id=ENVELOPE.id) == ENVELOPE
