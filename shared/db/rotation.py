"""Secrets at rest change from old keys to the current one, row by row, while everybody works.

An envelope is replaced only if it is still the one that was read: what another process stored
meanwhile is newer, and stays.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, RowMapping, Table, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.security.keyring import DecryptionError, KeyRing

AT_ONCE = 100
"""Envelopes of one transaction: about 50 ms, so that a refresh of a token hardly waits for it."""

NO_KEY = ""
"""The key id of what is no envelope at all."""

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of envelopes; `context` makes the place that each is bound to from `place`.

    Null and the empty text are no envelopes.
    """

    table: Table
    column: str
    place: tuple[str, ...]
    context: Callable[[RowMapping], str]

    @property
    def name(self) -> str:
        """How people read it: `grants.access_token`."""
        return f"{self.table.name}.{self.column}"

    @property
    def envelope(self) -> Column[Any]:
        """The column itself."""
        return self.table.c[self.column]

    @property
    def key_id(self) -> ColumnElement[str]:
        """The id of the key that sealed the envelope: its second part."""
        return func.split_part(self.envelope, ".", 2)

    @property
    def filled(self) -> ColumnElement[bool]:
        """Whether there is an envelope."""
        return func.coalesce(self.envelope, "") != ""


@dataclass(frozen=True, slots=True)
class Secrets:
    """All that a service keeps encrypted, and the ring that opens it."""

    ring: KeyRing
    columns: tuple[SealedColumn, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """So many envelopes of a column are sealed with a key."""

    column: str
    key_id: str
    rows: int


@dataclass(frozen=True, slots=True)
class Step:
    """What one transaction did; `after` is where the next goes on, None at the end.

    `changed` envelopes were replaced by somebody else meanwhile; `unreadable` ones stay as they
    are, and each is named with the reason.
    """

    rotated: int
    changed: int
    unreadable: tuple[str, ...]
    after: Key | None


async def uses(conn: AsyncConnection, column: SealedColumn) -> list[Use]:
    """Which keys the envelopes of a column need."""
    key_id = column.key_id.label("key_id")
    query = select(key_id, func.count()).where(column.filled).group_by(key_id).order_by(key_id)
    return [Use(column.name, found, rows) for found, rows in await conn.execute(query)]


async def rotate(
    conn: AsyncConnection, ring: KeyRing, column: SealedColumn, after: Key | None
) -> Step:
    """Seals up to AT_ONCE envelopes behind `after` with the current key.

    What needs a key that the ring does not have is passed by; `uses` tells of it.
    """
    rows = await _page(conn, ring, column, after)
    rotated = changed = 0
    unreadable: list[str] = []
    for row in rows:
        context = column.context(row)
        try:
            plain = ring.decrypt(row[column.column], context=context)
        except DecryptionError as error:
            unreadable.append(str(error))
            continue
        fresh = ring.encrypt(plain, context=context)
        if await _replaced(conn, column, row, fresh):
            rotated += 1
        else:
            changed += 1
    more = len(rows) == AT_ONCE
    return Step(rotated, changed, tuple(unreadable), _key_of(column, rows[-1]) if more else None)


async def _page(
    conn: AsyncConnection, ring: KeyRing, column: SealedColumn, after: Key | None
) -> Sequence[RowMapping]:
    key = list(column.table.primary_key.columns)
    old = [key_id for key_id in ring.ids if key_id != ring.current_id]
    wanted = {each.name: each for each in (*key, *(column.table.c[name] for name in column.place))}
    query = (
        select(*wanted.values(), column.envelope)
        .where(column.filled, column.key_id.in_(old))
        .order_by(*key)
        .limit(AT_ONCE)
    )
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    return (await conn.execute(query)).mappings().all()


async def _replaced(
    conn: AsyncConnection, column: SealedColumn, row: RowMapping, fresh: str
) -> bool:
    """Whether the envelope was still the one that was read."""
    mine = [each == row[each.name] for each in column.table.primary_key.columns]
    statement = (
        update(column.table)
        .where(*mine, column.envelope == row[column.column])
        .values({column.column: fresh})
    )
    return (await conn.execute(statement)).rowcount == 1


def _key_of(column: SealedColumn, row: RowMapping) -> Key:
    return tuple(row[each.name] for each in column.table.primary_key.columns)
