"""A bus without a broker: publishing delivers at once, by the rules of the real one."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from shared.kernel.errors import FatalError, RetriableError
from shared.messaging.envelope import Envelope, decode, encode
from shared.messaging.topology import Subscription


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One event that could not be handled, and why."""

    queue: str
    envelope: Envelope
    code: str
    error: str


@dataclass
class FakeBus:
    """A Publisher that hands each message to every subscription which wants its type.

    `waiting` holds what failed for a reason that time will mend; `deliver` tries it again.
    `dead` and `published` are there to be looked at.
    """

    subscriptions: list[Subscription] = field(default_factory=list)
    published: list[Envelope] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)
    waiting: deque[tuple[Subscription, Sequence[Envelope]]] = field(default_factory=deque)

    async def publish(self, batch: Sequence[Envelope]) -> None:
        """Delivers before it returns; a subscriber's failure is not the publisher's."""
        received = decode(encode(batch))
        self.published.extend(received)
        for subscription in self.subscriptions:
            if any(fnmatchcase(batch[0].type, pattern) for pattern in subscription.patterns):
                self.waiting.append((subscription, received))
        await self.deliver()

    async def deliver(self) -> None:
        """One try of everything that waits."""
        for _ in range(len(self.waiting)):
            subscription, batch = self.waiting.popleft()
            try:
                await self._handle(subscription, batch)
            except RetriableError:
                self.waiting.append((subscription, batch))

    async def _handle(self, subscription: Subscription, batch: Sequence[Envelope]) -> None:
        try:
            await subscription.handler(batch)
        except RetriableError:
            raise
        except Exception as error:  # noqa: BLE001 -- the dead letters tell what it was
            if len(batch) == 1:
                self._bury(subscription, batch[0], error)
                return
            for envelope in batch:
                await self._handle(subscription, [envelope])

    def _bury(self, subscription: Subscription, envelope: Envelope, error: Exception) -> None:
        known = isinstance(error, FatalError)
        self.dead.append(
            DeadLetter(
                queue=subscription.queue,
                envelope=envelope,
                code=error.code if isinstance(error, FatalError) else "unexpected",
                error=str(error) if known else type(error).__name__,
            ),
        )
