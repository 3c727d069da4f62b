"""Alembic's entry into the history of connection."""

from services.connection.store import metadata
from shared.db.migrate import run_env

run_env("connection", metadata)
