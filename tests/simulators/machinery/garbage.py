"""Lets a million objects come into being without being looked through again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def growing() -> Iterator[None]:
    """While the block runs, and for what it made, the collector of cycles does nothing.

    What is seeded lives until a reset, and records have no cycles: looking for garbage among them
    would take longer than making them, and later stop every answer for seconds.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
