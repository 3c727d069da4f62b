"""Where alembic starts for the mapping service."""

from services.mapping.store.tables import metadata
from shared.db.migrate import run_env

run_env("mapping", metadata)
