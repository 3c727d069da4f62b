"""One list (segment) with its members, and how its filters catch up with the records.

A dynamic list is recalculated some time after a change (facts: section 8). What is due is kept in
a queue of moments, so that a member's join time is the moment of the recalculation, however late
somebody asks.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from tests.simulators.hubspot.list_filters import Groups, matches
from tests.simulators.hubspot.model import Json, ObjectType, Record
from tests.simulators.hubspot.store import RecordStore

Processing = Literal["MANUAL", "DYNAMIC", "SNAPSHOT"]


@dataclass(slots=True)
class Membership:
    """Since when a record belongs to a list, in epoch ms."""

    first_added: int
    last_added: int


@dataclass(slots=True)
class RecordList:
    """A list of records of one type."""

    id: int
    name: str
    type: ObjectType
    processing: Processing
    created_at: int
    updated_at: int
    filters_updated_at: int
    branch: Json | None = None
    """The filters as they were given."""
    groups: Groups = ()
    version: int = 1
    deleted_at: int | None = None
    members: dict[int, Membership] = field(default_factory=dict)
    added_at: int | None = None
    """When a record was last added."""
    _left: dict[int, int] = field(default_factory=dict)
    """Former members, with the moment at which they were first added."""
    _due: deque[tuple[int, int | None]] = field(default_factory=deque)
    """(moment, id of the record to look at again); no id: all records."""

    @property
    def processing_status(self) -> str:
        """``PROCESSING`` while all records wait to be looked at, else ``COMPLETE``."""
        waiting = any(record_id is None for _, record_id in self._due)
        return "PROCESSING" if waiting else "COMPLETE"

    def add(self, record_id: int, moment: int) -> bool:
        """Whether the record became a member; it may have been one."""
        if record_id in self.members:
            return False
        first = self._left.pop(record_id, moment)
        self.members[record_id] = Membership(first, moment)
        self.added_at = moment
        return True

    def remove(self, record_id: int) -> bool:
        """Whether the record was a member."""
        membership = self.members.pop(record_id, None)
        if membership is None:
            return False
        self._left[record_id] = membership.first_added
        return True

    def replace(self, old_ids: Iterable[int], new_id: int, moment: int) -> None:
        """Records became one: it is a member if one of them was."""
        gone = [one for one in old_ids if self.remove(one)]
        if gone:
            self.add(new_id, moment)

    def look_again(self, moment: int, record_id: int | None = None) -> None:
        """Have the filters applied at ``moment``, to one record or to all."""
        self._due.append((moment, record_id))

    def settle(self, store: RecordStore, now: int) -> None:
        """Do what is due by ``now``, in its order."""
        while self._due and self._due[0][0] <= now:
            moment, record_id = self._due.popleft()
            live = store.live(self.type)
            if record_id is None:
                for record in live.values():
                    self._judge(record, moment)
            elif record_id in live:
                self._judge(live[record_id], moment)

    def _judge(self, record: Record, moment: int) -> None:
        values = record.values_as_of(moment)
        if values is not None and matches(self.groups, values):
            self.add(record.id, moment)
        else:
            self.remove(record.id)
