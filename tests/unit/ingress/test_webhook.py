"""Deliveries are accepted whole and split by portal."""

from collections.abc import Iterator
from itertools import count
from uuid import UUID

import pytest

from services.ingress.handlers.webhook import (
    SPLIT_AT_ONCE,
    RefusedDeliveryError,
    accept,
    split_some,
)
from services.ingress.ports import Connection, Delivery
from shared.contracts.ingress import (
    ChangeKind,
    CompanyChanged,
    ContactChanged,
    Origin,
    TaskChanged,
    TaskCreated,
    TimelineEventRecorded,
)
from shared.kernel.records import Side
from shared.security.hashing import FieldHash
from tests.factories.standings import BROKEN, STOPPED
from tests.fakes.clock import FixedClock
from tests.fakes.ingress.samples import NOON, NOON_MS, body, connection, event, settings
from tests.fakes.ingress.store import FakeStore

HASH = FieldHash(b"k" * 32)


class Post:
    """Hands deliveries in and splits them."""

    def __init__(self, *known: Connection) -> None:
        self.clock = FixedClock()
        self.store = FakeStore(self.clock)
        self.store.state.connections = {one.id: one for one in known}
        self._ids: Iterator[int] = count(1)

    async def accept(self, *events: dict[str, object]) -> None:
        delivery = Delivery(UUID(int=next(self._ids)), body(*events), None)
        await accept(self.store, delivery)


async def test_a_change_goes_out_with_hashes_and_without_values() -> None:
    post = Post(connection())
    await post.accept(event())
    assert await split_some(post.store, HASH) == 1

    assert post.store.events == [
        ContactChanged(
            side=Side.HUBSPOT,
            record_id="501",
            kind=ChangeKind.UPDATED,
            origin=Origin.OTHER,
            occurred_at=NOON,
            field_hashes={"firstname": HASH(UUID(int=1), Side.HUBSPOT, "501", "firstname", "Ada")},
        )
    ]
    (outgoing,) = post.store.state.outbox
    assert (outgoing.connection_id, outgoing.subject) == (UUID(int=1), "contact/501")


async def test_several_portals_in_one_body_go_their_ways() -> None:
    post = Post(connection(1, "4711"), connection(2, "8888"))
    await post.accept(event(), event(portalId=8888, objectId=601), event(portalId=8888))
    await split_some(post.store, HASH)

    assert [(str(o.connection_id)[-1], o.subject) for o in post.store.state.outbox] == [
        ("1", "contact/501"),
        ("2", "contact/601"),
        ("2", "contact/501"),
    ]


async def test_an_unknown_portal_among_known_ones_is_left_out() -> None:
    post = Post(connection())
    await post.accept(event(portalId=999), event())
    await split_some(post.store, HASH)

    assert [outgoing.subject for outgoing in post.store.state.outbox] == ["contact/501"]


async def test_a_delivery_of_unknown_portals_alone_is_refused() -> None:
    post = Post(connection())

    with pytest.raises(RefusedDeliveryError, match="No connection has the portal 998, 999"):
        await post.accept(event(portalId=999), event(portalId=998))

    assert post.store.state.deliveries == {}


@pytest.mark.parametrize("known", [connection(standing=STOPPED), connection(settings=None)])
async def test_nothing_is_reported_of_a_connection_that_does_not_run(known: Connection) -> None:
    post = Post(known)
    await post.accept(event())

    assert await split_some(post.store, HASH) == 1
    assert post.store.events == []
    assert await split_some(post.store, HASH) == 0


async def test_a_broken_connection_goes_on_being_reported() -> None:
    post = Post(connection(standing=BROKEN))
    await post.accept(event())
    await split_some(post.store, HASH)

    assert len(post.store.events) == 1


async def test_companies_that_are_turned_off_are_nobodys_business() -> None:
    post = Post(connection())
    await post.accept(event(subscriptionType="company.creation", objectId=1))
    await split_some(post.store, HASH)

    assert post.store.events == []


async def test_each_object_has_its_event() -> None:
    post = Post(connection(settings=settings(companies=True)))
    task = {"objectTypeId": "0-27", "propertyName": ""}
    await post.accept(
        event(subscriptionType="company.creation", objectId=1),
        event(subscriptionType="object.creation", objectId=2, **task),
        event(subscriptionType="object.deletion", objectId=3, **task),
        event(
            subscriptionType="object.propertyChange",
            objectId=5,
            objectTypeId="0-27",
            propertyName="hs_task_status",
            propertyValue="COMPLETED",
        ),
        event(propertyName="recent_conversion_date", propertyValue=str(NOON_MS), objectId=4),
    )
    await split_some(post.store, HASH)

    assert [type(one) for one in post.store.events] == [
        CompanyChanged,
        TaskCreated,
        TaskChanged,
        TaskChanged,
        TimelineEventRecorded,
    ]


async def test_a_delivery_is_split_once_and_some_at_a_time() -> None:
    post = Post(connection())
    for number in range(SPLIT_AT_ONCE + 1):
        await post.accept(event(objectId=500 + number))

    assert await split_some(post.store, HASH) == SPLIT_AT_ONCE
    assert await split_some(post.store, HASH) == 1
    assert await split_some(post.store, HASH) == 0
    assert len(post.store.events) == SPLIT_AT_ONCE + 1


async def test_one_record_in_several_deliveries_is_one_change() -> None:
    post = Post(connection())
    await post.accept(event())
    await post.accept(event(propertyName="email", propertyValue="a@x"))
    await split_some(post.store, HASH)

    assert len(post.store.events) == 1
