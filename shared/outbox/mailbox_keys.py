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
    Integer,
    Label,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    literal,
    literal_column,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.selectable import FromClause, TableValuedAlias
from sqlalchemy.types import TypeEngine

KEY = ("connection_id", "lane", "side", "record_id")

HELD = (*KEY, "token")
"""What says whose a row is."""

UNCHANGED = (*HELD, "generation")
"""What says that a row is as it was when it was claimed."""

_TYPES: dict[str, TypeEngine[Any]] = {
    "connection_id": Uuid(),
    "token": Uuid(),
    "generation": BigInteger(),
    "priority": Integer(),
}


def as_table(rows: Sequence[object], names: Sequence[str]) -> TableValuedAlias:
    """These attributes of claimed rows or keys as a table to join with; one array a column."""
    values = [literal(column, _array(name)) for name, column in arrays(rows, names).items()]
    return _table(names, values)


def rows_of(names: Sequence[str]) -> TableValuedAlias:
    """The same in a statement that is built before its rows are known: it is given `arrays`."""
    return _table(names, [bindparam(name, type_=_array(name)) for name in names])


def arrays(rows: Sequence[object], names: Sequence[str]) -> dict[str, list[Any]]:
    """These attributes of all rows, one list a column."""
    return {name: [getattr(row, name) for row in rows] for name in names}


def same(mail: Table, rows: FromClause, names: Sequence[str]) -> ColumnElement[bool]:
    """Whether a row of the mailbox is one of those, by these columns."""
    return and_(*(mail.c[name] == rows.c[name] for name in names))


def keys(mail: Table) -> list[Column[Any]]:
    """The columns of the primary key."""
    return [mail.c[name] for name in KEY]


def place(mail: Table) -> Label[Any]:
    """Where the version of a row lies that is locked; no other statement can move it."""
    return _ctid(mail).label("place")


def at(mail: Table, rows: Select[Any]) -> ColumnElement[bool]:
    """Whether a row lies at one of these places: without a look into the primary key for each.

    A row that changed as it was locked is at none of them, as this statement sees it. So a claim
    leaves it for the next one, and whoever deletes has to leave it anyway.
    """
    return _ctid(mail) == any_(func.array(rows.scalar_subquery()))


def locked(mail: Table, rows: Select[Any]) -> Select[Any]:
    """Those rows, locked in the order in which `note` locks: the two never wait for each other."""
    first, *names = keys(mail)
    by_bytes = (first, *(name.collate("C") for name in names))
    return rows.order_by(*by_bytes).with_for_update(of=mail)


def free(table: Table) -> ColumnElement[bool]:
    """Whether nobody holds a row: no lease, or one that is over."""
    held = and_(table.c.held_until.is_not(None), table.c.held_until >= func.now())
    return ~held


def _ctid(mail: Table) -> ColumnElement[Any]:
    return literal_column(f"{mail.fullname}.ctid")


def _array(name: str) -> ARRAY[Any]:
    return ARRAY(_TYPES.get(name, Text()))


def _table(names: Sequence[str], values: Sequence[ColumnElement[Any]]) -> TableValuedAlias:
    return func.unnest(*values).table_valued(*names, name="these").render_derived()
