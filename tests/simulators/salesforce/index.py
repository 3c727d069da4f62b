"""Finds the records that have a value, in any case, without looking at all of them."""

from collections.abc import Iterator
from typing import Any

Holders = str | dict[str, None]
"""The id of the one record with a value, or the ids of several in the order in which they came.

Most values of a million records are held by one record: a collection for each would be larger
than the records themselves.
"""


class Index:
    """Value -> ids, for one field of one object."""

    def __init__(self) -> None:
        self._holders: dict[str, Holders] = {}

    def move(self, record_id: str, before: Any, after: Any) -> None:
        """A record had one value and now has another; None is no value."""
        old, new = key_of(before), key_of(after)
        if old == new:
            return
        if old is not None:
            self._forget(old, record_id)
        if new is not None:
            self._note(new, record_id)

    def ids(self, value: Any) -> Iterator[str]:
        """The records with the value, those first that had it first."""
        key = key_of(value)
        found = None if key is None else self._holders.get(key)
        yield from (found,) if isinstance(found, str) else found or ()

    def _note(self, key: str, record_id: str) -> None:
        found = self._holders.setdefault(key, record_id)
        if isinstance(found, dict):
            found[record_id] = None
        elif found != record_id:
            self._holders[key] = {found: None, record_id: None}

    def _forget(self, key: str, record_id: str) -> None:
        found = self._holders.get(key)
        if isinstance(found, dict):
            found.pop(record_id, None)
        if not found or found == record_id:
            self._holders.pop(key, None)


def key_of(value: Any) -> str | None:
    """The value as it is compared. The same text where its letters are small already."""
    if value is None:
        return None
    text = value if type(value) is str else str(value)
    low = text.lower()
    return text if low == text else low
