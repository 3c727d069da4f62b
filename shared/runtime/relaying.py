"""The relay of one service on a publisher of its own, and whether the broker takes its events."""

import asyncio

from shared.db.database import Database
from shared.db.notify import Wakeups
from shared.kernel.errors import CausewayError, RetriableError
from shared.kernel.ids import new_id
from shared.messaging.publisher import PUBLISH_SECONDS, AmqpPublisher, PublishFailedError
from shared.outbox.outbox import Outbox
from shared.outbox.relay import Relay
from shared.runtime.observing import ObservedPublisher
from shared.telemetry.metrics import Metrics

SETTLED_SECONDS = PUBLISH_SECONDS + 5.0
"""A blocked broker accepts connections and lets publishes hang: after a failure the relay has to
outlive one publish before it counts as well again."""


class Relaying:
    """Publishes the outbox; neither the publisher nor the relay mends itself, a restart does."""

    def __init__(
        self,
        *,
        database: Database,
        outbox: Outbox,
        wakeups: Wakeups,
        amqp_url: str,
        namespace: str = "",
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._wakeups = wakeups
        self._amqp_url = amqp_url
        self._namespace = namespace
        self._metrics = metrics
        self._token = new_id()
        self._failure = ""
        self._connected_at: float | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Connect and relay until `stop`; raises what either failed with.

        A connection that is lost while there is nothing to publish ends it as well.
        """
        publisher = AmqpPublisher(self._amqp_url, namespace=self._namespace)
        try:
            await publisher.connect()
            self._connected_at = asyncio.get_running_loop().time()
            observed = ObservedPublisher(publisher, self._metrics, source=self._outbox.source)
            relay = Relay(self._database, self._outbox, observed, self._wakeups, token=self._token)
            await _while_connected(relay, publisher, stop)
        except CausewayError as error:
            self._failure = str(error)
            raise
        finally:
            self._connected_at = None
            await publisher.close()

    async def check(self) -> None:
        """Raises while the broker takes no events: away, blocked, or without its topology."""
        since = self._connected_at
        settled = since is not None and (
            not self._failure or asyncio.get_running_loop().time() - since > SETTLED_SECONDS
        )
        if not settled:
            raise RetriableError(
                f"Events wait in the outbox: {self._failure or 'the broker has not answered yet.'}",
                code="broker_unavailable",
            )
        self._failure = ""


async def _while_connected(relay: Relay, publisher: AmqpPublisher, stop: asyncio.Event) -> None:
    ended = asyncio.Event()
    reasons = [asyncio.create_task(reason.wait()) for reason in (stop, publisher.lost)]
    for reason in reasons:
        reason.add_done_callback(lambda _done: ended.set())
    try:
        await relay.run(ended)
    finally:
        for reason in reasons:
            reason.cancel()
    if not stop.is_set():
        raise PublishFailedError("the connection was lost")
