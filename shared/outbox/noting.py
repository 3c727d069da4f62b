"""How news becomes rows of a mailbox: one a record, whatever the number of its changes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Table, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert

from shared.outbox.mail import Note, Priority
from shared.outbox.mailbox_keys import KEY, arrays, free, rows_of

NEWS = (*KEY, "priority", "cause", "traceparent")


def upsert(mail: Table) -> Insert:
    """Adds rows, given `news`; a record that waits already keeps its row, with the latest cause.

    The row goes on in the trace of the change that made it. While it is held, that change is in
    somebody's hands, so the next one that comes in makes the row anew, as far as traces go.
    """
    rows = rows_of(NEWS)
    values = [cast(rows.c.cause, JSONB) if name == "cause" else rows.c[name] for name in NEWS]
    statement = insert(mail).from_select(list(NEWS), select(*values))
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


def news(notes: Sequence[Note]) -> dict[str, list[Any]]:
    """The arrays that `upsert` takes. ValueError for a priority that no drain ever asks for."""
    return arrays(notes, NEWS) | {
        "priority": [int(Priority(note.priority)) for note in notes],
        "cause": [msgspec.json.encode(note.cause).decode() for note in notes],
    }


def coalesced(notes: Sequence[Note]) -> list[Note]:
    """One note a record, in a fixed order, so that two writers never wait for each other."""
    found: dict[tuple[UUID, str, str, str], Note] = {}
    for note in notes:
        key = (note.connection_id, note.lane, note.side, note.record_id)
        known = found.get(key)
        if known is None or note.priority <= known.priority:
            found[key] = note
    return [found[key] for key in sorted(found)]
