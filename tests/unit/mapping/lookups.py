"""Lists, people and numbers that hold their state in memory, behind the `Lookups` port."""

from collections.abc import Sequence
from uuid import UUID

from services.mapping.domain.lists import HubSpotList
from services.mapping.domain.review.found import Sizes
from services.mapping.ports import Lists, People
from shared.kernel.errors import RetriableError
from shared.kernel.records import ObjectType
from tests.unit.mapping.fakes import FakeStore

PAGE = 2
"""How many lists are given at once, few so that tests see the end of a page."""

ACTIVE = HubSpotList("7", "Customers", ObjectType.CONTACT, "DYNAMIC", 40)
STATIC = HubSpotList("8", "Fair 2025", ObjectType.CONTACT, "MANUAL", 12)
OF_COMPANIES = HubSpotList("9", "Partners", ObjectType.COMPANY, "DYNAMIC", 3)


class FakeLookups:
    """Two CRMs in which everybody has a counterpart, until a test says otherwise."""

    def __init__(self, store: FakeStore) -> None:
        self._store = store
        self.reset()

    def reset(self) -> None:
        """As on the first day."""
        self.known = {one.id: one for one in (ACTIVE, STATIC, OF_COMPANIES)}
        self.people_known = People({"1": "ada@example.org"}, {"005A": "ada@example.org"})
        self.sizes_known = Sizes({"contact": 100}, {"Contact": 90, "Lead": 10}, 10_000)
        self.silent = False

    async def lists(self, connection_id: UUID, object_type: ObjectType, query: str) -> Lists:
        self._called(connection_id)
        found = [
            one
            for one in self.known.values()
            if one.object_type is object_type and query.lower() in one.name.lower()
        ]
        return Lists(tuple(found[:PAGE]), more=len(found) > PAGE)

    async def list_by_id(self, connection_id: UUID, list_id: str) -> HubSpotList | None:
        self._called(connection_id)
        return self.known.get(list_id)

    async def people(self, connection_id: UUID) -> People:
        self._called(connection_id)
        return self.people_known

    async def sizes(self, connection_id: UUID, object_types: Sequence[ObjectType]) -> Sizes:
        self._called(connection_id)
        assert object_types
        return self.sizes_known

    def _called(self, connection_id: UUID) -> None:
        assert connection_id
        assert self._store.open == 0, "a transaction is open during an outside call"
        if self.silent:
            raise RetriableError("no answer", code="crm_unavailable")
