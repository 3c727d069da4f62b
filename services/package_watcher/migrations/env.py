"""Where alembic starts for the package watcher."""

from services.package_watcher.store.tables import metadata
from shared.db.migrate import run_env

run_env("package_watcher", metadata)
