import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest

from shared.contracts.contact_sync import RecordSynced
from shared.kernel.records import ObjectType
from shared.messaging.envelope import Envelope, envelope_for
from shared.messaging.publisher import PublishFailedError
from shared.messaging.topology import Subscription
from shared.runtime.observing import ObservedPublisher, observed
from shared.telemetry.metrics import Metrics
from tests.fakes.spans import RecordedSpans, trace_of, traceparent_of

QUEUE = "contact_sync.changes"
ONE = "00-11111111111111111111111111111111-1111111111111111-01"
TWO = "00-22222222222222222222222222222222-2222222222222222-01"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> RecordedSpans:
    return RecordedSpans(monkeypatch)


def envelopes(*traces: str | None) -> list[Envelope]:
    event = RecordSynced(object_type=ObjectType.CONTACT, hubspot_id="1", salesforce_id="003A")
    return [
        envelope_for(
            event,
            source="contact_sync",
            subject="contact/1",
            connection_id=UUID(int=1),
            now=datetime(2026, 11, 24, tzinfo=UTC),
            traceparent=trace,
        )
        for trace in traces
    ]


class Broker:
    """Takes every message, or fails with an error."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.taken: list[Envelope] = []
        self._error = error

    async def publish(self, batch: Sequence[Envelope]) -> None:
        if self._error is not None:
            raise self._error
        self.taken.extend(batch)


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


async def test_a_confirmed_message_is_timed_and_its_events_are_counted_by_name() -> None:
    metrics = Metrics()
    await ObservedPublisher(Broker(), metrics).publish(envelopes(None, None))
    assert value(metrics, "causeway_publish_seconds_count") == 1
    assert value(metrics, "causeway_events_published_total", event="RecordSynced") == 2
    assert value(metrics, "causeway_publish_unconfirmed_total") == 0


@pytest.mark.parametrize("error", [PublishFailedError("refused"), asyncio.CancelledError()])
async def test_a_message_without_a_confirm_is_counted_and_not_timed(error: BaseException) -> None:
    metrics = Metrics()
    with pytest.raises(type(error)):
        await ObservedPublisher(Broker(error), metrics).publish(envelopes(None))
    assert value(metrics, "causeway_publish_unconfirmed_total") == 1
    assert value(metrics, "causeway_publish_seconds_count") == 0
    assert value(metrics, "causeway_events_published_total", event="RecordSynced") is None


def test_the_events_of_a_service_are_counted_from_nought_on() -> None:
    metrics = Metrics()
    ObservedPublisher(Broker(), metrics, source="connection")
    assert value(metrics, "causeway_events_published_total", event="ConnectionBroken") == 0
    assert value(metrics, "causeway_events_published_total", event="RecordSynced") is None


async def test_a_message_goes_on_in_the_trace_of_its_first_event(spans: RecordedSpans) -> None:
    broker = Broker()
    await ObservedPublisher(broker, Metrics()).publish(envelopes(ONE, TWO, None))
    publish = spans.one("publish")
    assert trace_of(publish) == "1" * 32
    assert [format(link.context.trace_id, "032x") for link in publish.links] == ["2" * 32]
    assert publish.attributes == {"event": "RecordSynced", "events": 3}
    mine = traceparent_of(publish)
    assert [envelope.traceparent for envelope in broker.taken] == [mine, TWO, mine]


async def test_a_batch_that_is_handled_is_timed_counted_and_traced(spans: RecordedSpans) -> None:
    metrics, heard = Metrics(), Broker()
    subscription = observed(Subscription(QUEUE, (RecordSynced,), heard.publish), metrics)
    await subscription.handler(envelopes(ONE, TWO))
    assert (subscription.queue, subscription.events) == (QUEUE, (RecordSynced,))
    consume = spans.one("consume")
    assert consume.attributes == {"queue": QUEUE, "events": 2}
    assert [envelope.traceparent for envelope in heard.taken] == [traceparent_of(consume), TWO]
    counted = "causeway_consumer_batch_seconds_count"
    assert value(metrics, counted, queue=QUEUE, outcome="handled") == 1
    assert value(metrics, "causeway_consumer_events_total", queue=QUEUE) == 2


async def test_a_batch_that_fails_is_told_apart_and_its_error_passes(spans: RecordedSpans) -> None:
    metrics = Metrics()
    failing = Subscription(QUEUE, (RecordSynced,), Broker(ValueError("about Ada")).publish)
    with pytest.raises(ValueError, match="Ada"):
        await observed(failing, metrics).handler(envelopes(ONE))
    counted = "causeway_consumer_batch_seconds_count"
    assert value(metrics, counted, queue=QUEUE, outcome="failed") == 1
    assert value(metrics, counted, queue=QUEUE, outcome="handled") == 0
    assert spans.one("consume").status.description == "ValueError"


async def test_two_queues_of_a_service_share_their_metrics() -> None:
    metrics = Metrics()
    for queue in ("a", "b"):
        await observed(Subscription(queue, (), Broker().publish), metrics).handler(envelopes(None))
    assert value(metrics, "causeway_consumer_events_total", queue="a") == 1
    assert value(metrics, "causeway_consumer_events_total", queue="b") == 1
