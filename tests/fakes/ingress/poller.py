"""What polls of both CRMs answer: rows that a test puts there, by modification time."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.ingress.domain.news import Interest
from services.ingress.domain.polling import PolledRow
from services.ingress.ports import Connection, PollRequest
from shared.kernel.records import Side
from tests.fakes.ingress.store import FakeStore


@dataclass
class FakePoller:
    """The `Poller` port. `failures` are raised first; `asked` are the rounds that were polled."""

    store: FakeStore
    rows: list[PolledRow] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    asked: list[tuple[Connection, Side, tuple[PollRequest, ...]]] = field(default_factory=list)

    async def poll(
        self,
        connection: Connection,
        side: Side,
        requests: Sequence[PollRequest],
        interest: Interest,
    ) -> dict[str, list[PolledRow]]:
        if self.store.open:
            raise AssertionError("a CRM was called while a transaction was open (I5)")
        self.asked.append((connection, side, tuple(requests)))
        if self.failures:
            raise self.failures.pop(0)
        return {request.object_name: self._answer(side, request) for request in requests}

    def _answer(self, side: Side, request: PollRequest) -> list[PolledRow]:
        found = [
            row
            for row in self.rows
            if row.side is side
            and row.object_name == request.object_name
            and row.modified_at >= request.since
        ]
        return sorted(found, key=lambda row: row.modified_at)
