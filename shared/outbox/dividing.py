"""A batch that fails is divided until the row that it fails on is alone."""

import traceback
from collections.abc import Awaitable, Callable, Sequence

from shared.kernel.errors import FatalError, RetriableError
from shared.outbox.back_off import code_of
from shared.outbox.mail import Claimed
from shared.telemetry.logs import get_logger

FAILURES = 4
"""Rows of one batch that may fail alone. When more do, the trouble is not in the rows, and each
further try would only cost calls."""

FRAMES = 4
"""Where a row failed is told by the last frames; the error's text may hold a personal value."""

_LOG = get_logger(__name__)
Handle = Callable[[Sequence[Claimed]], Awaitable[None]]
Failed = Callable[[Claimed, Exception], Awaitable[None]]


async def divided(
    rows: Sequence[Claimed], handle: Handle, failed: Failed
) -> tuple[Sequence[Claimed], Exception | None]:
    """Handles rows together; what fails, by halves, so that one row cannot hold its neighbours.

    `failed` gets a row that fails by itself and what it failed with. Answers the rows that were
    not handled, and the error that they wait for: a RetriableError, which is nobody's fault, or
    the last of too many failures. `handle` must bear repetition: rows may have been handled in
    part when their batch failed.
    """
    waiting: list[Sequence[Claimed]] = [rows]
    failures = 0
    while waiting:
        some = waiting.pop()
        try:
            await handle(some)
        except RetriableError as error:
            return _all([*waiting, some]), error
        except Exception as error:  # noqa: BLE001 -- whatever it is, the neighbours go on
            if len(some) > 1:
                half = len(some) // 2
                waiting += [some[half:], some[:half]]
                continue
            failures += 1
            if failures > FAILURES:
                return _all([*waiting, some]), error
            _log(some[0], error)
            await failed(some[0], error)
    return [], None


def failure_text(error: Exception) -> str:
    """What became of a row that failed alone, for the admin who finds it parked."""
    if isinstance(error, FatalError):
        return str(error)
    return (
        f'Causeway failed on this record ({type(error).__name__}). The log entry "a row failed '
        'alone" says where; report it. The record is tried again when it changes.'
    )


def _log(row: Claimed, error: Exception) -> None:
    _LOG.error(
        "a row failed alone",
        connection=str(row.connection_id),
        lane=row.lane,
        record=f"{row.side}/{row.record_id}",
        attempts=row.attempts,
        code=code_of(error),
        error=type(error).__name__,
        where="".join(traceback.format_tb(error.__traceback__)[-FRAMES:]),
    )


def _all(parts: Sequence[Sequence[Claimed]]) -> list[Claimed]:
    return [row for part in parts for row in part]
