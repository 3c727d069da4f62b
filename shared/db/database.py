"""Transactions on Postgres, with timeouts, and with failures in our error families."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from shared.kernel.errors import RetriableError

CONNECT_SECONDS = 5.0
"""A server that does not answer by then is away."""

STATEMENT_SECONDS = 30.0
"""Every statement of Causeway touches a bounded number of rows; this one would be a mistake."""

LOCK_SECONDS = 10.0
"""Longer than any transaction of ours holds a lock."""

POOL_WAIT_SECONDS = 10.0
"""How long a caller waits for a free connection before it is told to come back."""

UNAVAILABLE_STATES = frozenset(
    {
        "25006",  # read-only transaction: a standby, or a disk that was switched off
        "53000",  # insufficient resources
        "53100",  # disk full
        "53200",  # out of memory
        "53300",  # too many connections
        "55P03",  # lock not available in time
        "57014",  # statement timeout
        "57P01",  # admin shutdown
        "57P02",  # crash shutdown
        "57P03",  # starting up or shutting down
        "58030",  # I/O error
        "40001",  # serialization failure
        "40P01",  # deadlock: the other one went on
    },
)


class DatabaseUnavailableError(RetriableError):
    """Postgres is away, full, read-only or overloaded; the same call may succeed later."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The database cannot be used at the moment ({reason}).",
            code="database_unavailable",
        )


class Database:
    """A pool of connections to one role's schema."""

    def __init__(self, engine: AsyncEngine, url: str) -> None:
        self._engine = engine
        self.url = url

    @classmethod
    def connect(cls, url: str, *, application: str, pool_size: int = 10) -> "Database":
        """A pool that connects when it is first used; `url` is `postgresql://...`."""
        engine = create_async_engine(
            url.replace("postgresql://", "postgresql+asyncpg://", 1),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_WAIT_SECONDS,
            connect_args={
                "timeout": CONNECT_SECONDS,
                "command_timeout": STATEMENT_SECONDS,
                "server_settings": {
                    "application_name": f"causeway-{application}",
                    "statement_timeout": f"{STATEMENT_SECONDS:.0f}s",
                    "lock_timeout": f"{LOCK_SECONDS:.0f}s",
                    "idle_in_transaction_session_timeout": "60s",
                },
            },
        )
        return cls(engine, url)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed when the block ends without an error.

        DatabaseUnavailableError for everything that a later try may get past; a commit whose
        answer was lost is one of them, so what follows has to be repeatable.
        """
        try:
            async with self._engine.begin() as conn:
                yield conn
        except DBAPIError as error:
            reason = _unavailable(error)
            if reason is None:
                raise
            raise DatabaseUnavailableError(reason) from error
        except PoolTimeoutError as error:
            raise DatabaseUnavailableError("all connections are busy") from error
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError) as error:
            raise DatabaseUnavailableError("it does not answer") from error
        except asyncpg.PostgresError as error:
            if error.sqlstate not in UNAVAILABLE_STATES:
                raise
            raise DatabaseUnavailableError(f"SQLSTATE {error.sqlstate}") from error

    async def ping(self) -> None:
        """Returns when the database answers; DatabaseUnavailableError when it does not."""
        async with asyncio.timeout(CONNECT_SECONDS), self.begin() as conn:
            await conn.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Closes all connections."""
        await self._engine.dispose()


def _unavailable(error: DBAPIError) -> str | None:
    """Why the database cannot be used; None when the statement itself is at fault."""
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return "the connection was lost"
    state = getattr(error.orig, "sqlstate", None)
    if state in UNAVAILABLE_STATES or (state or "").startswith("08"):
        return f"SQLSTATE {state}"
    return None
