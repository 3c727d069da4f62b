"""What comes in, what is refused, and that refusing disturbs nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from services.ingress.handlers.webhook import split_some
from services.ingress.store.tables import TABLES, deliveries
from shared.security.hashing import FieldHash
from tests.integration.ingress.conftest import Door, body, event

HASH = FieldHash(b"k" * 32)


async def test_a_signed_delivery_is_one_row(door: Door) -> None:
    answer = await door.knock(body(*(event(n) for n in range(100))))

    assert answer.status_code == 204
    assert await door.stored() == 1


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"X-HubSpot-Signature-v3": "AAAA"}, "signature-invalid"),
        ({"X-HubSpot-Signature-v3": ""}, "signature-missing"),
        ({"X-HubSpot-Request-Timestamp": "soon"}, "timestamp-invalid"),
    ],
)
async def test_a_wrong_signature_is_refused(door: Door, headers: dict[str, str], code: str) -> None:
    answer = await door.knock(body(event()), headers=headers)

    assert answer.status_code == 401
    assert answer.json()["type"].endswith(code)
    assert await door.stored() == 0


@pytest.mark.parametrize("minutes", [-6, 6], ids=["old", "from the future"])
async def test_p25_an_old_or_future_timestamp_is_refused(door: Door, minutes: int) -> None:
    at = datetime.now(UTC) + timedelta(minutes=minutes)

    answer = await door.knock(body(event()), at=at)

    assert answer.status_code == 401
    assert await door.stored() == 0


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"not json", 400, "body-not-json"),
        (b"{}", 400, "event-malformed"),
        (b"[]", 400, "event-count"),
        (b'[{"portalId": "many"}]', 400, "event-malformed"),
        (body(*(event(n) for n in range(101))), 400, "event-count"),
        (body(event(portalId=999)), 404, "portal-unknown"),
        (b"[" + b" " * (5 * 1024 * 1024) + b"]", 413, "request-entity-too-large"),
    ],
    ids=["not json", "no array", "empty", "wrong type", "101 events", "unknown portal", "5 MB"],
)
async def test_p26_a_body_that_cannot_be_used_is_refused_with_the_reason(
    door: Door, content: bytes, status: int, code: str
) -> None:
    answer = await door.knock(content)

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["type"].endswith(code)
    assert await door.stored() == 0


async def test_a_refusal_disturbs_nothing_that_was_accepted(door: Door) -> None:
    await door.knock(body(event(1)))
    await door.knock(b"not json")
    await door.knock(body(event(2)), headers={"X-HubSpot-Signature-v3": "AAAA"})

    assert (await door.knock(body(event(3)))).status_code == 204
    assert await door.stored() == 2


async def test_without_a_broker_the_sender_is_told_to_come_back(door: Door) -> None:
    await door.knock(body(event(1)))
    door.broker.down = True

    answer = await door.knock(body(event(2)))

    assert answer.status_code == 503
    assert await door.stored() == 1
    door.broker.down = False
    assert (await door.knock(body(event(2)))).status_code == 204


async def test_a_delivery_becomes_one_change_a_record(door: Door) -> None:
    await door.knock(body(event(1), event(1, subscriptionType="contact.creation"), event(2)))

    assert await split_some(door.store, HASH) == 1

    async with door.database.begin() as conn:
        rows = (await conn.execute(select(TABLES.outbox))).mappings().all()
        left = await conn.execute(select(deliveries.c.id).where(deliveries.c.split_at.is_(None)))
        assert left.all() == []
    by_record = {row["data"]["record_id"]: row["data"] for row in rows}
    assert set(by_record) == {"501", "502"}
    assert by_record["501"]["kind"] == "created"
    assert "Ada" not in str([dict(row["data"]) for row in rows])


async def test_an_unmapped_property_is_no_news(door: Door) -> None:
    await door.knock(body(event(1, propertyName="favourite_colour")))
    await split_some(door.store, HASH)

    async with door.database.begin() as conn:
        assert (await conn.execute(select(TABLES.outbox))).all() == []


async def test_our_own_write_is_marked_as_ours(door: Door) -> None:
    await door.knock(
        body(
            event(1, changeSource="INTEGRATION", sourceId="222"),
            event(2, changeSource="INTEGRATION", sourceId="333"),
        )
    )
    await split_some(door.store, HASH)

    async with door.database.begin() as conn:
        rows = (await conn.execute(select(TABLES.outbox))).mappings().all()
    origins = {row["data"]["record_id"]: row["data"]["origin"] for row in rows}
    assert origins == {"501": "ours", "502": "other"}


async def test_a_form_submission_is_a_timeline_event(door: Door) -> None:
    sent = event(1, propertyName="recent_conversion_date", propertyValue="1763892000000")
    await door.knock(body(sent, sent))
    await split_some(door.store, HASH)

    async with door.database.begin() as conn:
        rows = (await conn.execute(select(TABLES.outbox))).mappings().all()
    assert [row["type"] for row in rows] == ["causeway.ingress.TimelineEventRecorded.v1"]
    assert rows[0]["data"]["event_key"] == "form:111:501:1763892000000"
