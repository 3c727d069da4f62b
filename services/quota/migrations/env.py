"""Alembic's entry into the history of quota."""

from services.quota.store import metadata
from shared.db.migrate import run_env

run_env("quota", metadata)
