"""alembic's entry for activity_sync."""

from services.activity_sync.store import metadata
from shared.db.migrate import run_env

run_env("activity_sync", metadata)
