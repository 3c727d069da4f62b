"""Migrations: one alembic history a service, its version table in the service's schema.

`alembic -n quota revision --autogenerate -m "..."` writes a new one (with
CAUSEWAY_QUOTA_DATABASE_URL set). Every migration works with the previous code, and gives up
after five seconds rather than queue behind a lock with everybody else behind it.
"""

import asyncio
import os
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

ROOT = Path(__file__).resolve().parents[2]
LOCK_TIMEOUT = "5s"
VERSION_TABLE = "alembic_version"


def upgrade(service: str, url: str) -> None:
    """Brings a service's schema to the newest revision."""
    command.upgrade(_config(service, url), "head")


def check(service: str, url: str) -> None:
    """Raises alembic's error when the tables differ from what the code declares."""
    command.check(_config(service, url))


def current(service: str, url: str) -> str | None:
    """The revision that a service's schema is at, None before the first."""

    def read(conn: Connection) -> str | None:
        options = {"version_table_schema": service}
        return MigrationContext.configure(conn, opts=options).get_current_revision()

    async def run() -> str | None:
        engine = create_async_engine(_driver(url), poolclass=NullPool)
        try:
            async with engine.connect() as conn:
                return await conn.run_sync(read)
        finally:
            await engine.dispose()

    return asyncio.run(run())


def run_env(service: str, metadata: MetaData) -> None:
    """The whole of a service's migrations/env.py."""
    url = (
        context.config.attributes.get("url")
        or os.environ[f"CAUSEWAY_{service.upper()}_DATABASE_URL"]
    )
    asyncio.run(_migrate(service, metadata, url))


async def _migrate(service: str, metadata: MetaData, url: str) -> None:
    engine = create_async_engine(_driver(url), poolclass=NullPool)
    try:
        async with engine.connect() as conn:
            await conn.run_sync(_migrate_sync, service, metadata)
            await conn.commit()
    finally:
        await engine.dispose()


def _migrate_sync(conn: Connection, service: str, metadata: MetaData) -> None:
    conn.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    context.configure(
        connection=conn,
        target_metadata=metadata,
        version_table=VERSION_TABLE,
        version_table_schema=service,
        include_schemas=True,
        include_name=lambda name, kind, _parents: kind != "schema" or name == service,
    )
    with context.begin_transaction():
        context.run_migrations()


def _config(service: str, url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "services" / service / "migrations"))
    config.attributes["url"] = url
    return config


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+asyncpg://", 1)
