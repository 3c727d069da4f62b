"""What is measured of the plumbing, against what, and what it must reach."""

from collections.abc import Iterator
from functools import partial

from tests.bench.comparing import Measurement
from tests.bench.plumbing import bare, claiming, consuming, relaying
from tests.bench.plumbing.scene import Scene


def measurements() -> Iterator[Measurement[Scene]]:
    """The four promises about speed, and what a drain pays for its leases."""
    yield Measurement(
        name="relay, one event a message / publishes, 100 in flight",
        unit="messages/s",
        ours=relaying.relay_single,
        bare=bare.publish_pipelined,
        items=10_000,
        bare_items=10_000,
        target=0.6,
    )
    yield Measurement(
        name="relay, 100 events a message / publishes one by one",
        unit="events/s",
        ours=relaying.relay_batched,
        bare=bare.publish_one_by_one,
        items=20_000,
        bare_items=2_000,
        target=10.0,
    )
    yield Measurement(
        name="consumer with inbox / consume, insert, ack",
        unit="events/s",
        ours=consuming.consume,
        bare=bare.consume,
        items=10_000,
        bare_items=10_000,
        target=0.7,
    )
    yield Measurement(
        name="8 drains / one SKIP LOCKED loop that claims and deletes",
        unit="rows/s",
        ours=claiming.claim,
        bare=partial(bare.claim, batch=claiming.BATCH),
        items=100_000,
        bare_items=100_000,
        target=0.8,
    )
    yield Measurement(
        name="8 drains / one SKIP LOCKED loop that only locks and deletes",
        unit="rows/s",
        ours=claiming.claim,
        bare=partial(bare.lock, batch=claiming.BATCH),
        items=100_000,
        bare_items=100_000,
        target=None,
    )
