"""quota's own schema: tables, queries, and the unit of work over them."""

from services.quota.store.tables import INBOX, OUTBOX, PURGES, metadata
from services.quota.store.unit import PostgresStore, PostgresWork

__all__ = ["INBOX", "OUTBOX", "PURGES", "PostgresStore", "PostgresWork", "metadata"]
