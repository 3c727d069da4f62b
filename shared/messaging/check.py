"""Whether the broker is there, for readiness and for doors that refuse without it."""

import asyncio
import time
from contextlib import suppress

import aio_pika
from aio_pika.abc import AbstractConnection

from shared.kernel.errors import RetriableError

CONNECT_SECONDS = 2.0
"""A sender waits five seconds for the whole answer (facts: hubspot-api 10)."""

ASK_AGAIN_SECONDS = 1.0
"""While the broker is away, one attempt a second is enough for everybody who asks."""


class BrokerUnavailableError(RetriableError):
    """RabbitMQ does not answer."""

    def __init__(self, why: str = "") -> None:
        super().__init__(
            "RabbitMQ does not answer" + (f" ({why})." if why else "."), code="broker_unavailable"
        )


class BrokerCheck:
    """Holds one idle connection, so that a check costs nothing while it lives."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: AbstractConnection | None = None
        self._asked_at = 0.0
        self._asking = asyncio.Lock()

    async def __call__(self) -> None:
        """Returns when the broker is there; BrokerUnavailableError when it is not."""
        if self._alive():
            return
        async with self._asking:
            if self._alive():
                return
            if time.monotonic() - self._asked_at < ASK_AGAIN_SECONDS:
                raise BrokerUnavailableError
            self._asked_at = time.monotonic()
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    self._connection = await aio_pika.connect(self._url)
                self._connection.close_callbacks.add(self._lost)
            except Exception as error:
                raise BrokerUnavailableError from error

    async def close(self) -> None:
        """Lets go of the connection; never raises."""
        connection, self._connection = self._connection, None
        await close_quietly(connection)

    def _lost(self, *_: object) -> None:
        """The broker closed the connection; `is_closed` only tells of our own closing."""
        self._connection = None

    def _alive(self) -> bool:
        return self._connection is not None and not self._connection.is_closed


async def close_quietly(connection: AbstractConnection | None) -> None:
    """Closes a connection that may be lost already; never raises, never hangs."""
    if connection is not None:
        with suppress(Exception):
            async with asyncio.timeout(CONNECT_SECONDS):
                await connection.close()
