"""Several calls at once, but never too many."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
CONCURRENT_CALLS = 4
"""Calls of one bulk operation that are under way at once. More gain little: both CRMs answer a
batch in a few hundred milliseconds, and ten seconds of a burst allowance are gone in one."""


async def together(
    work: Callable[[T], Awaitable[R]], items: Sequence[T], *, at_once: int = CONCURRENT_CALLS
) -> list[R]:
    """`work(item)` for every item, in their order, `at_once` at a time.

    The first error ends what is still under way and is raised as it is.
    """
    if len(items) == 1:
        return [await work(items[0])]
    turn = asyncio.Semaphore(at_once)

    async def one(item: T) -> R:
        async with turn:
            return await work(item)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(item)) for item in items]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


def chunks(items: Sequence[T], size: int) -> list[Sequence[T]]:
    """The items in their order, in runs of at most `size`."""
    return [items[start : start + size] for start in range(0, len(items), size)]
