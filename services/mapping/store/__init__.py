"""The mapping service's schema on Postgres."""

from services.mapping.store.tables import TABLES, metadata
from services.mapping.store.unit import PostgresStore

__all__ = ["TABLES", "PostgresStore", "metadata"]
