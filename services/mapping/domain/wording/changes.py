"""One difference, and how things that have a name are found again on the other side."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from enum import StrEnum
from itertools import zip_longest
from typing import Any, TypeVar

from services.mapping.domain.review import Part

Item = TypeVar("Item", bound=Hashable)


class Kind(StrEnum):
    """What happened to the thing that a change is about."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `text` for a person, `where`, `before` and `after` for a program.

    `before` and `after` are plain data (texts, numbers, booleans, lists, dicts), None for a thing
    that is not there on that side.
    """

    part: Part
    kind: Kind
    where: str
    text: str
    before: Any = None
    after: Any = None


def change(part: Part, where: str, text: str, before: object, after: object) -> Change:
    """A change of the kind that follows from which side has the thing."""
    kind = Kind.CHANGED
    if before is None or after is None:
        kind = Kind.ADDED if before is None else Kind.REMOVED
    return Change(part, kind, where, text, plain(before), plain(after))


def plain(value: Any) -> Any:
    """Dataclasses as dicts, tuples as lists, enums as texts."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value.value if isinstance(value, StrEnum) else value


def matched(
    before: Iterable[Item], after: Iterable[Item], key: Callable[[Item], Hashable]
) -> Iterator[tuple[Item | None, Item | None]]:
    """What differs, pair by pair: things of one key belong together, whatever their order.

    Things that are on both sides as they are, are left out, as often as both have them.
    """
    groups: dict[Hashable, tuple[list[Item], list[Item]]] = {}
    for which, items in enumerate((before, after)):
        for item in items:
            groups.setdefault(key(item), ([], []))[which].append(item)
    for olds, news in groups.values():
        yield from zip_longest(_without(olds, news), _without(news, olds))


def _without(items: Sequence[Item], others: Sequence[Item]) -> list[Item]:
    spare = Counter(others)
    found = []
    for item in items:
        if spare[item]:
            spare[item] -= 1
        else:
            found.append(item)
    return found


def spoken(value: object) -> str:
    """A setting's value as a person says it."""
    if value is None or value in ("", ()):
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return " and ".join(str(item) for item in value)
    return str(value)


def from_to(subject: str, before: object, after: object) -> str:
    """The usual sentence."""
    return f"{subject} changed from {spoken(before)} to {spoken(after)}."
