"""The notifications that wait: what fires them, what is due, what becomes of an attempt."""

from random import Random
from typing import TYPE_CHECKING, Any

from tests.simulators.salesforce.outbound.messages import Notification, OutboundMessage

if TYPE_CHECKING:
    from tests.simulators.machinery.changes import LoggedChange
    from tests.simulators.salesforce.org import Org

Json = dict[str, Any]
Batch = tuple[OutboundMessage, list[Notification]]
PREFIX = "04l"
MAX_BATCH = 100
"""Notifications of one envelope."""
LIFE_SECONDS = 86_400
"""An older notification is dropped."""
FIRST_WAIT = 30.0
MAX_WAIT = 7_200.0
"""Waits between attempts double from the first to two hours."""
JITTER = 0.2
"""A wait is up to so much shorter, so that those that failed together come back apart."""
MAX_DOUBLINGS = 16
UNDELETED = ("IsDeleted",)


class OutboundQueue:
    """All messages of an org and their notifications."""

    def __init__(self, org: "Org") -> None:
        self._org = org
        self._dice = Random(0)
        self._seen = 0
        self.messages: dict[str, OutboundMessage] = {}
        self.waiting: dict[str, Notification] = {}
        self.under_way: dict[str, Notification] = {}
        self.delivered = 0
        self.dropped: list[str] = []

    def collect(self) -> None:
        """Queue a notification for every change that fires a rule."""
        for change in self._org.machinery.changes.after(self._seen):
            self._seen = change.n
            for message in self.messages.values():
                if _fires(message, change):
                    self._queue(message, change.id)

    def skip(self) -> None:
        """Let the changes that nobody has collected yet fire nothing."""
        for change in self._org.machinery.changes.after(self._seen):
            self._seen = change.n

    def _queue(self, message: OutboundMessage, record_id: str) -> None:
        now = self._org.clock.seconds()
        one = Notification(self._org.ids.next(PREFIX), message.id, record_id, now, now)
        self.waiting[one.id] = one

    def forget(self, action_id: str) -> None:
        """Delete a message with its notifications. KeyError for an unknown one."""
        del self.messages[action_id]
        for one in [one for one in self.waiting.values() if one.action_id == action_id]:
            del self.waiting[one.id]

    def take_due(self) -> Batch | None:
        """Up to 100 due notifications of one message, in no order, now under way."""
        self._drop_old()
        now = self._org.clock.seconds()
        due = [one for one in self.waiting.values() if one.due <= now]
        if not due:
            return None
        action_id = due[0].action_id
        # The platform promises no order, within an envelope or between envelopes.
        mine = [one for one in due if one.action_id == action_id]
        batch = self._dice.sample(mine, min(MAX_BATCH, len(mine)))
        for one in batch:
            self.under_way[one.id] = self.waiting.pop(one.id)
            one.attempts += 1
        return self.messages[action_id], batch

    def _drop_old(self) -> None:
        oldest = self._org.clock.seconds() - LIFE_SECONDS
        for one in [one for one in self.waiting.values() if one.queued_at <= oldest]:
            del self.waiting[one.id]
            self.dropped.append(one.id)

    def settle(self, batch: list[Notification], problem: str) -> None:
        """An attempt is over; without a problem the notifications are, too, unless they repeat."""
        again = not problem and self._org.switches.outbound_repeats > 0
        if again:
            self._org.switches.outbound_repeats -= 1
        for one in batch:
            del self.under_way[one.id]
            one.last_error = problem
            self.delivered += not problem
            if (problem or again) and one.action_id in self.messages:
                one.due = self._org.clock.seconds() + self._wait(one.attempts)
                self.waiting[one.id] = one

    def _wait(self, attempts: int) -> float:
        whole = min(MAX_WAIT, FIRST_WAIT * 2.0 ** min(attempts - 1, MAX_DOUBLINGS))
        return whole * self._dice.uniform(1 - JITTER, 1)

    def resume(self) -> None:
        """After a snapshot: attempts that were under way come to nothing, they are made again."""
        self.waiting = {**self.under_way, **self.waiting}
        self.under_way = {}

    def give_up(self, one: Notification) -> None:
        """Drop a notification under way: its record is gone."""
        del self.under_way[one.id]
        self.dropped.append(one.id)

    def quiet(self) -> Json:
        """How much is still to come."""
        self.collect()
        retries = sum(1 for one in self.waiting.values() if one.attempts)
        pending = len(self.waiting) - retries + len(self.under_way)
        return {"pending_webhooks": pending, "retries_waiting": retries}

    def view(self) -> Json:
        """Everything, for the control plane."""
        self.collect()
        self._drop_old()
        pending = [*self.under_way.values(), *self.waiting.values()]
        return {
            "messages": [one.as_json() for one in self.messages.values()],
            "pending": [one.as_json() for one in pending],
            "under_way": len(self.under_way),
            "delivered": self.delivered,
            "dropped": list(self.dropped),
        }


def _fires(message: OutboundMessage, change: "LoggedChange") -> bool:
    wanted = change.object == message.object and change.kind in message.occasions
    return wanted and change.fields != UNDELETED
