"""Migrations: one alembic history a service, its version table in the service's schema.

`alembic -n quota revision --autogenerate -m "..."` writes a new one (with
CAUSEWAY_QUOTA_DATABASE_URL set). Every migration works with the previous code, and gives up
after five seconds rather than queue behind a lock with everybody else behind it. Two processes
that migrate one service at once take turns.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from shared.db.database import connection_options, database_errors

ROOT = Path(__file__).resolve().parents[2]
LOCK_TIMEOUT = "5s"
"""A migration that waits for a lock holds up everybody who comes after it."""

VERSION_TABLE = "alembic_version"


def upgrade(service: str, url: str) -> None:
    """Brings a service's schema to the newest revision. One call at a time in a process.

    DatabaseUnavailableError when the server is away or a lock was not to be had: try again.
    """
    with database_errors():
        command.upgrade(_config(service, url), "head")


def check(service: str, url: str) -> None:
    """Raises alembic's error when the tables differ from what the code declares."""
    with database_errors():
        command.check(_config(service, url))


def current(service: str, url: str) -> str | None:
    """The revision that a service's schema is at, None before the first."""

    def read(conn: Connection) -> str | None:
        options = {"version_table_schema": service}
        return MigrationContext.configure(conn, opts=options).get_current_revision()

    async def run() -> str | None:
        async with _connection(url) as conn:
            return await conn.run_sync(read)

    with database_errors():
        return asyncio.run(run())


def run_env(service: str, metadata: MetaData) -> None:
    """The whole of a service's migrations/env.py."""
    url = (
        context.config.attributes.get("url")
        or os.environ[f"CAUSEWAY_{service.upper()}_DATABASE_URL"]
    )
    asyncio.run(_migrate(service, metadata, url))


async def _migrate(service: str, metadata: MetaData, url: str) -> None:
    async with _connection(url) as conn:
        # Held by the session, until the connection closes; alembic makes its own transactions.
        lock = func.pg_advisory_lock(func.hashtextextended(f"migrate {service}", 0))
        await conn.execute(select(lock))
        await conn.commit()
        await conn.run_sync(_run_migrations, service, metadata)


def _run_migrations(conn: Connection, service: str, metadata: MetaData) -> None:
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


@asynccontextmanager
async def _connection(url: str) -> AsyncIterator[AsyncConnection]:
    """A connection of its own, with a short patience for locks and no limit for statements."""
    options = connection_options("migrate") | {
        "command_timeout": None,
        "server_settings": {"application_name": "causeway-migrate", "lock_timeout": LOCK_TIMEOUT},
    }

    async def connection() -> asyncpg.Connection:
        return await asyncpg.connect(url, **options)

    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=connection, poolclass=NullPool, hide_parameters=True
    )
    try:
        async with engine.connect() as conn:
            yield conn
    finally:
        await engine.dispose()


def _config(service: str, url: str) -> Config:
    config = Config()
    location = str(ROOT / "services" / service / "migrations")
    config.set_main_option("script_location", location.replace("%", "%%"))
    config.attributes["url"] = url
    return config
