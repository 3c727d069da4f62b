"""activity_sync's own schema: tables, queries, and the unit of work over them."""

from services.activity_sync.store.tables import TABLES, metadata
from services.activity_sync.store.unit import PostgresStore, PostgresWork

__all__ = ["TABLES", "PostgresStore", "PostgresWork", "metadata"]
