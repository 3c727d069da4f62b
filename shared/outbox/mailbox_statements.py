"""What notes and drains ask of a mailbox, each in one statement that is built once.

A drain asks for every batch. Built anew each time, the statements took a worker as long as sending
them and reading what came back; an insert of values is even compiled anew, 2 ms for each 100 rows.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import (
    Integer,
    Interval,
    Row,
    Select,
    Text,
    Uuid,
    bindparam,
    cast,
    delete,
    func,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.sql.dml import ReturningUpdate, Update
from sqlalchemy.sql.elements import ColumnElement

from shared.outbox.mail import Claimed, Lane
from shared.outbox.mailbox_due import any_due, claimable, on_hold
from shared.outbox.mailbox_keys import HELD, UNCHANGED, at, free, locked, place, rows_of, same
from shared.outbox.mailbox_tables import MailboxTables
from shared.outbox.noting import upsert

NOT_YET = datetime(1970, 1, 1, tzinfo=UTC)
"""When a new lane was served last: it goes first, not behind a lane that is served right now."""


class Statements:
    """The statements over one service's mailbox, and what each is given."""

    def __init__(self, tables: MailboxTables) -> None:
        """`note` takes `news`, `add_lanes` and `settle` take `arrays`, the others `own`."""
        self.note = upsert(tables.mailbox)
        self.add_lanes = _add_lanes(tables)
        self.claim_lane = _claim_lane(tables)
        self.extend_lane = _own(tables).values(held_until=_END)
        self.release_lane = _own(tables).values(holder=None, held_until=None)
        self.claim = _claim(tables)
        self.settle = _settle(tables)


_CLAIMED = tuple(Claimed.__dataclass_fields__)
_CAUSE = _CLAIMED.index("cause")
"""Read as text and decoded here, in a third of the time that the driver takes for it."""

_END: ColumnElement[Any] = func.now() + bindparam("lease", type_=Interval)
_CONNECTION = bindparam("of_connection", type_=Uuid)
_LANE = bindparam("of_lane", type_=Text)


def own(lane: Lane) -> dict[str, Any]:
    """What says that a lane is still this worker's."""
    return {
        "of_connection": lane.connection_id,
        "of_lane": lane.lane,
        "own_fence": lane.fence,
        "own_holder": lane.holder,
    }


def _add_lanes(tables: MailboxTables) -> Insert:
    """Lanes that are not there yet; a new one goes first."""
    new = rows_of(("connection_id", "lane"))
    values = select(new.c.connection_id, new.c.lane, literal(NOT_YET))
    statement = insert(tables.lanes).from_select(["connection_id", "lane", "served_at"], values)
    return statement.on_conflict_do_nothing()


def _claim_lane(tables: MailboxTables) -> ReturningUpdate[Any]:
    lanes = tables.lanes
    first = (
        select(lanes.c.connection_id, lanes.c.lane)
        .where(free(lanes), ~on_hold(tables.pauses, lanes.c.connection_id), any_due(tables))
        .order_by(lanes.c.served_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .cte("first")
    )
    return (
        update(lanes)
        .where(tuple_(lanes.c.connection_id, lanes.c.lane).in_(select(first)))
        .values(
            holder=bindparam("holder_id", type_=Uuid),
            held_until=_END,
            fence=lanes.c.fence + 1,
            served_at=func.clock_timestamp(),
        )
        .returning(lanes.c.connection_id, lanes.c.lane, lanes.c.fence)
    )


def _own(tables: MailboxTables) -> Update:
    lanes = tables.lanes
    return update(lanes).where(
        lanes.c.connection_id == _CONNECTION,
        lanes.c.lane == _LANE,
        lanes.c.fence == bindparam("own_fence"),
        lanes.c.holder == bindparam("own_holder"),
    )


def _claim(tables: MailboxTables) -> ReturningUpdate[Any]:
    """Extends the lane, and claims only if it still is the worker's own."""
    mail = tables.mailbox
    own = _own(tables).values(held_until=_END).returning(tables.lanes.c.fence).cte("own")
    limit = bindparam("row_limit", type_=Integer)
    wanted = claimable(tables, (_CONNECTION, _LANE), limit, select(own).exists())
    ready = wanted.cte("ready")  # evaluated once: a plain subquery may lock more than its limit
    columns = [cast(mail.c[name], Text) if name == "cause" else mail.c[name] for name in _CLAIMED]
    return (
        update(mail)
        .where(at(mail, select(ready.c.place)))
        .values(token=bindparam("new_token", type_=Uuid), held_until=_END)
        .returning(*columns, mail.c.due_at)
    )


def _settle(tables: MailboxTables) -> Select[Any]:
    """Locks what is still held, deletes what has not changed: how many, which, and the time."""
    mail = tables.mailbox
    done = rows_of(UNCHANGED)
    unchanged = (mail.c.generation == done.c.generation).label("unchanged")
    rows = select(place(mail), unchanged).join(done, same(mail, done, HELD))
    held = locked(mail, rows.select_from(mail)).cte("held")
    those = at(mail, select(held.c.place).where(held.c.unchanged))
    gone = delete(mail).where(those).returning(mail.c.record_id).cte("gone")
    return select(
        select(func.count()).select_from(held).scalar_subquery(),
        select(func.array_agg(gone.c.record_id)).scalar_subquery(),
        func.clock_timestamp(),
    )


def claimed(rows: Sequence[Row[Any]]) -> list[Claimed]:
    """What `claim` answered, in the order in which it is to be handled."""
    return [_claimed(list(row)[:-1]) for row in sorted(rows, key=_urgency)]


def _urgency(row: Row[Any]) -> tuple[Any, ...]:
    return row.priority, row.due_at, row.record_id


def _claimed(values: list[Any]) -> Claimed:
    values[_CAUSE] = msgspec.json.decode(values[_CAUSE])
    return Claimed(*values)
