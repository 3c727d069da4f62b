"""alembic's entry for ingress."""

from services.ingress.store import metadata
from shared.db.migrate import run_env

run_env("ingress", metadata)
