"""Rows of a mailbox by their keys, as a join: one look into the primary key for each.

A list of keys behind IN is another question to the planner: while it has no statistics of a lane
that just filled up, it reads the whole lane for a batch of a hundred.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    func,
    literal,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine

from shared.outbox.noting import KEY

HELD = (*KEY, "token")
"""What says whose a row is."""

UNCHANGED = (*HELD, "generation")
"""What says that a row is as it was when it was claimed."""

_TYPES: dict[str, TypeEngine[Any]] = {
    "connection_id": Uuid(),
    "token": Uuid(),
    "generation": BigInteger(),
}


def as_table(rows: Sequence[object], names: Sequence[str]) -> TableValuedAlias:
    """These attributes of claimed rows or keys as a table to join with; one array a column."""
    arrays = [
        literal([getattr(row, name) for row in rows], ARRAY(_TYPES.get(name, Text())))
        for name in names
    ]
    return func.unnest(*arrays).table_valued(*names, name="these").render_derived()


def same(mail: Table, rows: TableValuedAlias, names: Sequence[str]) -> ColumnElement[bool]:
    """Whether a row of the mailbox is one of those, by these columns."""
    return and_(*(mail.c[name] == rows.c[name] for name in names))


def keys(mail: Table) -> list[Column[Any]]:
    """The columns of the primary key."""
    return [mail.c[name] for name in KEY]


def locked(mail: Table, rows: Select[Any]) -> Select[Any]:
    """Those rows, locked in the order in which `note` locks: the two never wait for each other."""
    first, *names = keys(mail)
    by_bytes = (first, *(name.collate("C") for name in names))
    return rows.order_by(*by_bytes).with_for_update(of=mail)
