"""Transactions on Postgres, with timeouts, and with failures in our error families."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

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

IDLE_SECONDS = 60.0
"""A transaction that waits longer for its client has lost it (I5: no calls inside)."""

POOL_WAIT_SECONDS = 10.0
"""How long a caller waits for a free connection before it is told to come back."""

REFUSAL_SECONDS = 15.0
"""How long readiness remembers that a write was refused: a full disk still answers reads."""

UNAVAILABLE_STATES = {
    "25006": "it is read-only: a standby, or a disk that was switched off",
    "28000": "it refuses this role: check the user in the database URL",
    "28P01": "it refuses this role's password: check the database URL",
    "3D000": "there is no database of that name: provision it first",
    "40001": "two transactions got in each other's way",
    "40P01": "a deadlock was broken",
    "53000": "it lacks resources",
    "53100": "its disk is full",
    "53200": "it is out of memory",
    "53300": "too many connections",
    "55P03": "a lock was not to be had in time",
    "57014": "a statement took too long",
    "57P01": "it is shutting down",
    "57P02": "it has crashed and recovers",
    "57P03": "it is starting up",
    "57P05": "a transaction was left idle for too long",
    "58030": "its disk answers with errors",
}
"""SQLSTATEs after which the same call may succeed later, in words for an admin."""

READ_ONLY = "25006"
DISK_STATES = frozenset({"53100", "58030"})
"""What only a write brings to light: a full disk, a broken one."""


class DatabaseUnavailableError(RetriableError):
    """Postgres is away, full, read-only or overloaded; the same call may succeed later."""

    def __init__(self, reason: str, *, state: str = "") -> None:
        super().__init__(
            f"The database cannot be used at the moment ({reason}).",
            code="database_unavailable",
        )
        self.state = state


@contextmanager
def database_errors() -> Iterator[None]:
    """Turns failures of the server or the way to it into DatabaseUnavailableError.

    A statement's own fault passes, but without the values that the driver put into its text.
    """
    try:
        yield
    except DBAPIError as error:
        reason = _unavailable(error)
        if reason is None:
            raise _without_values(error) from None
        raise DatabaseUnavailableError(reason, state=_state(error)) from error
    except PoolTimeoutError as error:
        raise DatabaseUnavailableError("all connections of this process are busy") from error
    except asyncpg.PostgresError as error:
        state = error.sqlstate or ""
        if state not in UNAVAILABLE_STATES and not state.startswith("08"):
            raise
        raise DatabaseUnavailableError(_words(state), state=state) from error
    except (OSError, asyncpg.InterfaceError) as error:
        raise DatabaseUnavailableError(f"it does not answer: {type(error).__name__}") from error


class Database:
    """A pool of connections to one role's schema."""

    def __init__(self, engine: AsyncEngine, url: str) -> None:
        self._engine = engine
        self._refused_at, self._refused_state = -REFUSAL_SECONDS, ""
        self.url = url

    @classmethod
    def connect(cls, url: str, *, application: str, pool_size: int = 10) -> "Database":
        """A pool that connects when it is first used; `url` is `postgresql://...`."""

        async def connection() -> asyncpg.Connection:
            return await asyncpg.connect(url, **connection_options(application))

        engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=connection,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_WAIT_SECONDS,
            hide_parameters=True,
        )
        return cls(engine, url)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed when the block ends without an error.

        DatabaseUnavailableError for everything that a later try may get past; a commit whose
        answer was lost is one of them, so what follows has to be repeatable.
        """
        try:
            with database_errors():
                async with self._engine.begin() as conn:
                    yield conn
        except DatabaseUnavailableError as error:
            if error.state in DISK_STATES:
                self._refused_at, self._refused_state = time.monotonic(), error.state
            raise

    async def ping(self) -> None:
        """Returns when the database answers and takes writes; DatabaseUnavailableError if not.

        Of a full disk it knows from the last write, so it is late by REFUSAL_SECONDS to say that
        there is room again.
        """
        with database_errors():
            async with asyncio.timeout(CONNECT_SECONDS), self._engine.connect() as conn:
                read_only = (await conn.execute(text("SHOW transaction_read_only"))).scalar_one()
        lately = time.monotonic() - self._refused_at < REFUSAL_SECONDS
        state = READ_ONLY if read_only == "on" else self._refused_state if lately else ""
        if state:
            raise DatabaseUnavailableError(_words(state), state=state)

    async def close(self) -> None:
        """Closes all connections."""
        await self._engine.dispose()


def connection_options(application: str) -> dict[str, Any]:
    """What every connection of Causeway is opened with: a name for the admin, and timeouts."""
    return {
        "timeout": CONNECT_SECONDS,
        "command_timeout": STATEMENT_SECONDS + CONNECT_SECONDS,
        "server_settings": {
            "application_name": f"causeway-{application}",
            "statement_timeout": f"{STATEMENT_SECONDS:.0f}s",
            "lock_timeout": f"{LOCK_SECONDS:.0f}s",
            "idle_in_transaction_session_timeout": f"{IDLE_SECONDS:.0f}s",
        },
    }


def _unavailable(error: DBAPIError) -> str | None:
    """Why the database cannot be used; None when the statement itself is at fault."""
    state = _state(error)
    if state in UNAVAILABLE_STATES or state.startswith("08"):
        return _words(state)
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return "the connection was lost"
    return None


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _words(state: str) -> str:
    return f"{UNAVAILABLE_STATES.get(state, 'the connection was lost')}; SQLSTATE {state}"


def _without_values(error: DBAPIError) -> DBAPIError:
    """Postgres quotes the offending value; that may be somebody's name."""
    state = _state(error)
    constraint = getattr(getattr(error.orig, "__cause__", None), "constraint_name", None)
    error.args = (f"SQLSTATE {state}" + (f", constraint {constraint}" if constraint else ""),)
    return error
