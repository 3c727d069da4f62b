"""How a machine, whose steps are plain calls, runs code that has to be awaited."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings

Thing = TypeVar("Thing")
Run = Callable[[Awaitable[Any]], Any]

ON_SERVERS = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
"""A search that is the same each time, and takes some ten seconds with a database in it."""


@contextmanager
def loop_of_its_own() -> Iterator[Run]:
    """Finishes one call after the other on one loop; what was started in between goes on there."""

    async def finished(work: Awaitable[Any]) -> Any:
        return await work

    with asyncio.Runner() as runner:
        yield lambda work: runner.run(finished(work))


def one_of(known: Sequence[Thing], which: int) -> list[Thing]:
    """The latest for 0, or nothing: no rule has a precondition that depends on an answer.

    What a mailbox hands out first among equals is its own choice, which may differ next time.
    """
    return [known[-1 - which % len(known)]] if known else []
