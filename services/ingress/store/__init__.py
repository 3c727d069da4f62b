"""Ingress' own schema: tables, queries, and the unit of work over them."""

from services.ingress.store.tables import TABLES, metadata
from services.ingress.store.unit import PostgresStore, PostgresWork

__all__ = ["TABLES", "PostgresStore", "PostgresWork", "metadata"]
