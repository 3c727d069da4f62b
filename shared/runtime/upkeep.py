"""What every service with tables wants done beside its work: old rows go, and sizes are told."""

import asyncio
from collections.abc import Sequence

from sqlalchemy import text

from shared.db.database import Database
from shared.db.retention import AT_ONCE, Retention, prune
from shared.kernel.waiting import pause
from shared.telemetry.metrics import Metrics

LOOK_SECONDS = 60.0
"""Between two looks while nothing is old and nobody waits for its going."""

# What Postgres knows without counting; -1 before a table was ever analysed.
SIZES = text(
    "SELECT c.relname, greatest(c.reltuples, 0), pg_total_relation_size(c.oid) "
    "FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = to_regnamespace(:schema)"
)


class Upkeep:
    """Prunes the tables of one service by age, and tells how large all of them are."""

    def __init__(
        self,
        database: Database,
        retentions: Sequence[Retention],
        metrics: Metrics,
        *,
        schema: str,
    ) -> None:
        self._database = database
        self._retentions = retentions
        self._schema = schema
        self._pruned = metrics.counter(
            "causeway_rows_pruned", "Rows that were deleted because of their age", ("table",)
        )
        self._rows = metrics.gauge(
            "causeway_table_rows", "Rows of a table, as Postgres estimates them", ("table",)
        )
        self._bytes = metrics.gauge(
            "causeway_table_bytes", "Size of a table on disk with its indexes", ("table",)
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Prunes and looks until told to stop; DatabaseUnavailableError."""
        while not stop.is_set():
            more = await self.prune_some()
            await self.tell_sizes()
            if not more:
                await pause(stop, LOOK_SECONDS)

    async def prune_some(self) -> bool:
        """One bite of each table, each a transaction; whether any has more to give."""
        more = False
        for retention in self._retentions:
            async with self._database.begin() as conn:
                gone = await prune(conn, retention)
            self._pruned.labels(retention.table.name).inc(gone)
            more = more or gone == AT_ONCE
        return more

    async def tell_sizes(self) -> None:
        """One look at the catalogue."""
        async with self._database.begin() as conn:
            found = await conn.execute(SIZES, {"schema": self._schema})
        for name, rows, size in found:
            self._rows.labels(name).set(rows)
            self._bytes.labels(name).set(size)
