from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from shared.contracts.quota import QuotaExhausted
from shared.kernel.records import Side
from shared.messaging.envelope import Envelope, MalformedMessageError
from shared.messaging.registry import EventRegistry, UnsupportedVersionError

REGISTRY = EventRegistry([QuotaExhausted])
ENVELOPE = Envelope(
    id=UUID(int=1),
    source="quota",
    type="causeway.quota.QuotaExhausted.v1",
    time=datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
    subject="hubspot",
    connection_id=UUID(int=2),
    data={"side": "hubspot", "until": "2026-03-03T00:00:00Z"},
)
EVENT = QuotaExhausted(side=Side.HUBSPOT, until=datetime(2026, 3, 3, tzinfo=UTC))


def of_type(name: str) -> Envelope:
    return msgspec.structs.replace(ENVELOPE, type=name)


def test_a_known_event_is_parsed() -> None:
    assert REGISTRY.parse(ENVELOPE) == EVENT


def test_fields_of_a_newer_minor_version_are_ignored() -> None:
    newer = msgspec.structs.replace(ENVELOPE, data={**ENVELOPE.data, "why": "daily"})

    assert REGISTRY.parse(newer) == EVENT


@pytest.mark.parametrize(
    "name",
    [
        "causeway.quota.QuotaRestored.v1",
        "causeway.quota.QuotaExhausted.v0",
        "causeway.quota.QuotaExhausted.vx",
        "something else",
        "",
    ],
)
def test_what_nobody_asked_for_is_none(name: str) -> None:
    assert REGISTRY.parse(of_type(name)) is None


@pytest.mark.parametrize("major", [2, 10])
def test_a_newer_major_version_is_refused_with_advice(major: int) -> None:
    with pytest.raises(UnsupportedVersionError, match="Upgrade the service, then replay"):
        REGISTRY.parse(of_type(f"causeway.quota.QuotaExhausted.v{major}"))


def test_wrong_fields_are_named_without_their_values() -> None:
    wrong = msgspec.structs.replace(ENVELOPE, data={"side": "ada@example.com"})

    with pytest.raises(MalformedMessageError) as refused:
        REGISTRY.parse(wrong)

    assert "side, until" in str(refused.value)
    assert "ada" not in str(refused.value)
