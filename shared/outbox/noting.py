"""How news becomes rows of a mailbox: one a record, whatever the number of its changes."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Table, and_, case, func, literal
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.sql.elements import ColumnElement

from shared.outbox.mail import Note, Priority

KEY = ("connection_id", "lane", "side", "record_id")


def upsert(mail: Table, notes: Sequence[Note]) -> Insert:
    """Adds rows; a record that waits already keeps its row, with the cause of the latest change.

    The row goes on in the trace of the change that made it. While it is held, that change is in
    somebody's hands, so the next one that comes in makes the row anew, as far as traces go.
    """
    statement = insert(mail).values(
        [
            {
                "connection_id": note.connection_id,
                "lane": note.lane,
                "side": note.side,
                "record_id": note.record_id,
                "priority": Priority(note.priority),  # no other is ever claimed
                "cause": note.cause,
                "traceparent": note.traceparent,
            }
            for note in notes
        ],
    )
    new = statement.excluded
    at_once = new.priority <= literal(int(Priority.LIVE))
    first_trace = func.coalesce(mail.c.traceparent, new.traceparent)
    return statement.on_conflict_do_update(
        index_elements=list(KEY),
        set_={
            "generation": mail.c.generation + 1,
            "priority": func.least(mail.c.priority, new.priority),
            "cause": new.cause,
            "traceparent": case((free(mail), first_trace), else_=new.traceparent),
            "due_at": case((at_once, func.now()), else_=mail.c.due_at),
            "reason": case((at_once, ""), else_=mail.c.reason),
        },
    )


def free(table: Table) -> ColumnElement[bool]:
    """Whether nobody holds a row: no lease, or one that is over."""
    held = and_(table.c.held_until.is_not(None), table.c.held_until >= func.now())
    return ~held


def coalesced(notes: Sequence[Note]) -> list[Note]:
    """One note a record, in a fixed order, so that two writers never wait for each other."""
    found: dict[tuple[UUID, str, str, str], Note] = {}
    for note in notes:
        key = (note.connection_id, note.lane, note.side, note.record_id)
        known = found.get(key)
        if known is None or note.priority <= known.priority:
            found[key] = note
    return [found[key] for key in sorted(found)]
