"""A relay in a process of its own, which can be stopped wherever it waits."""

import asyncio

from shared.db.database import Database
from shared.db.notify import Wakeups
from shared.outbox.outbox import Outbox
from shared.outbox.relay import Relay
from tests.property.plumbing.wire import Gate, Losing, Wire


class Station:
    """One process with a relay, whose publishes are answered by hand."""

    def __init__(self, database: Database, outbox: Outbox, wire: Wire) -> None:
        self.gate = Gate(wire)
        self.database = Losing(database)
        self.relay = Relay(self.database, outbox, self.gate, Wakeups(database.url))
        self.round: asyncio.Task[int] | None = None

    async def begin(self) -> None:
        """Starts a round, up to where it waits for the broker."""
        self.round = asyncio.create_task(self.relay.relay_some())
        await self.proceed()

    async def proceed(self) -> None:
        """Until the round is over, or waits for another answer."""
        assert self.round is not None
        self.gate.arrived.clear()
        arrived = asyncio.create_task(self.gate.arrived.wait())
        if not self.gate.asked:
            await asyncio.wait({self.round, arrived}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0)  # all publishes of a round are asked for together
        arrived.cancel()
        await asyncio.wait({arrived})

    def end_empty_round(self) -> None:
        """Nothing was claimed, so nothing is given back, not even what an earlier round held."""
        assert self.round is not None
        assert self.round.result() == 0
        self.round = None

    async def give_back(self) -> None:
        """What a relay that is started anew begins with."""
        stop = asyncio.Event()
        stop.set()
        await self.relay.run(stop)

    async def die(self, *, lands: bool) -> None:
        """The process ends in the middle of its round; nothing is given back."""
        if self.round is not None:
            self.round.cancel()
            await asyncio.wait({self.round})
        self.gate.crash(lands=lands)
