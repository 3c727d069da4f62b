"""Between the relays and the consumers: publishes that wait for an answer, queues, lost ends.

The `Gate` of a relay says what becomes of each publish; the `Wire` holds what has landed.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.database import Database, DatabaseUnavailableError
from shared.messaging.envelope import Envelope, decode, encode
from shared.messaging.publisher import PublishFailedError


class Answer(Enum):
    """What becomes of a publish."""

    CONFIRMED = auto()
    REFUSED = auto()
    LANDED_UNCONFIRMED = auto()
    LANDS_LATE = auto()


class End(Enum):
    """When a transaction's process, or the way to its database, is lost."""

    BEFORE_COMMIT = auto()
    AFTER_COMMIT = auto()


@dataclass
class Wire:
    """A broker: every queue gets every message, and keeps it until it is acknowledged."""

    queues: dict[str, list[bytes]]
    late: list[bytes] = field(default_factory=list)
    confirmed: set[str] = field(default_factory=set)

    def land(self, body: bytes) -> None:
        """A message has arrived in all queues."""
        for queue in self.queues.values():
            queue.append(body)

    def lands_late(self) -> None:
        """A message that its publisher had given up arrives all the same."""
        self.land(self.late.pop(0))

    def chosen(self, queue: str, picks: Sequence[int]) -> tuple[list[bytes], list[Envelope]]:
        """Messages in any order, some of them twice, and their events as one batch."""
        waiting = self.queues[queue]
        bodies = [waiting[pick % len(waiting)] for pick in picks]
        return bodies, [envelope for body in bodies for envelope in decode(body)]

    def acknowledge(self, queue: str, bodies: Sequence[bytes]) -> None:
        """One copy of each goes; others that are on their way will come yet."""
        for body in set(bodies):
            self.queues[queue].remove(body)


class Gate:
    """A Publisher whose publishes wait until somebody says what becomes of them."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.asked: list[tuple[Sequence[Envelope], asyncio.Future[None]]] = []
        self.arrived = asyncio.Event()

    async def publish(self, batch: Sequence[Envelope]) -> None:
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.asked.append((batch, answer))
        self.arrived.set()
        await answer

    def subjects(self) -> list[str]:
        """What the events that wait for an answer are about, in their order."""
        return [envelope.subject for batch, _ in self.asked for envelope in batch]

    def answer(self, which: int, answer: Answer) -> None:
        """Ends one publish."""
        batch, future = self.asked.pop(which % len(self.asked))
        if answer in {Answer.CONFIRMED, Answer.LANDED_UNCONFIRMED}:
            self._wire.land(encode(batch))
        if answer is Answer.LANDS_LATE:
            self._wire.late.append(encode(batch))
        if answer is Answer.CONFIRMED:
            self._wire.confirmed |= {envelope.subject for envelope in batch}
            future.set_result(None)
        else:
            future.set_exception(PublishFailedError(answer.name))

    def crash(self, *, lands: bool) -> None:
        """Nobody waits for an answer any more; what is on its way may land or not."""
        for batch, _ in self.asked if lands else ():
            self._wire.land(encode(batch))
        self.asked.clear()


class LostError(DatabaseUnavailableError):
    """The way to the database was lost in a transaction."""

    def __init__(self, end: End) -> None:
        super().__init__(end.name)
        self.end = end


class Losing(Database):
    """A database whose next transaction may end in a loss; shares the other one's pool."""

    def __init__(self, database: Database) -> None:
        super().__init__(database._engine, database.url)
        self.end: End | None = None

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        end, self.end = self.end, None
        async with super().begin() as conn:
            yield conn
            if end is End.BEFORE_COMMIT:
                raise LostError(end)
        if end is End.AFTER_COMMIT:
            raise LostError(end)
