"""Numbers that are handed out, one after the other."""

from collections.abc import Iterator


class Numbers:
    """Counts up without end; unlike ``itertools.count`` it can be kept in a snapshot."""

    __slots__ = ("_next",)

    def __init__(self, first: int = 0) -> None:
        self._next = first

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        number = self._next
        self._next += 1
        return number
