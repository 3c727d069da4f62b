"""Where a connection stands, and the stamps of events that come one after the other."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from shared.contracts.standing import Standing, stamp
from shared.kernel.records import Side

RUNNING = Standing(running=True)
BROKEN = Standing(running=True, broken=(Side.HUBSPOT,))
STOPPED = Standing()
START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def stamps() -> Iterator[str]:
    """Each later than the one before."""
    return (stamp(START + timedelta(seconds=n), UUID(int=n)) for n in count())
