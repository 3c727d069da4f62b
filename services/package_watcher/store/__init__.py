"""The package watcher's schema on Postgres."""

from services.package_watcher.store.installations import CHANNEL
from services.package_watcher.store.tables import TABLES, metadata
from services.package_watcher.store.unit import PostgresStore
from services.package_watcher.store.windows import WINDOW_CHANNEL

__all__ = ["CHANNEL", "TABLES", "WINDOW_CHANNEL", "PostgresStore", "metadata"]
