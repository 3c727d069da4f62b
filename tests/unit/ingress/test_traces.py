"""Changes go on in the traces of the deliveries that told of them."""

from uuid import UUID

import pytest

from services.ingress.handlers.webhook import accept, split_some
from services.ingress.ports import Delivery
from shared.security.hashing import FieldHash
from tests.fakes.clock import FixedClock
from tests.fakes.ingress.samples import body, connection, event
from tests.fakes.ingress.store import FakeStore
from tests.fakes.spans import RecordedSpans, trace_of, traceparent_of

HASH = FieldHash(b"k" * 32)
ONE = "00-11111111111111111111111111111111-1111111111111111-01"
TWO = "00-22222222222222222222222222222222-2222222222222222-01"


async def split(*deliveries: tuple[str, bytes]) -> dict[str, str | None]:
    """The traceparent of each event that came out, by its subject."""
    store = FakeStore(FixedClock())
    known = connection()
    store.state.connections = {known.id: known}
    for number, (trace, content) in enumerate(deliveries, 1):
        await accept(store, Delivery(UUID(int=number), content, trace))
    assert await split_some(store, HASH) == len(deliveries)
    return {outgoing.subject: outgoing.traceparent for outgoing in store.state.outbox}


async def test_a_split_goes_on_in_the_trace_of_its_delivery(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spans = RecordedSpans(monkeypatch)
    told = await split((ONE, body(event(objectId=1), event(objectId=2))))
    opened = spans.one("split")
    assert trace_of(opened) == "1" * 32
    assert told == {"contact/1": traceparent_of(opened), "contact/2": traceparent_of(opened)}


async def test_deliveries_that_are_split_together_keep_their_traces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spans = RecordedSpans(monkeypatch)
    told = await split(
        (ONE, body(event(objectId=1))), (TWO, body(event(objectId=2), event(objectId=1)))
    )
    opened = spans.one("split")
    assert [format(link.context.trace_id, "032x") for link in opened.links] == ["2" * 32]
    assert told == {"contact/1": traceparent_of(opened), "contact/2": TWO}
