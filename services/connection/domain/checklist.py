"""One line of a pre-flight: what was looked at, what came out, and what to do."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from services.connection.domain.features import Feature
from services.connection.domain.seen import Calls, Trouble
from shared.kernel.records import Side

# With less than this share of the day's calls left, a first import would stop half-way.
SCARCE_SHARE = 0.1


class Mark(StrEnum):
    """`unknown`: the CRM does not tell, or did not answer; look by hand or run it again."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Item:
    """`right` is what is needed, `features` those that need it, `found` what was seen.

    `todo` is empty when the item has passed.
    """

    key: str
    side: Side
    right: str
    mark: Mark
    features: tuple[Feature, ...]
    found: str
    todo: str = ""


def ordered(features: Iterable[Feature]) -> tuple[Feature, ...]:
    """The same features in the order of their definition."""
    wanted = frozenset(features)
    return tuple(feature for feature in Feature if feature in wanted)


@dataclass(frozen=True, slots=True)
class Line:
    """An item that has not been judged yet."""

    key: str
    side: Side
    right: str
    features: tuple[Feature, ...]

    def passed(self, found: str) -> Item:
        """It is there."""
        return self._item(Mark.PASSED, found, "")

    def failed(self, found: str, todo: str) -> Item:
        """It is missing."""
        return self._item(Mark.FAILED, found, todo)

    def unknown(self, found: str, todo: str) -> Item:
        """Nobody can say."""
        return self._item(Mark.UNKNOWN, found, todo)

    def unanswered(self, trouble: Trouble) -> Item:
        """The CRM gave no answer to this question."""
        todo = "Mend that and run the pre-flight again." if trouble.refused else AGAIN
        return self._item(Mark.UNKNOWN, trouble.text, todo)

    def _item(self, mark: Mark, found: str, todo: str) -> Item:
        return Item(self.key, self.side, self.right, mark, self.features, found, todo)


AGAIN = "Run the pre-flight again in a minute."
USED_UP = frozenset({"REQUEST_LIMIT_EXCEEDED", "quota_exhausted"})


def no_calls_item(line: Line, trouble: Trouble) -> Item:
    """Nothing was counted: perhaps because no call is left."""
    if trouble.code not in USED_UP:
        return line.unanswered(trouble)
    todo = "Wait until calls are free again; GET /api/v1/quota/{connection} says when."
    return line.failed(trouble.text, todo)


def calls_item(line: Line, calls: Calls, more: str) -> Item:
    """What is left of the day's calls; `more` says where more of them come from."""
    found = f"{calls.used} of {calls.limit} API calls of the day are used; {calls.left} are left."
    if calls.left < calls.limit * SCARCE_SHARE or calls.limit == 0:
        todo = f"Wait until calls are free again before the first import, or get more: {more}"
        return line.failed(found, todo)
    return line.passed(found)


def failed(items: Collection[Item]) -> tuple[Item, ...]:
    """The items that somebody has to mend."""
    return tuple(item for item in items if item.mark is Mark.FAILED)
