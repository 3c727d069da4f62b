"""Purges of connections are carried out beside a service's work."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from shared.db.database import Database
from shared.db.purge import Purges
from shared.kernel.waiting import pause
from shared.messaging.dead_letters import DeadLetters
from shared.messaging.dead_letters_reading import Wanted
from shared.telemetry.logs import get_logger

LOOK_SECONDS = 2.0
"""Between two looks while no purge is due: one query of a table that is all but empty."""

BY = "a purge"
_LOG = get_logger(__name__)


class Purging:
    """Deletes what a service has of the connections that are to be purged, its dead letters too."""

    def __init__(
        self,
        service: str,
        database: Database,
        purges: Purges,
        letters: Sequence[DeadLetters],
    ) -> None:
        self._service = service
        self._database = database
        self._purges = purges
        self._letters = letters

    async def run(self, stop: asyncio.Event) -> None:
        """Deletes and looks until told to stop; what an error interrupts goes on after it."""
        while not stop.is_set():
            if not await self.some():
                await pause(stop, LOOK_SECONDS)

    async def some(self) -> bool:
        """One bite as a transaction of its own; False when no purge is due."""
        async with self._database.begin() as conn:
            bite = await self._purges.bite(conn)
        if bite is None:
            return False
        if not bite.rows:
            gone = await self._discard(bite.connection_id) if bite.news else 0
            async with self._database.begin() as conn:
                await self._purges.finish(conn, bite.connection_id, besides={"dead letters": gone})
            if bite.news:
                _LOG.info("a connection is purged", of=self._service, dead_letters=gone)
        return True

    async def _discard(self, connection_id: UUID) -> int:
        """Not within a transaction (I5). A letter with events of others, too, stays.

        One that is overlooked in a long queue does no harm: its events are dropped at a replay.
        """
        gone = 0
        for queue in self._letters:
            found = (await queue.look(Wanted(connection_id))).letters
            own = frozenset(one.id for one in found if set(one.connections) == {connection_id})
            if own:
                gone += (await queue.discard(Wanted(ids=own), by=BY)).done
        return gone
