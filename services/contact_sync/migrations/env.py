"""alembic's entry for contact_sync."""

from services.contact_sync.store import metadata
from shared.db.migrate import run_env

run_env("contact_sync", metadata)
