"""Whatever the order in which events come, and however often, a connection stands the same."""

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


def by_hand(history: list[Event]) -> tuple[bool, set[Side], dict[Side, datetime]]:
    """What a history says when it comes in its order."""
    running, broken, exhausted = False, set[Side](), dict[Side, datetime]()
    for event in history:
        if event is MOVED:
            running = False
        match event:
            case SyncStarted() | SyncResumed():
                running = True
            case SyncPaused():
                running = False
            case ConnectionEstablished():
                broken = set()
            case ConnectionBroken(side=side):
                broken.add(side)
            case ConnectionRestored(side=side):
                broken.discard(side)
            case QuotaExhausted(side=side, until=until):
                exhausted[side] = until
            case QuotaRestored(side=side):
                exhausted.pop(side, None)
            case _:
                raise AssertionError(event)
    return running, broken, exhausted


@given(histories, st.data())
def test_any_order_with_repetitions_ends_where_the_history_does(
    history: list[Event], data: st.DataObject
) -> None:
    stamped = list(zip(history, stamps(), strict=False))
    again = data.draw(st.lists(st.sampled_from(stamped), max_size=6)) if stamped else []
    delivered = data.draw(st.permutations([*stamped, *again]))

    standing = told(delivered)

    assert (standing.started, set(standing.broken), standing.exhausted) == by_hand(history)
    assert standing == told(stamped)


@given(histories, histories)
def test_a_removed_connection_stays_removed(before: list[Event], after: list[Event]) -> None:
    history = [*before, ConnectionRemoved(), *after]
    standing = told(list(zip(history, stamps(), strict=False)))

    assert standing.removed
    assert not standing.running
    assert standing.waits_for == "the connection was removed"


def test_a_sync_that_an_older_version_called_running_goes_on() -> None:
    assert Standing(running=True).started
    assert Standing(running=True).waits_for == ""


@given(histories)
def test_a_standing_survives_its_storage(history: list[Event]) -> None:
    standing = told(list(zip(history, stamps(), strict=False)))

    assert Standing.model_validate(standing.model_dump(mode="json")) == standing
