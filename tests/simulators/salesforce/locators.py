"""Query cursors: they live two days (facts: section 2.3)."""

from dataclasses import dataclass

from tests.simulators.machinery.clock import VirtualClock
from tests.simulators.salesforce.errors import SalesforceError
from tests.simulators.salesforce.ids import IdMaker, long_form
from tests.simulators.salesforce.soql.evaluate import Render

PREFIX = "0r8"
LIFE_SECONDS = 172_800


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a query found, by id: its later pages show the records as they are then."""

    object: str
    ids: tuple[str, ...]
    render: Render
    page_size: int
    deleted: bool
    expires_at: float


class Locators:
    """The open cursors."""

    def __init__(self, *, ids: IdMaker, clock: VirtualClock) -> None:
        self._ids = ids
        self._clock = clock
        self._cursors: dict[str, Cursor] = {}

    def expiry(self) -> float:
        """When a cursor that is opened now ends."""
        return self._clock.seconds() + LIFE_SECONDS

    def open(self, cursor: Cursor) -> str:
        """Keep a cursor; its locator."""
        locator = self._ids.next(PREFIX)
        self._cursors[locator] = cursor
        return locator

    def get(self, text: str) -> tuple[str, Cursor, int]:
        """Locator, cursor and offset of ``locator-offset``. SalesforceError otherwise."""
        locator, _, offset = text.partition("-")
        cursor = self._cursors.get(long_form(locator) or "")
        if cursor is None or not offset.isdecimal() or cursor.expires_at <= self._clock.seconds():
            raise SalesforceError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return locator, cursor, int(offset)
