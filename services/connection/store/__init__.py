"""connection's own schema: tables, queries, and the unit of work over them."""

from services.connection.store.secrets import SEALED
from services.connection.store.tables import OUTBOX, metadata
from services.connection.store.unit import PostgresStore, PostgresWork

__all__ = ["OUTBOX", "SEALED", "PostgresStore", "PostgresWork", "metadata"]
