"""The log of everything that happened to the records of a simulated CRM."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

ChangeKind = Literal["create", "update", "delete"]
Actor = Literal["user", "app"]
LOOKED_AT = 20_000
"""Changes that a page looks through: milliseconds, however long the log has grown."""
KEPT_NAMES = 10_000
"""Lists of field names that are kept to be shared."""


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """One change: ``n`` counts from 1, ``at`` is in milliseconds of the virtual clock."""

    n: int
    at: int
    object: str
    id: str
    kind: ChangeKind
    by: Actor
    fields: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The shape that the control plane answers with."""
        return {
            "n": self.n,
            "at": self.at,
            "object": self.object,
            "id": self.id,
            "kind": self.kind,
            "by": self.by,
            "fields": list(self.fields),
        }


@lru_cache(maxsize=KEPT_NAMES)
def _in_order(names: tuple[str, ...]) -> tuple[str, ...]:
    """Records of one kind change the same fields again and again: they share one list of them."""
    return tuple(sorted(names))


class ChangeLog:
    """Append-only, until it is reset."""

    def __init__(self) -> None:
        self._entries: list[LoggedChange] = []

    def note(
        self,
        *,
        at: int,
        object_name: str,
        record_id: str,
        kind: ChangeKind,
        by: Actor,
        fields: Iterable[str] = (),
    ) -> None:
        """Append one change; ``fields`` are the names of the fields that got another value."""
        number = len(self._entries) + 1
        names = _in_order(tuple(fields))
        self._entries.append(LoggedChange(number, at, object_name, record_id, kind, by, names))

    def after(self, number: int) -> list[LoggedChange]:
        """The changes numbered above ``number``, oldest first."""
        return self._entries[max(number, 0) :]

    def latest_of(self, object_name: str, record_id: str) -> list[LoggedChange]:
        """The changes of one record among the last ``LOOKED_AT`` of all, newest first."""
        return [
            one
            for one in self._entries[: -LOOKED_AT - 1 : -1]
            if one.id == record_id and one.object == object_name
        ]

    def reset(self) -> None:
        """Forget everything and count from 1 again."""
        self._entries.clear()
