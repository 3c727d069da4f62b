"""The package watcher's schema on Postgres."""

from services.package_watcher.store.installations import CHANNEL
from services.package_watcher.store.tables import TABLES, metadata
from services.package_watcher.store.unit import PostgresStore

__all__ = ["CHANNEL", "TABLES", "PostgresStore", "metadata"]
