"""Change Data Capture of one org: what is selected, the bus, and how writes become events."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from tests.simulators.salesforce.limits import DailyLimit
from tests.simulators.salesforce.pubsub.bodies import Body
from tests.simulators.salesforce.pubsub.bus import EventBus
from tests.simulators.salesforce.pubsub.events import ChangeEvent
from tests.simulators.salesforce.pubsub.schemas import Schemas
from tests.simulators.salesforce.pubsub.selection import Member, Selection
from tests.simulators.salesforce.pubsub.transactions import Draft, drafts
from tests.simulators.salesforce.store import Write

if TYPE_CHECKING:
    from tests.simulators.salesforce.org import Org

KEY_BITS = 112
"""Keys of transactions look like UUIDs that begin with four zeros."""
FIRST_COMMIT = 1_100_000_000_000
MAX_COMMIT_STEP = 50_000
DELIVERIES = {
    "Unlimited Edition": 50_000,
    "Enterprise Edition": 25_000,
    "Developer Edition": 10_000,
}
"""Events that an org may have delivered in 24 hours; other editions have no change events."""
MICROSECONDS = 1_000_000
MILLISECONDS = 1_000


class ChangeCapture:
    """All of it but the streams. As long as nothing is selected, writes cost nothing."""

    def __init__(self, org: "Org") -> None:
        self._org = org
        self._dice = Random(0)
        self._commit_number = FIRST_COMMIT
        self.selection = Selection(org.ids)
        self.schemas = Schemas(org.catalogue)
        self.bus = EventBus(org.clock)
        self.deliveries = DailyLimit()

    @property
    def licensed(self) -> bool:
        """Whether the org's edition has change events."""
        return self._org.switches.edition in DELIVERIES

    @property
    def allowed(self) -> int:
        """Deliveries in 24 hours."""
        ordered = self._org.switches.cdc_daily_deliveries
        return DELIVERIES.get(self._org.switches.edition, 0) if ordered is None else ordered

    def create(self, kind: str, body: dict[str, object]) -> str:
        """A channel or a member by the tooling API; its id. SalesforceError."""
        made = self.selection.create(kind, body, self._org.switches.cdc_entity_limit)
        self.observe()
        return made

    def select(self, channel: str, event: str) -> Member:
        """Select a change event for a channel. SalesforceError."""
        made = self.selection.select(channel, event, self._org.switches.cdc_entity_limit)
        self.observe()
        return made

    def remove(self, record_id: str) -> None:
        """Take back a channel or a member. SalesforceError."""
        self.selection.remove(record_id)
        self.observe()

    def observe(self) -> None:
        """Look at writes, or no longer, as the selection wants it; after any change of that."""
        self._org.store.observer = self._capture if self.selection.members else None

    def resume(self) -> None:
        """Go on with the selection of a snapshot."""
        self.observe()

    @contextmanager
    def silenced(self, *, quiet: bool) -> Iterator[None]:
        """Let writes fire no events meanwhile, if ``quiet``."""
        store = self._org.store
        kept = store.observer
        store.observer = None if quiet else kept
        try:
            yield
        finally:
            store.observer = kept

    def _capture(self, writes: Sequence[Write]) -> None:
        switches = self._org.switches
        made = drafts(writes, self.schemas.of, overflow=switches.cdc_overflow_changes)
        stamp = writes[-1].after.stamp
        key = str(UUID(int=self._dice.getrandbits(KEY_BITS)))
        self._commit_number += self._dice.randint(1, MAX_COMMIT_STEP)
        selected = self.selection.objects()
        # Changes of objects that nobody selected have their numbers, too.
        for number, draft in enumerate(made, start=1):
            if draft.schema.object in selected:
                self._publish(draft, stamp, key, number)

    def _publish(self, draft: Draft, stamp: int, key: str, number: int) -> None:
        switches = self._org.switches
        event = self._event(draft, stamp, key, number)
        unlucky = switches.cdc_gaps > 0 and not draft.change.startswith("GAP_")
        if unlucky:
            switches.cdc_gaps -= 1
        if unlucky or len(event.payload()) > switches.cdc_message_bytes:
            event = self._event(gap(draft), stamp, key, number)
        self.bus.publish(event, self.selection.topics_of(draft.schema.object))

    def _event(self, draft: Draft, stamp: int, key: str, number: int) -> ChangeEvent:
        return ChangeEvent(
            id=str(UUID(int=self._dice.getrandbits(128), version=4)),
            # Commits are timed by the second: their order is in the commit number.
            committed=stamp // MICROSECONDS * MILLISECONDS,
            commit_number=self._commit_number,
            transaction_key=key,
            sequence_number=number,
            draft=draft,
        )

    def change_database(self, write: Write) -> None:
        """Tell of a change that was made past the application servers: a gap, whatever it was."""
        for draft in drafts([write], self.schemas.of, overflow=1):
            if draft.schema.object in self.selection.objects():
                key = str(UUID(int=self._dice.getrandbits(KEY_BITS)))
                self._commit_number += self._dice.randint(1, MAX_COMMIT_STEP)
                event = self._event(gap(draft), write.after.stamp, key, 1)
                self.bus.publish(event, self.selection.topics_of(draft.schema.object))


def gap(draft: Draft) -> Draft:
    """The gap event for a change: only its header arrives."""
    change = draft.change if draft.change.startswith("GAP_") else f"GAP_{draft.change}"
    return replace(draft, change=change, body=Body())
