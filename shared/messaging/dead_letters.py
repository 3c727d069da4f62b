"""The dead letters of one subscription, for its operator: look, replay, discard."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from shared.kernel.errors import CausewayError, RetriableError
from shared.messaging.dead_letters_content import Content, contents_of
from shared.messaging.dead_letters_desk import Desk, opened
from shared.messaging.dead_letters_reading import Letter, Wanted, letter_of
from shared.messaging.topology import Subscription
from shared.telemetry.logs import get_logger

LOOK_AT_MOST = 10_000
"""Messages that one call takes. Measured on RabbitMQ 3.10: a look takes 6 s where they are small,
and a minute where each has 100 events; a replay of the latter two minutes. The broker takes held
messages away after half an hour. Bodies are not kept, so a look needs about 20 MB."""

Progress = Callable[[int, int], None]
"""Is told how many messages were taken, and of how many."""

_Visit = Callable[[Desk, Letter, AbstractIncomingMessage], Awaitable[bool]]
_LOG = get_logger(__name__)


class StoppedError(RetriableError):
    """A replay or discard came to a stop on its way; its code is that of the cause."""

    def __init__(self, done: int, why: CausewayError) -> None:
        super().__init__(
            f"{why} Letters that were settled before: {done}. The others are where they were: "
            "try again when the cause is gone. What went twice has one effect.",
            code=why.code,
        )


@dataclass(frozen=True, slots=True)
class Look:
    """What was found, the oldest event first.

    `waiting` letters are in the queue; `beyond` of them were not looked at.
    """

    queue: str
    letters: tuple[Letter, ...]
    waiting: int
    beyond: int


@dataclass(frozen=True, slots=True)
class Found:
    """One letter with what is in it; no contents when the body cannot be read."""

    letter: Letter
    contents: tuple[Content, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """`done` letters were settled, `left` are there; `beyond` of these were not looked at."""

    queue: str
    done: int
    left: int
    beyond: int


def no_progress(_taken: int, _of: int) -> None:
    """For callers that tell nobody."""


class DeadLetters:
    """Each call opens a connection of its own, and takes at most `at_most` messages.

    Every call raises BrokerUnavailableError when RabbitMQ is away, DeadQueueError when the queue
    is missing or hangs, and LookedAtError while another call is at it.
    """

    def __init__(self, url: str, subscription: Subscription, *, namespace: str = "") -> None:
        self._url = url
        self._target = namespace + subscription.queue
        self._dead = namespace + subscription.dead_queue
        self.queue = subscription.queue

    async def look(
        self, wanted: Wanted, *, at_most: int = LOOK_AT_MOST, progress: Progress = no_progress
    ) -> Look:
        """The letters that are wanted. The queue stays as it was."""
        found: list[Letter] = []

        async def note(_desk: Desk, letter: Letter, _message: AbstractIncomingMessage) -> bool:
            if wanted.takes(letter):
                found.append(letter)
            return False

        done = await self._tour(note, at_most, progress)
        ordered = tuple(sorted(found, key=lambda letter: letter.place))
        return Look(self.queue, ordered, waiting=done.left, beyond=done.beyond)

    async def find(
        self, letter_id: str, *, at_most: int = LOOK_AT_MOST, progress: Progress = no_progress
    ) -> Found | None:
        """One letter by its id or its message's id; None when it is not there."""
        wanted = Wanted(ids=frozenset({letter_id}))
        found: list[Found] = []

        async def open_it(_desk: Desk, letter: Letter, message: AbstractIncomingMessage) -> bool:
            if not found and wanted.takes(letter):
                found.append(Found(letter, contents_of(message.body)))
            return False

        await self._tour(open_it, at_most, progress)
        return found[0] if found else None

    async def replay(
        self,
        wanted: Wanted,
        *,
        by: str,
        at_most: int = LOOK_AT_MOST,
        progress: Progress = no_progress,
    ) -> Done:
        """Puts a copy of each into its queue, and takes it away after the confirm.

        A crash in between leaves both: the inbox lets the second have no effect. StoppedError
        when the broker does not take one. `by` is who did it, for the log.
        """

        async def put_back(desk: Desk, letter: Letter, message: AbstractIncomingMessage) -> bool:
            if not wanted.takes(letter):
                return False
            await desk.send(_fresh(message), self._target)
            await desk.settle(message)
            _LOG.info("dead letter is replayed", by=by, **_named(letter))
            return True

        return await self._tour(put_back, at_most, progress, new_ones=False)

    async def discard(
        self,
        wanted: Wanted,
        *,
        by: str,
        at_most: int = LOOK_AT_MOST,
        progress: Progress = no_progress,
    ) -> Done:
        """Takes each away for good, after the log has told which, and by whom. StoppedError."""

        async def take_away(desk: Desk, letter: Letter, message: AbstractIncomingMessage) -> bool:
            if not wanted.takes(letter):
                return False
            _LOG.warning("dead letter is discarded", by=by, **_named(letter))
            await desk.settle(message)
            return True

        return await self._tour(take_away, at_most, progress, new_ones=False)

    async def _tour(
        self, visit: _Visit, at_most: int, progress: Progress, *, new_ones: bool = True
    ) -> Done:
        """Takes message after message, and gives back what `visit` has not settled.

        Without `new_ones` it ends with the letters that were there at its start: one that is
        replayed may be dead again before the tour is over.
        """
        taken = done = 0
        try:
            async with opened(self._url, self._dead) as desk:
                present = await desk.ready()
                limit = at_most if new_ones else min(at_most, present)
                while taken < limit and (message := await desk.take()) is not None:
                    taken += 1
                    if await visit(desk, self._read(message), message):
                        done += 1
                    else:
                        desk.hold(message)
                    progress(taken, max(taken, min(at_most, present)))
                beyond = await desk.ready()
        except CausewayError as error:
            raise StoppedError(done, error) if done else error from None
        return Done(self.queue, done, left=taken - done + beyond, beyond=beyond)

    def _read(self, message: AbstractIncomingMessage) -> Letter:
        return letter_of(
            self.queue,
            message.body,
            message.headers,
            message_id=message.message_id,
            event=message.type,
        )


def _fresh(message: AbstractIncomingMessage) -> aio_pika.Message:
    """The message as it was published first: nothing tells that it was dead."""
    return aio_pika.Message(
        message.body,
        content_type=message.content_type,
        message_id=message.message_id,
        type=message.type,
        timestamp=message.timestamp,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )


def _named(letter: Letter) -> dict[str, object]:
    return {
        "queue": letter.queue,
        "letter": letter.id,
        "message": letter.message_id,
        "type": letter.event,
        "events": letter.events,
        "connections": [str(each) for each in letter.connections],
        "code": letter.code,
    }
