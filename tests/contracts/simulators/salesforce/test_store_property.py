from collections.abc import Iterator
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.simulators.machinery.changes import ChangeLog
from tests.simulators.salesforce.store import Record, Store

IDS = st.sampled_from([f"003{number}" for number in range(6)])
EMAILS = st.sampled_from([None, "a@x.de", "A@x.de", "b@x.de"])
TABLE = "Contact"


class StoreMachine(RuleBasedStateMachine):
    """Any writes, commits and rollbacks: the indexes always say what a look at all would say."""

    def __init__(self) -> None:
        super().__init__()
        self.changes = ChangeLog()
        self.store = Store(indexed=lambda _: ["Email"], changes=self.changes)
        self.stamp = 0
        self.committed: dict[str, Record] = {}
        self.model: dict[str, Record] = {}
        self.waiting = 0

    @rule(record_id=IDS, email=EMAILS)
    def write(self, record_id: str, email: str | None) -> None:
        self.stamp += 1
        fields: dict[str, Any] = {"Id": record_id, "Email": email}
        record = Record(TABLE, record_id, fields, self.stamp)
        self.store.write(record, kind="update", by="app", fields=["Email"])
        self.model[record_id] = record
        self.waiting += 1

    @rule()
    def commit(self) -> None:
        before = len(self.changes.after(0))
        self.store.commit()
        assert len(self.changes.after(0)) == before + self.waiting
        self.committed = dict(self.model)
        self.waiting = 0

    @precondition(lambda self: self.waiting > 0)
    @rule()
    def rollback(self) -> None:
        self.store.rollback(0)
        self.model = dict(self.committed)
        self.waiting = 0

    @invariant()
    def records_are_those_of_the_model(self) -> None:
        assert self.store.table(TABLE).records == self.model

    @invariant()
    def the_index_finds_what_a_scan_finds(self) -> None:
        for email in ("a@x.de", "B@X.DE"):
            found = self.store.table(TABLE).find("Email", email) or []
            assert {one.id for one in found} == set(self._with(email))

    def _with(self, email: str) -> Iterator[str]:
        for record in self.model.values():
            if (record.fields["Email"] or "").lower() == email.lower():
                yield record.id

    @invariant()
    def since_is_in_the_order_of_the_writes(self) -> None:
        expected = sorted(self.model.values(), key=lambda one: one.stamp)
        assert list(self.store.table(TABLE).since(0)) == expected
        later = [one for one in expected if one.stamp >= 3]
        assert list(self.store.table(TABLE).since(3)) == later


TestStore = StoreMachine.TestCase
TestStore.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
