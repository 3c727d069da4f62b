"""contact_sync's own schema: tables, queries, and the unit of work over them."""

from services.contact_sync.store.tables import TABLES, metadata
from services.contact_sync.store.unit import PostgresStore, PostgresWork

__all__ = ["TABLES", "PostgresStore", "PostgresWork", "metadata"]
