"""Old rows go in small bites, all day long, in an order that an index knows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Table, Uuid, cast, delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

AT_ONCE = 1000
"""Rows of one transaction: far below a second, so that nobody waits for it."""

Moment = ColumnElement[datetime]


@dataclass(frozen=True, slots=True)
class Retention:
    """Rows of `table` are kept for `keep`, on the database's clock.

    `old` says which rows are older than a moment; an index should find them, as it is asked
    again and again while there are none.
    """

    table: Table
    keep: timedelta
    old: Callable[[Moment], ColumnElement[bool]]


def made_before(column: ColumnElement[Any], moment: Moment) -> ColumnElement[bool]:
    """Whether a UUIDv7 was made before that moment: its first 48 bits are milliseconds (RFC 9562).

    So a primary key serves as the index by age.
    """
    milliseconds = cast(func.extract("epoch", moment) * 1000, BigInteger)
    first = func.rpad(func.lpad(func.to_hex(milliseconds), 12, "0"), 32, "0")
    return column < cast(first, Uuid)


async def prune(conn: AsyncConnection, retention: Retention) -> int:
    """Deletes up to AT_ONCE old rows, passing by those that another process deletes; how many."""
    table = retention.table
    key = list(table.primary_key.columns)
    old = (
        select(*key)
        .where(retention.old(func.now() - retention.keep))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
        .cte("old")  # evaluated once: a plain subquery may lock more than its limit
    )
    gone = await conn.execute(delete(table).where(tuple_(*key).in_(select(old))))
    return gone.rowcount
