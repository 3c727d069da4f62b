"""Polls what the CRMs do not push: Salesforce's people, accounts and tasks, HubSpot's tasks."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.ingress.domain.news import Interest
from services.ingress.domain.polling import (
    PolledRow,
    end_of_round,
    first_position,
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

LEASE = timedelta(minutes=2)
"""A round takes seconds; after this a crashed poller's cursors are taken over."""

WAIT_AFTER_FAILURE = timedelta(seconds=30)
"""A CRM that refused is asked again after this, unless it said when."""

WAIT_AFTER_REFUSAL = timedelta(minutes=5)
"""A refusal that a person has to mend (rights, a removed field) is tried this seldom."""

BROKEN = "connection_broken"
"""The connection service knows that the grant is dead, so asking again costs no CRM a call; a
longer wait would only go on after the admin has connected it again."""

POLLED = {Side.SALESFORCE: ("Contact", "Lead", "Account", "Task"), Side.HUBSPOT: ("tasks",)}


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
    if connection.listens:
        interest = interest_of(connection)
        started = await _started(polling, cursors, interest)
        if started and not connection.broken:
            wait = await _try_round(polling, connection, started, interest)
    async with polling.store.begin() as work:
        await work.cursors.release(cursors, wait)
    return True


async def _started(
    polling: Polling, cursors: Sequence[Cursor], interest: Interest
) -> dict[Cursor, datetime]:
    """The positions of the cursors that the settings carry over, stored where they are new."""
    wanted = [cursor for cursor in cursors if _is_wanted(cursor, interest)]
    first = first_position(polling.clock.now())
    found = {cursor: cursor.position or first for cursor in wanted}
    changed = [replace(cursor, position=first) for cursor in wanted if cursor.position is None]
    changed += [replace(c, position=None) for c in cursors if c.position and c not in wanted]
    if changed:
        async with polling.store.begin() as work:
            for cursor in changed:
                await work.cursors.save(cursor)
    return found


async def _try_round(
    polling: Polling, connection: Connection, started: Map[Cursor, datetime], interest: Interest
) -> timedelta:
    """One round; answers how long to wait until the next."""
    try:
        await _round(polling, connection, started, interest)
    except RetriableError as error:
        return timedelta(seconds=error.retry_after or WAIT_AFTER_FAILURE.total_seconds())
    except FatalError as error:
        return polling.every if error.code == BROKEN else WAIT_AFTER_REFUSAL
    return polling.every


async def _round(
    polling: Polling, connection: Connection, started: Map[Cursor, datetime], interest: Interest
) -> None:
    side = next(iter(started)).side
    requests = [PollRequest(c.object_name, start_of_round(at)) for c, at in started.items()]
    found = await polling.poller.poll(connection, side, requests, interest)
    async with polling.store.begin() as work:
        for cursor, position in started.items():
            rows = found[cursor.object_name]
            await _report(work, polling, connection, cursor, rows)
            await work.cursors.save(replace(cursor, position=end_of_round(position, rows)))


def _is_wanted(cursor: Cursor, interest: Interest) -> bool:
    """Whether the settings carry this object over.

    One that they do not carry starts afresh when they do again: what was created or updated
    in between stays where it is (facts: native 6.1).
    """
    if cursor.side is Side.HUBSPOT:
        return interest.hubspot_tasks
    return cursor.object_name in interest.salesforce


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
