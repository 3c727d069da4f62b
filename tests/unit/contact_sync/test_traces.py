"""A batch goes on in the trace of the change that waited longest."""

from datetime import timedelta

import pytest

from services.contact_sync.handlers.note import LANE
from shared.kernel.records import Side
from shared.outbox.mail import Note
from tests.fakes.contact_sync.stage import CONNECTION, Stage
from tests.fakes.spans import RecordedSpans, trace_of

ONE = "00-11111111111111111111111111111111-1111111111111111-01"
TWO = "00-22222222222222222222222222222222-2222222222222222-01"


async def test_a_batch_is_a_drain_with_a_settle_in_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (stage.crms.salesforce.add(Email=f"{n}@x.test") for n in "ab")
    for record, trace in ((second, ONE), (first, TWO)):
        async with stage.store.begin() as work:
            note = Note(CONNECTION, LANE, Side.SALESFORCE.value, record, traceparent=trace)
            await work.mail.note([note])
        stage.clock.advance(timedelta(seconds=1))
    spans = RecordedSpans(monkeypatch)

    await stage.drain_once()

    assert spans.names == ["settle", "drain"]
    drain, settle = spans.one("drain"), spans.one("settle")
    assert trace_of(drain) == trace_of(settle) == "1" * 32
    assert [format(link.context.trace_id, "032x") for link in drain.links] == ["2" * 32]
    assert drain.attributes == {"lane": "contact", "records": 2}
    assert settle.parent == drain.get_span_context()
