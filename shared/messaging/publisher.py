"""Publishes with confirms; returns only after the broker has taken responsibility."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange
from aio_pika.exceptions import DeliveryError

from shared.kernel.errors import RetriableError
from shared.messaging.check import close_quietly
from shared.messaging.envelope import CONTENT_TYPE, Envelope, encode
from shared.messaging.topology import EXCHANGE

PUBLISH_SECONDS = 10.0
"""Under a broker's alarm a publish hangs; one that timed out may still land (facts: 0.6)."""

CONNECT_SECONDS = 10.0
MAX_IN_FLIGHT = 100
"""Unconfirmed messages; beyond this nothing is gained (facts: engineering 3.3)."""


class PublishFailedError(RetriableError):
    """The broker did not confirm. The message may have landed all the same: consumers dedupe."""

    def __init__(self, why: str) -> None:
        super().__init__(f"RabbitMQ did not confirm a message: {why}.", code="publish_failed")


class Publisher(Protocol):
    """Anything that takes over a message for good."""

    async def publish(self, batch: Sequence[Envelope]) -> None:
        """Sends one message with events of one type and connection; PublishFailedError."""
        ...


class AmqpPublisher:
    """One connection and one confirming channel. It does not reconnect: its owner starts anew."""

    def __init__(self, url: str, *, namespace: str = "") -> None:
        self._url = url
        self._exchange_name = namespace + EXCHANGE
        self._connection: AbstractConnection | None = None
        self._exchange: AbstractExchange | None = None
        self._slots = asyncio.Semaphore(MAX_IN_FLIGHT)
        self.lost = asyncio.Event()
        """Is set when the connection ended, by whomever, and nothing can be published any more."""

    async def connect(self) -> None:
        """Opens the connection; PublishFailedError when the broker does not answer."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                self._connection = await aio_pika.connect(self._url)
                self._connection.close_callbacks.add(self._on_loss)
                channel: AbstractChannel = await self._connection.channel(
                    publisher_confirms=True,
                    on_return_raises=True,
                )
                self._exchange = await channel.get_exchange(self._exchange_name, ensure=False)
        except Exception as error:
            await self.close()
            raise PublishFailedError(f"no connection ({type(error).__name__})") from error

    async def close(self) -> None:
        """Closes the connection; never raises."""
        connection, self._connection, self._exchange = self._connection, None, None
        await close_quietly(connection)

    def _on_loss(self, *_: object) -> None:
        self.lost.set()

    async def publish(self, batch: Sequence[Envelope]) -> None:
        """Sends one message; up to MAX_IN_FLIGHT calls may wait for their confirms at once."""
        message = aio_pika.Message(
            encode(batch),
            content_type=CONTENT_TYPE,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=str(batch[0].id),
            type=batch[0].type,
            timestamp=batch[0].time,
        )
        async with self._slots:
            if self._exchange is None:
                raise PublishFailedError("not connected")
            await confirmed(self._exchange, message, batch[0].type)


async def confirmed(exchange: AbstractExchange, message: aio_pika.Message, key: str) -> None:
    """Publishes on a confirming channel and waits for the confirm; PublishFailedError."""
    try:
        async with asyncio.timeout(PUBLISH_SECONDS):
            await exchange.publish(message, routing_key=key, mandatory=True)
    except DeliveryError as error:
        raise PublishFailedError("it was refused or could not be routed") from error
    except TimeoutError as error:
        raise PublishFailedError(
            "no answer in time; it may be blocked by an alarm of its memory or disk"
        ) from error
    except Exception as error:
        raise PublishFailedError(f"the channel failed ({type(error).__name__})") from error
