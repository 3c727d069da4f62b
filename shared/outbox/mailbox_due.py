"""Which rows of a mailbox are due, asked priority by priority along their index.

Measured with 100,000 rows of a lane due, in back-off, or both, with statistics and without: below a
millisecond each time, as nothing is looked at but what is answered. One question for all priorities
walks over everything in back-off or sorts everything that is due (60 ms), and an index by `due_at`
without the priority is one that the planner takes for the wrong question (90 ms).
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    Table,
    column,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.sql.selectable import LateralFromClause

from shared.outbox.mail import Priority
from shared.outbox.mailbox_keys import free, place
from shared.outbox.mailbox_tables import MailboxTables

COUNT_UP_TO = 10_000
"""Rows of a lane that its depth looks at; beyond this a lane is deep, whatever the number."""

NEVER: ColumnElement[object] = literal_column("'infinity'::timestamptz")
"""When a parked row is due: after every other moment, and no resume moves it."""


def any_due(tables: MailboxTables) -> ColumnElement[bool]:
    """Whether the lane of the outer query has a row that is due and free."""
    mail, lanes, urgency = tables.mailbox, tables.lanes, _urgency()
    first = (
        select(mail.c.due_at)
        .where(
            mail.c.connection_id == lanes.c.connection_id,
            mail.c.lane == lanes.c.lane,
            mail.c.priority == urgency.c.priority,
            mail.c.due_at <= func.now(),
            free(mail),
        )
        .order_by(mail.c.due_at)
        .limit(1)
        .correlate(lanes, urgency)
        .lateral("first")
    )
    found = select(first.c.due_at).select_from(urgency.join(first, true()))
    return found.correlate(lanes).exists()


def claimable(
    tables: MailboxTables,
    lane: tuple[ColumnElement[Any], ColumnElement[str]],
    limit: ColumnElement[int],
    may: ColumnElement[bool],
) -> Select[Any]:
    """The places of so many due rows of a lane by priority, then age; locked, the locked skipped.

    Each priority is read in the order of its index and only as far as it is needed, so nothing
    is locked beyond the limit.
    """
    mail, urgency = tables.mailbox, _urgency()
    connection_id, name = lane
    some = (
        select(place(mail))
        .where(
            mail.c.connection_id == connection_id,
            mail.c.lane == name,
            mail.c.priority == urgency.c.priority,
            mail.c.due_at <= func.now(),
            free(mail),
            ~on_hold(tables.pauses, connection_id),
        )
        .order_by(mail.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .correlate(urgency)
        .lateral("some")
    )
    return select(*some.c).select_from(urgency.join(some, true())).where(may).limit(limit)


def depths(tables: MailboxTables) -> Select[Any]:
    """Each lane with how many rows wait, since when, and how many are parked."""
    lanes = tables.lanes
    waiting = _some_rows(tables, "waiting", parked=False)
    parked = _some_rows(tables, "parked", parked=True)
    since = waiting.c.first_seen_at
    number = select(func.count(since).label("records"), func.min(since).label("oldest"))
    counted = number.select_from(waiting).correlate(lanes).lateral("counted")
    aside = select(func.count(parked.c.first_seen_at).label("records"))
    put_aside = aside.select_from(parked).correlate(lanes).lateral("put_aside")
    return select(
        lanes.c.connection_id,
        lanes.c.lane,
        counted.c.records,
        counted.c.oldest,
        put_aside.c.records,
    ).select_from(lanes.join(counted, true()).join(put_aside, true()))


def on_hold(pauses: Table, connection_id: object) -> ColumnElement[bool]:
    """Whether a connection is paused, or waits for a moment to come."""
    held = or_(pauses.c.paused, pauses.c.until > func.now())
    return select(pauses.c.paused).where(pauses.c.connection_id == connection_id, held).exists()


def _some_rows(tables: MailboxTables, name: str, *, parked: bool) -> LateralFromClause:
    """At most COUNT_UP_TO rows of the lane of the outer query, the most urgent ones."""
    mail, lanes, urgency = tables.mailbox, tables.lanes, _urgency()
    rows = (
        select(mail.c.first_seen_at)
        .where(
            mail.c.connection_id == lanes.c.connection_id,
            mail.c.lane == lanes.c.lane,
            mail.c.priority == urgency.c.priority,
            mail.c.due_at == NEVER if parked else mail.c.due_at < NEVER,
        )
        .order_by(mail.c.due_at)
        .limit(COUNT_UP_TO)
        .correlate(lanes, urgency)
        .lateral("rows")
    )
    some = select(rows.c.first_seen_at).select_from(urgency.join(rows, true()))
    return some.correlate(lanes).limit(COUNT_UP_TO).lateral(name)


def _urgency() -> Subquery:
    """Every priority, the most urgent first: the order in which a nested loop goes through them.

    As text, since a statement with `values` in it would be compiled anew each time: 5 ms.
    """
    numbers = ", ".join(f"({int(priority)})" for priority in sorted(Priority))
    rows = text(f"SELECT priority FROM (VALUES {numbers}) AS numbers (priority)")  # noqa: S608 -- ours
    return rows.columns(column("priority", Integer)).subquery("urgency")
