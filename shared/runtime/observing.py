"""What the bus does, as numbers and spans: around the publisher and around each handler.

The bus itself knows neither metrics nor traces, so it stays thin.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from shared.contracts.catalogue import all_events
from shared.messaging.envelope import Envelope
from shared.messaging.publisher import Publisher, PublishFailedError
from shared.messaging.topology import Subscription
from shared.telemetry.metrics import Metrics
from shared.telemetry.traces import Span, batch_span, continued


class ObservedPublisher:
    """A publisher whose confirms are timed, and whose events are counted once confirmed."""

    def __init__(self, publisher: Publisher, metrics: Metrics, *, source: str = "") -> None:
        """`source` is the service: its events are counted from nought on.

        Prometheus sees an increase only of a number that was there before.
        """
        self._publisher = publisher
        self._seconds = metrics.histogram(
            "causeway_publish_seconds", "Time from a publish to the broker's confirm"
        )
        self._unconfirmed = metrics.counter(
            "causeway_publish_unconfirmed", "Messages that the broker did not confirm"
        )
        self._events = metrics.counter(
            "causeway_events_published", "Events that the broker confirmed", ("event",)
        )
        for event in all_events():
            if event.owner == source:
                self._events.labels(event.__name__)

    async def publish(self, batch: Sequence[Envelope]) -> None:
        """Publishes one message under a span of its own; PublishFailedError."""
        kind = _name(batch[0])
        started = time.perf_counter()
        with batch_span("publish", _traces(batch), event=kind, events=len(batch)) as opened:
            try:
                await self._publisher.publish(_under(batch, opened))
            except (PublishFailedError, asyncio.CancelledError):
                self._unconfirmed.inc()
                raise
        self._seconds.observe(time.perf_counter() - started)
        self._events.labels(kind).inc(len(batch))


def observed(subscription: Subscription, metrics: Metrics) -> Subscription:
    """The subscription with a handler that is timed, counted and put under a span of its own."""
    queue = subscription.queue
    seconds = metrics.histogram(
        "causeway_consumer_batch_seconds",
        "Time in which a batch of messages was handled and committed",
        ("queue", "outcome"),
    )
    for outcome in ("handled", "failed"):
        seconds.labels(queue, outcome)  # counted from nought on
    events = metrics.counter(
        "causeway_consumer_events", "Events handed to a handler, repetitions included", ("queue",)
    ).labels(queue)

    async def handle(batch: Sequence[Envelope]) -> None:
        started, outcome = time.perf_counter(), "failed"
        try:
            with batch_span("consume", _traces(batch), queue=queue, events=len(batch)) as opened:
                await subscription.handler(_under(batch, opened))
            outcome = "handled"
        finally:
            seconds.labels(queue, outcome).observe(time.perf_counter() - started)
            events.inc(len(batch))

    return replace(subscription, handler=handle)


def _traces(batch: Sequence[Envelope]) -> list[str | None]:
    return [envelope.traceparent for envelope in batch]


def _under(batch: Sequence[Envelope], opened: Span) -> list[Envelope]:
    """The envelopes, with the span as the parent of what follows in their traces."""
    return [
        msgspec.structs.replace(each, traceparent=continued(each.traceparent, opened))
        for each in batch
    ]


def _name(envelope: Envelope) -> str:
    """`causeway.contact_sync.RecordSynced.v1` is told as RecordSynced."""
    return envelope.type.split(".")[-2]
