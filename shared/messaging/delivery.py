"""What becomes of a batch of messages: handled, tried alone, a suspect, or dead with a reason.

- A batch that fails is tried again message by message, and a message event by event, so that
  one bad event cannot take its neighbours along.
- What time will mend (the database is away) is held and tried again for a while, then goes to
  the suspect queue, which starts its count anew: an outage never ends in the dead letters.
- What nobody will ever be able to read (FatalError) is dead at once.
- Anything else gets two more deliveries, then the suspect queue, where it is alone, then dies.
- A suspect that comes back is taken apart: what ends the process dies without its neighbours.
"""

import asyncio
import random
import traceback
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, HeadersType

from shared.kernel.errors import FatalError, RetriableError
from shared.kernel.waiting import pause
from shared.messaging.envelope import Envelope, decode, encode
from shared.messaging.publisher import confirmed
from shared.messaging.topology import Subscription
from shared.telemetry.logs import get_logger

SUSPECT_FROM = 2
"""Deliveries before a message is tried alone: its third attempt."""

GIVE_UP_FROM = 5
"""Deliveries in the suspect queue before a message is dead; a crash counts too."""

MAX_EVENTS = 1000
"""Events of one handler call: one transaction of well under a second."""

HOLD_SECONDS = 60.0
"""Far less than the half hour after which the broker takes a held message away."""

FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 5.0
FRAMES = 4
"""Where a handler failed is told by its last frames; its text may hold a personal value."""

_LOG = get_logger(__name__)


class GaveUpError(FatalError):
    """A message was delivered many times and its handling never came to an end."""

    def __init__(self) -> None:
        super().__init__(
            "The process ended each time that it handled this message: look for a crash or for "
            "too little memory, then replay the dead letter.",
            code="gave_up",
        )


@dataclass(frozen=True, slots=True)
class _Delivery:
    message: AbstractIncomingMessage
    envelopes: Sequence[Envelope]


class Delivering:
    """Hands the messages of one queue to the subscription's handler."""

    def __init__(
        self,
        channel: AbstractChannel,
        subscription: Subscription,
        *,
        suspects: bool,
        namespace: str,
        ended: asyncio.Event,
        tally: Counter[str],
    ) -> None:
        self._channel = channel
        self._subscription = subscription
        self._suspects = suspects
        self._namespace = namespace
        self._ended = ended
        self._tally = tally
        self._holds = False

    async def handle(self, messages: Sequence[AbstractIncomingMessage]) -> None:
        """Settles every message; what is held when `ended` is set goes back to the queue."""
        self._tally["redelivered"] += sum(bool(message.redelivered) for message in messages)
        opened = [await self._open(message) for message in messages]
        for batch in _batches([delivery for delivery in opened if delivery is not None]):
            if len(batch) == 1 or not await self._together(batch):
                await self._one_after_the_other(batch)

    async def _open(self, message: AbstractIncomingMessage) -> _Delivery | None:
        """What is in a message; None when it went elsewhere."""
        try:
            if self._suspects and _deliveries(message) > GIVE_UP_FROM:
                raise GaveUpError
            if not self._suspects and _deliveries(message) >= SUSPECT_FROM:
                await self._suspect(message, [message.body])
                return None
            envelopes = decode(message.body)
            if self._suspects and _deliveries(message) and len(envelopes) > 1:
                await self._suspect(message, [encode([envelope]) for envelope in envelopes])
                return None
            return _Delivery(message, envelopes)
        except FatalError as error:
            await self._bury(message, message.body, error)
            await message.ack()
            return None

    async def _together(self, batch: Sequence[_Delivery]) -> bool:
        """All at once; False when that failed and each has to be tried alone."""
        envelopes = [envelope for delivery in batch for envelope in delivery.envelopes]
        try:
            await self._subscription.handler(envelopes)
        except Exception as error:  # noqa: BLE001 -- whatever it is, each gets its own try
            _LOG.warning("batch failed", queue=self._subscription.queue, error=type(error).__name__)
            return False
        if self._holds:
            for delivery in batch:
                await delivery.message.ack()
        else:  # whatever came before on this channel is settled, so one ack is enough
            await batch[-1].message.ack(multiple=True)
        return True

    async def _one_after_the_other(self, batch: Sequence[_Delivery]) -> None:
        clock = asyncio.get_running_loop().time
        waiting, until, wait = deque(batch), clock() + HOLD_SECONDS, FIRST_WAIT_SECONDS
        another_passed = False
        while waiting:
            delivery = waiting.popleft()
            if await self._alone(delivery):
                another_passed = True
            elif self._ended.is_set():
                self._holds = True
                return
            elif another_passed or clock() > until:
                await self._suspect(delivery.message, [delivery.message.body])
            else:
                waiting.append(delivery)
                await pause(self._ended, wait * random.uniform(0.5, 1.5))  # noqa: S311 -- jitter
                wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    async def _alone(self, delivery: _Delivery) -> bool:
        """Settles one message; False when time has to mend something first."""
        message = delivery.message
        try:
            failed = await self._failures(delivery.envelopes)
        except RetriableError as error:
            _LOG.warning("message waits", queue=self._subscription.queue, code=error.code)
            return False
        last = self._suspects and _deliveries(message) >= GIVE_UP_FROM
        if not last and any(not isinstance(error, FatalError) for _, error in failed):
            if self._suspects:
                await pause(self._ended, FIRST_WAIT_SECONDS)
            await message.reject(requeue=True)
            return True
        for envelope, why in failed:
            await self._bury(message, encode([envelope]), why)
        await message.ack()
        return True

    async def _failures(
        self, envelopes: Sequence[Envelope]
    ) -> Sequence[tuple[Envelope, Exception]]:
        """The events that cannot be handled, each after a try of its own; RetriableError."""
        try:
            await self._subscription.handler(envelopes)
        except RetriableError:
            raise
        except Exception as error:  # noqa: BLE001 -- a bug in a handler costs only this event
            _LOG.error(
                "events failed",
                queue=self._subscription.queue,
                events=len(envelopes),
                error=type(error).__name__,
                where="".join(traceback.format_tb(error.__traceback__)[-FRAMES:]),
            )
            if len(envelopes) == 1:
                return [(envelopes[0], error)]
            return [one for each in envelopes for one in await self._failures([each])]
        return []

    async def _suspect(self, message: AbstractIncomingMessage, bodies: Sequence[bytes]) -> None:
        """To where it is tried alone, whole or event by event; copies begin with no deliveries."""
        for body in bodies:
            await self._copy(message, body, self._subscription.suspect_queue, {})
        await message.ack()

    async def _bury(self, message: AbstractIncomingMessage, body: bytes, error: Exception) -> None:
        """To the dead letters, with why; the text of an unexpected error may hold a value."""
        code, text = "unexpected", type(error).__name__
        if isinstance(error, FatalError):
            code, text = error.code, str(error)
        reason: HeadersType = {
            "x-causeway-queue": self._subscription.queue,
            "x-causeway-code": code,
            "x-causeway-error": text,
        }
        self._tally["dead"] += 1
        _LOG.error("message is dead", id=message.message_id, **reason)
        await self._copy(message, body, self._subscription.dead_queue, reason)

    async def _copy(
        self, message: AbstractIncomingMessage, body: bytes, queue: str, headers: HeadersType
    ) -> None:
        """Publishes until the broker has taken it, or the channel is gone."""
        copy = aio_pika.Message(
            body,
            headers=headers,
            content_type=message.content_type,
            message_id=message.message_id,
            type=message.type,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        )
        while True:
            try:
                await confirmed(self._channel.default_exchange, copy, self._namespace + queue)
            except RetriableError as error:
                _LOG.error("a message could not be moved", queue=queue, reason=str(error))
                if self._ended.is_set():
                    raise ConnectionError("ended while a message was moved") from error
                await pause(self._ended, LONGEST_WAIT_SECONDS)
            else:
                return


def _batches(deliveries: Sequence[_Delivery]) -> list[list[_Delivery]]:
    batches: list[list[_Delivery]] = []
    room = 0
    for delivery in deliveries:
        if not batches or room < len(delivery.envelopes):
            batches.append([])
            room = MAX_EVENTS
        batches[-1].append(delivery)
        room -= len(delivery.envelopes)
    return batches


def _deliveries(message: AbstractIncomingMessage) -> int:
    """How often it was delivered before; absent on the first delivery of RabbitMQ 4."""
    count = message.headers.get("x-delivery-count", 0)
    return count if isinstance(count, int) else 0
