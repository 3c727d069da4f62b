"""The event bus: keeps events for 72 hours and gives out positions in them (facts: section 4.2)."""

import asyncio
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from random import Random

from tests.simulators.machinery.clock import VirtualClock
from tests.simulators.salesforce.pubsub import protocol
from tests.simulators.salesforce.pubsub.events import ChangeEvent
from tests.simulators.salesforce.pubsub.refusals import bad_replay_id, no_replay_id

RETENTION_SECONDS = 259_200.0
"""72 hours."""
FRESH_SECONDS = 60.0
"""A keepalive that comes so long after the last position gives out a new one."""
MAX_STEP = 9
MAX_MOVE = 1_000_000
NUMBER_BYTES = 8
FILLING = b"\0\0"
"""The real ids end so; nothing follows from it."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place on the bus, with an event or without. ``at`` are seconds of the virtual clock."""

    number: int
    at: float
    event: ChangeEvent | None
    topics: frozenset[str]

    @property
    def replay_id(self) -> bytes:
        """How clients name it."""
        return self.number.to_bytes(NUMBER_BYTES, "big") + FILLING


class EventBus:
    """All events of an org in one order; numbers grow, and leave gaps."""

    NOT_KEPT = frozenset({"listeners"})

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._dice = Random(0)
        self._positions: list[Position] = []
        self._last = self._dice.randint(MAX_MOVE, 2 * MAX_MOVE)
        self.listeners: set[asyncio.Event] = set()
        """Set when there is something new."""

    def publish(self, event: ChangeEvent, topics: frozenset[str]) -> None:
        """Add an event for the subscribers of these topics."""
        self._add(event, topics)
        for one in self.listeners:
            one.set()

    def _add(self, event: ChangeEvent | None, topics: frozenset[str]) -> Position:
        self._last += self._dice.randint(1, MAX_STEP)
        made = Position(self._last, self._clock.seconds(), event, topics)
        self._positions.append(made)
        return made

    def _kept(self) -> list[Position]:
        oldest = self._clock.seconds() - RETENTION_SECONDS
        gone = bisect_right(self._positions, oldest, key=lambda one: one.at)
        del self._positions[:gone]
        return self._positions

    def tip(self) -> bytes:
        """A replay id after everything that there is, fresh enough to last."""
        kept = self._kept()
        if not kept or self._clock.seconds() - kept[-1].at >= FRESH_SECONDS:
            return self._add(None, frozenset()).replay_id
        return kept[-1].replay_id

    def start(self, preset: int, replay_id: bytes) -> int:
        """The number after which a subscription begins. RefusedError for a bad replay id."""
        if preset == protocol.EARLIEST:
            return 0
        if preset != protocol.CUSTOM:
            return self._last
        if not replay_id:
            raise no_replay_id()
        kept = self._kept()
        number = int.from_bytes(replay_id[:NUMBER_BYTES], "big")
        place = bisect_left(kept, number, key=lambda one: one.number)
        if place == len(kept) or kept[place].replay_id != replay_id:
            raise bad_replay_id()
        return number

    def after(self, number: int, topic: str, most: int) -> list[tuple[Position, ChangeEvent]]:
        """The next events of a topic, ``most`` at most."""
        kept = self._kept()
        found: list[tuple[Position, ChangeEvent]] = []
        for place in range(bisect_right(kept, number, key=lambda one: one.number), len(kept)):
            one = kept[place]
            if len(found) == most:
                break
            if one.event is not None and topic in one.topics:
                found.append((one, one.event))
        return found

    def move(self) -> None:
        """The org is moved to another instance: all events and replay ids are gone."""
        self._positions.clear()
        self._last += self._dice.randint(MAX_MOVE, 2 * MAX_MOVE)

    @property
    def retained(self) -> int:
        """How many events are kept."""
        return sum(one.event is not None for one in self._kept())
