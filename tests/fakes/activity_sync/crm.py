"""Both worlds behind the `Crm` port, with refusals and failures on demand."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection
from collections.abc import Mapping as Map
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from services.activity_sync.domain.task import Task
from services.activity_sync.domain.timeline import NamedAt
from services.activity_sync.ports import Connection, Crm
from shared.crm.writes import Refused, WriteResult, Written
from shared.kernel.clock import Clock
from shared.kernel.records import Side
from tests.fakes.activity_sync.store import FakeStore
from tests.fakes.activity_sync.worlds import Forms, News, World

Answer = TypeVar("Answer")
WRITES = frozenset({"create_in_hubspot", "create_in_salesforce", "update", "associate"})


class OpenTransactionError(BaseException):
    """A CRM was called while a transaction was open (I5). No handler of errors may hide it."""


@dataclass
class Faults:
    """What goes wrong next: whole calls before or after their effect, and single records."""

    before: dict[str, list[Exception]] = field(default_factory=lambda: defaultdict(list))
    after: dict[str, list[Exception]] = field(default_factory=lambda: defaultdict(list))
    refusals: dict[str, list[Refused]] = field(default_factory=lambda: defaultdict(list))

    def refuse(self, key: str, code: str, *, retriable: bool = False, times: int = 1) -> None:
        """The next writes to that record id or key are refused."""
        refusal = Refused(key, code, "Refused on demand.", None, None, retriable=retriable)
        self.refusals[key].extend([refusal] * times)


class FakeCrms:
    """The `Crms` port over one portal and one org."""

    def __init__(self, clock: Clock, store: FakeStore) -> None:
        self.news: list[News] = []
        self.hubspot = World(Side.HUBSPOT, clock, self.news.append)
        self.salesforce = World(Side.SALESFORCE, clock, self.news.append)
        self.forms = Forms()
        self.faults = Faults()
        self.calls: list[str] = []
        self._store = store

    @property
    def writes(self) -> list[str]:
        """The names of the calls that write."""
        return [name for name in self.calls if name in WRITES]

    @asynccontextmanager
    async def open(self, connection: Connection) -> AsyncIterator[Crm]:
        """Both worlds."""
        yield FakeCrm(self)

    def call(self, name: str, effect: Callable[[], Answer]) -> Answer:
        """One call: fails before or after its effect when told so."""
        if self._store.open:
            raise OpenTransactionError(name)
        self.calls.append(name)
        if self.faults.before[name]:
            raise self.faults.before[name].pop(0)
        answer = effect()
        if self.faults.after[name]:
            raise self.faults.after[name].pop(0)
        return answer


class FakeCrm:
    """The `Crm` port."""

    def __init__(self, crms: FakeCrms) -> None:
        self._crms = crms

    async def hubspot_tasks(self, ids: Collection[str]) -> dict[str, Task]:
        world = self._crms.hubspot
        return self._crms.call(
            "hubspot_tasks", lambda: {i: world.task(i) for i in ids if i in world.tasks}
        )

    async def hubspot_tasks_by_key(self, keys: Collection[str]) -> dict[str, Task]:
        world = self._crms.hubspot
        return self._crms.call(
            "hubspot_tasks_by_key",
            lambda: {
                key: replace(world.task(found), person_ids=())
                for key in keys
                if (found := world.by_key(key)) is not None
            },
        )

    async def salesforce_tasks(
        self, ids: Collection[str], keys: Collection[str]
    ) -> dict[str, Task]:
        world = self._crms.salesforce
        return self._crms.call(
            "salesforce_tasks",
            lambda: {
                one: world.task(one)
                for one, row in world.tasks.items()
                if one in ids or row.values.get(world.key_name) in keys
            },
        )

    async def form_names(self, contact_ids: Collection[str]) -> dict[str, tuple[NamedAt, ...]]:
        names = self._crms.forms.names
        return self._crms.call(
            "form_names", lambda: {one: names[one] for one in contact_ids if one in names}
        )

    async def create_in_hubspot(
        self, rows: Map[str, Map[str, object]], people: Map[str, str]
    ) -> dict[str, WriteResult]:
        world = self._crms.hubspot
        results = self._write("create_in_hubspot", rows, world.upsert)

        def associate() -> None:
            for key, result in results.items():
                if isinstance(result, Written) and people[key] not in world.tasks[result.id].people:
                    world.tasks[result.id].people.append(people[key])

        self._crms.call("associate", associate)
        return results

    async def create_in_salesforce(
        self, rows: Map[str, Map[str, object]]
    ) -> dict[str, WriteResult]:
        return self._write("create_in_salesforce", rows, self._crms.salesforce.upsert)

    async def update(self, side: Side, rows: Map[str, Map[str, object]]) -> dict[str, WriteResult]:
        world = self._crms.hubspot if side is Side.HUBSPOT else self._crms.salesforce
        return self._write("update", rows, world.update)

    def _write(
        self,
        name: str,
        rows: Map[str, Map[str, object]],
        write: Callable[[str, Map[str, object]], WriteResult],
    ) -> dict[str, WriteResult]:
        refusals = self._crms.faults.refusals

        def effect() -> dict[str, WriteResult]:
            return {
                key: replace(refusals[key].pop(0), key=key) if refusals[key] else write(key, row)
                for key, row in rows.items()
            }

        return self._crms.call(name, effect)
