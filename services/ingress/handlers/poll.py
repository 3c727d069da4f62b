"""Polls what the CRMs do not push: Salesforce's people and tasks, HubSpot's tasks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from services.ingress.domain.polling import (
    PolledRow,
    end_of_round,
    news_of,
    start_of_round,
)
from services.ingress.handlers.events import change_event
from services.ingress.handlers.interest import interest_of
from services.ingress.ports import (
    Connection,
    Cursor,
    HashOf,
    Poller,
    PollRequest,
    Store,
    Work,
)
from shared.kernel.clock import Clock
from shared.kernel.errors import FatalError, RetriableError
from shared.kernel.records import Side
from shared.telemetry.traces import span

LEASE = timedelta(minutes=2)
"""A round takes seconds; after this a crashed poller's cursors are taken over."""

WAIT_AFTER_FAILURE = timedelta(seconds=30)
"""A CRM that refused is asked again after this, unless it said when."""

WAIT_AFTER_REFUSAL = timedelta(minutes=5)
"""A refusal that a person has to mend (rights, a removed field) is tried this seldom."""

POLLED = {Side.SALESFORCE: ("Contact", "Lead", "Task"), Side.HUBSPOT: ("tasks",)}


@dataclass(frozen=True, slots=True)
class Polling:
    """What polling needs; `every` is the pause between two rounds of one connection."""

    store: Store
    poller: Poller
    clock: Clock
    hash_of: HashOf
    every: timedelta


async def poll_next(polling: Polling, side: Side) -> bool:
    """One round for the connection whose turn it is; False when none is due."""
    async with polling.store.begin() as work:
        cursors = await work.cursors.due(side, LEASE)
        connection = await work.connections.get(cursors[0].connection_id) if cursors else None
    if connection is None or not cursors:
        return False
    wait = polling.every
    if connection.listens and not connection.broken:
        try:
            with span("poll", side=side.value):
                await _round(polling, connection, cursors)
        except RetriableError as error:
            wait = timedelta(seconds=error.retry_after or WAIT_AFTER_FAILURE.total_seconds())
        except FatalError:
            wait = WAIT_AFTER_REFUSAL
    async with polling.store.begin() as work:
        await work.cursors.release(cursors, wait)
    return True


async def _round(polling: Polling, connection: Connection, cursors: Sequence[Cursor]) -> None:
    now = polling.clock.now()
    interest = interest_of(connection)
    side = cursors[0].side
    wanted = [c for c in cursors if side is Side.HUBSPOT or c.object_name in interest.salesforce]
    if side is Side.HUBSPOT and not interest.hubspot_tasks:
        return
    requests = [PollRequest(c.object_name, start_of_round(c.position, now)) for c in wanted]
    found = await polling.poller.poll(connection, side, requests, interest)
    async with polling.store.begin() as work:
        for cursor in wanted:
            rows = found[cursor.object_name]
            await _report(work, polling, connection, cursor, rows)
            position = end_of_round(cursor.position, rows, now)
            await work.cursors.save(replace(cursor, position=position))


async def _report(
    work: Work,
    polling: Polling,
    connection: Connection,
    cursor: Cursor,
    rows: Sequence[PolledRow],
) -> None:
    unseen = await work.cursors.unseen(cursor, rows)
    await work.emit(
        [change_event(connection.id, news_of(row), polling.hash_of) for row in unseen],
    )
