"""Whatever the order in which events come, and however often, a connection stands the same."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.base import Event
from shared.contracts.connection import (
    ConnectionBroken,
    ConnectionEstablished,
    ConnectionRemoved,
    ConnectionRestored,
)
from shared.contracts.mapping import SyncPaused, SyncResumed, SyncStarted
from shared.contracts.quota import QuotaExhausted, QuotaRestored
from shared.contracts.standing import NEVER_HEARD_OF, Standing
from shared.kernel.records import Side
from tests.factories.standings import stamps

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ESTABLISHED = ConnectionEstablished(
    portal_id="1",
    org_id="2",
    environment="production",
    instance_url="https://x.test",
    hubspot_app_id="3",
    salesforce_user_id="4",
)
sides = st.sampled_from(Side)
MOVED = ESTABLISHED.model_copy(update={"org_id": "9", "moved": True})
events = st.one_of(
    st.sampled_from([SyncStarted(), SyncResumed(), SyncPaused(reason="x"), ESTABLISHED, MOVED]),
    st.just(ConnectionRemoved()),
    sides.map(lambda side: ConnectionBroken(side=side, reason="revoked")),
    sides.map(lambda side: ConnectionRestored(side=side)),
    sides.map(lambda side: QuotaRestored(side=side)),
    st.builds(
        lambda side, hours: QuotaExhausted(side=side, until=NOON + timedelta(hours=hours)),
        sides,
        st.integers(1, 24),
    ),
)
histories = st.lists(events, max_size=12)


def told(history: list[tuple[Event, str]]) -> Standing:
    standing = NEVER_HEARD_OF
    for event, at in history:
        standing = standing.after(event, at)
    return standing


@dataclass
class Told:
    """What a history says when it comes in its order."""

    running: bool = False
    removed: bool = False
    broken: set[Side] = field(default_factory=set)
    exhausted: dict[Side, datetime] = field(default_factory=dict)


def by_hand(history: list[Event]) -> Told:
    found = Told()
    for event in history:
        match event:
            case SyncStarted() | SyncResumed():
                found.running = True
            case SyncPaused():
                found.running = False
            case ConnectionRemoved():
                found.removed, found.running = True, False
            case ConnectionEstablished(moved=moved):
                found.broken.clear()
                found.removed, found.running = False, found.running and not moved
            case _:
                _note_side(found, event)
    found.running = found.running and not found.removed
    return found


def _note_side(found: Told, event: Event) -> None:
    match event:
        case ConnectionBroken(side=side):
            found.broken.add(side)
        case ConnectionRestored(side=side):
            found.broken.discard(side)
        case QuotaExhausted(side=side, until=until):
            found.exhausted[side] = until
        case QuotaRestored(side=side):
            found.exhausted.pop(side, None)
        case _:
            raise AssertionError(event)


@given(histories, st.data())
def test_any_order_with_repetitions_ends_where_the_history_does(
    history: list[Event], data: st.DataObject
) -> None:
    stamped = list(zip(history, stamps(), strict=False))
    again = data.draw(st.lists(st.sampled_from(stamped), max_size=6)) if stamped else []
    delivered = data.draw(st.permutations([*stamped, *again]))

    standing = told(delivered)

    expected = by_hand(history)
    assert (standing.started, standing.removed) == (expected.running, expected.removed)
    assert (set(standing.broken), standing.exhausted) == (expected.broken, expected.exhausted)
    assert standing == told(stamped)


@given(histories)
def test_a_connection_that_is_back_waits_for_a_start(before: list[Event]) -> None:
    history = [*before, ConnectionRemoved()]
    removed = told(list(zip(history, stamps(), strict=False)))
    back = told(list(zip([*history, ESTABLISHED], stamps(), strict=False)))
    started = told(list(zip([*history, ESTABLISHED, SyncStarted()], stamps(), strict=False)))

    assert removed.waits_for == "the connection was removed"
    assert not back.removed
    assert back.waits_for == (
        "the connection was disconnected, and the sync was not started again since"
    )
    assert started.started
    assert started.waits_for == ""


def test_a_sync_that_an_older_version_called_running_goes_on() -> None:
    assert Standing(running=True).started
    assert Standing(running=True).waits_for == ""


@given(histories)
def test_a_standing_survives_its_storage(history: list[Event]) -> None:
    standing = told(list(zip(history, stamps(), strict=False)))

    assert Standing.model_validate(standing.model_dump(mode="json")) == standing
