"""Servers and workers that a test may kill, and what a test sees of them."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from deploy.local.backing import Controls
from deploy.local.probe import free_port
from deploy.stack.process import Child, start
from shared.messaging.topology import EXCHANGE, UNROUTED, Subscription
from shared.outbox.inbox import Inbox
from shared.outbox.mailbox import Mailbox
from shared.security.tokens import TokenKey
from tests.chaos.broker.ledger import INBOX, MAILBOX, OUTBOX, QUEUES, Ledger
from tests.chaos.broker.worker import CONSUMERS, DRAIN, RELAY, subscriptions

PATIENCE = 240.0
"""Seconds without any progress; a busy machine may take long, and a relay pauses up to 30 s."""

LOOK_SECONDS = 0.01
EVERYTHING = (RELAY, CONSUMERS, DRAIN)


@dataclass
class Scene:
    """One test's database, names at the broker, and worker processes."""

    ledger: Ledger
    database_url: str
    amqp_url: str
    controls: Controls
    namespace: str
    folder: Path
    tell: Callable[[str], None]
    workers: list[Child] = field(default_factory=list)
    stopping: bool = False
    dice: random.Random = field(default_factory=random.Random)
    _read: int = 0
    _lines: int = 0
    _numbers: "count[int]" = field(default_factory=count)

    @property
    def deliveries(self) -> Path:
        """A line for each event that reached a handler."""
        return self.folder / "deliveries"

    @property
    def subscriptions(self) -> list[Subscription]:
        """What the workers consume."""
        return subscriptions(self.ledger.database, Inbox(INBOX), Mailbox(MAILBOX))

    def worker(self, *parts: str, publishes: int = 0, port: int = 0) -> Child:
        """Starts a worker with these parts; by default with all."""
        environ = {
            "CAUSEWAY_AMQP_URL": self.amqp_url,
            "CAUSEWAY_AMQP_NAMESPACE": self.namespace,
            "CAUSEWAY_TOKEN_KEY": TokenKey.generate().export(),
            "CAUSEWAY_PUBLIC_URL": "https://causeway.example.com",
            "CAUSEWAY_PEER_URL": "http://127.0.0.1:1",
            "CAUSEWAY_PORT": str(port or free_port()),
            "CAUSEWAY_CHAOS_DATABASE_URL": self.database_url,
            "CAUSEWAY_CHAOS_DELIVERIES": str(self.deliveries),
            "CAUSEWAY_CHAOS_PARTS": ",".join(parts or EVERYTHING),
            "CAUSEWAY_CHAOS_PUBLISHES": str(publishes),
        }
        name = f"worker-{next(self._numbers)}"
        arguments = ("tests.chaos.broker.worker", "worker")
        child = start(name, arguments, environ=environ, logs=self.folder)
        self.workers.append(child)
        return child

    def stop(self) -> None:
        """Every worker, in order; who starts them again has to look at `stopping`."""
        self.stopping = True
        for child in self.workers:
            if child.alive():
                child.stop()

    def delivered(self) -> int:
        """How many events reached a handler so far, at either subscriber."""
        with self.deliveries.open("rb") as file:
            file.seek(self._read)
            fresh = file.read()
        self._read += len(fresh)
        self._lines += fresh.count(b"\n")
        return self._lines

    async def until(
        self, condition: Callable[[], Awaitable[bool]], *, every: float = LOOK_SECONDS
    ) -> None:
        """Polls a condition; TimeoutError tells how far it came when nothing moves any more."""
        clock = asyncio.get_running_loop().time
        seen, since = self.delivered(), clock()
        while not await condition():
            if (now := self.delivered()) != seen:
                seen, since = now, clock()
            if clock() - since > PATIENCE:
                left = await self.ledger.rows(OUTBOX)
                raise TimeoutError(f"{seen} deliveries, {left} in the outbox; see {self.folder}")
            await asyncio.sleep(every)

    async def until_delivered(self, wanted: int) -> None:
        """Returns when that many events have reached a handler."""

        async def there() -> bool:
            return self.delivered() >= wanted

        await self.until(there)

    def moments(self, events: int, rounds: int) -> list[int]:
        """Numbers of deliveries, one at random in each of so many equal parts of the whole."""
        part = len(QUEUES) * events // (rounds + 1)
        return [number * part + self.dice.randrange(part) for number in range(rounds)]

    async def lengths(self) -> dict[str, int]:
        """Messages that wait in each queue, the one for what nobody wants included."""
        return {name: messages for name, (messages, _) in (await self._queues()).items()}

    async def all_served(self) -> bool:
        """Whether each queue that has to be has a consumer, and nothing waits in any of them.

        A broker that has just come back tells of no messages where it will soon find some, but of
        no consumers either.
        """
        queues = await self._queues()
        served = [name for one in self.subscriptions for name in (one.queue, one.suspect_queue)]
        return queues[UNROUTED] == (0, 0) and all(
            messages == 0 and consumers > 0
            for messages, consumers in (queues[name] for name in served)
        )

    async def _queues(self) -> dict[str, tuple[int, int]]:
        names = [UNROUTED]
        for one in self.subscriptions:
            names += [one.queue, one.suspect_queue, one.dead_queue]
        found = {}
        async with await aio_pika.connect(self.amqp_url) as connection:
            channel = await connection.channel()
            for name in names:
                queue = await channel.declare_queue(self.namespace + name, passive=True)
                told = queue.declaration_result
                found[name] = told.message_count or 0, told.consumer_count or 0
        return found

    async def dead(self, queue: str) -> list[AbstractIncomingMessage]:
        """Takes all dead letters of a subscriber."""
        found = []
        async with await aio_pika.connect(self.amqp_url) as connection:
            letters = await (await connection.channel()).get_queue(f"{self.namespace}{queue}.dead")
            while (message := await letters.get(no_ack=True, fail=False)) is not None:
                found.append(message)
        return found

    async def publish(self, key: str, body: bytes) -> None:
        """A message past the relay, as another program might publish one."""
        async with await aio_pika.connect(self.amqp_url) as connection:
            channel = await connection.channel(on_return_raises=True)
            exchange = await channel.get_exchange(self.namespace + EXCHANGE, ensure=False)
            await exchange.publish(
                aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT),
                routing_key=key,
            )
