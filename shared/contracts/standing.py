"""Where a connection stands, as its events tell it, in whatever order they come.

Queues promise no order, so each topic of a connection's life remembers the stamp of the latest
event that spoke of it, and an older event changes nothing. One service tells each topic.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from shared.contracts.base import Contract, Event
from shared.contracts.connection import (
    ConnectionBroken,
    ConnectionEstablished,
    ConnectionRemoved,
    ConnectionRestored,
)
from shared.contracts.mapping import SyncPaused, SyncResumed, SyncStarted
from shared.contracts.quota import QuotaExhausted, QuotaRestored
from shared.kernel.records import Side

FACTS = "facts"
MOVED = "moved"
ENDED = "ended"
REMOVED = "removed"
SYNC = "sync"

Change = Callable[["Standing"], Mapping[str, Any]]


def stamp(at: datetime, event_id: UUID) -> str:
    """Sorts as the events were made: by time, then by their UUIDv7."""
    return f"{at.astimezone(UTC).isoformat(timespec='microseconds')} {event_id}"


class Standing(Contract):
    """Whether the sync of a connection may work, and what it waits for if not.

    `running` is what the latest start, pause or resume said. `exhausted` is until when a side
    grants no calls; `heard` the latest stamp of each topic. A removed connection is back when both
    sides are connected again; its sync waits until it is started anew.
    """

    running: bool = False
    removed: bool = False
    broken: tuple[Side, ...] = ()
    exhausted: dict[Side, datetime] = {}  # noqa: RUF012 -- pydantic copies a field's default
    heard: dict[str, str] = {}  # noqa: RUF012 -- the same

    def is_news(self, topic: str, at: str) -> bool:
        """Whether nothing later was heard of a topic."""
        return at > self.heard.get(topic, "")

    def after(self, event: Event, at: str) -> "Standing":
        """The standing once an event with this stamp is known; the same for one that is late."""
        found = self
        for topic, change in _said(event).items():
            if found.is_news(topic, at):
                heard = {**found.heard, topic: at}
                found = found.model_copy(update={**change(found), "heard": heard})
        return found

    @property
    def started(self) -> bool:
        """Whether the sync was switched on, and that since the connection moved or was removed."""
        return self.running and not self.removed and not self._stopped_by

    @property
    def waits_for(self) -> str:
        """What has to happen before anything is written; empty when nothing has to."""
        if self.removed:
            return "the connection was removed"
        if self.broken:
            return "; ".join(f"{side.value} has to be connected again" for side in self.broken)
        if self.started:
            return ""
        if self._stopped_by == ENDED:
            return "the connection was disconnected, and the sync was not started again since"
        if self.running:
            return (
                "the connection moved to another Salesforce org, and the sync was not started there"
            )
        return "the sync is paused" if SYNC in self.heard else "the sync has not been started"

    @property
    def _stopped_by(self) -> str:
        """The topic after which the sync has to be started again, empty when it was."""
        latest = max((MOVED, ENDED), key=lambda topic: self.heard.get(topic, ""))
        return latest if self.heard.get(latest, "") > self.heard.get(SYNC, "") else ""

    @property
    def calls_from(self) -> datetime | None:
        """When both sides grant calls again; None when they do."""
        return max(self.exhausted.values(), default=None)


NEVER_HEARD_OF = Standing()


def after_move(left: tuple[str, ...], before: str, now: str) -> tuple[str, ...]:
    """The orgs that a connection has left, once its org is `now` and was `before` (or unknown)."""
    return tuple(sorted({*left, before} - {"", now}))


def _said(event: Event) -> Mapping[str, Change]:
    """What an event says of each topic."""
    match event:
        case SyncStarted() | SyncResumed():
            return {SYNC: lambda _: {"running": True}}
        case SyncPaused():
            return {SYNC: lambda _: {"running": False}}
        case ConnectionEstablished():
            moved: Mapping[str, Change] = {MOVED: lambda _: {}} if event.moved else {}
            mended = {side.value: partial(_mended, side) for side in Side}
            back: Mapping[str, Change] = {REMOVED: lambda _: {"removed": False}}
            return {FACTS: lambda _: {}, **moved, **mended, **back}
        case ConnectionBroken(side=side):
            return {side.value: partial(_broken, side)}
        case ConnectionRestored(side=side):
            return {side.value: partial(_mended, side)}
        case QuotaExhausted(side=side, until=until):
            return {f"quota.{side.value}": partial(_exhausted, side, until)}
        case QuotaRestored(side=side):
            return {f"quota.{side.value}": partial(_refilled, side)}
        case ConnectionRemoved():
            return {REMOVED: lambda _: {"removed": True}, ENDED: lambda _: {}}
        case _:
            return {}


def _broken(side: Side, known: Standing) -> Mapping[str, Any]:
    return {"broken": tuple(sorted({*known.broken, side}))}


def _mended(side: Side, known: Standing) -> Mapping[str, Any]:
    return {"broken": tuple(one for one in known.broken if one is not side)}


def _exhausted(side: Side, until: datetime, known: Standing) -> Mapping[str, Any]:
    return {"exhausted": {**known.exhausted, side: until}}


def _refilled(side: Side, known: Standing) -> Mapping[str, Any]:
    return {"exhausted": {one: at for one, at in known.exhausted.items() if one is not side}}
