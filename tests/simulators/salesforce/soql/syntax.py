"""A parsed query."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["string", "number", "boolean", "null", "date", "datetime", "date_literal"]
Operator = Literal["=", "!=", "<", "<=", ">", ">=", "LIKE", "IN", "NOT IN"]
Path = tuple[str, ...]
"""``("Owner", "Email")``."""


@dataclass(frozen=True, slots=True)
class Literally:
    """A value in a query.

    ``text`` is unescaped. ``pattern`` is the same for LIKE: there, a backslash before ``%``,
    ``_`` or itself still stands. ``number`` is the n of ``LAST_N_DAYS:n``.
    """

    kind: Kind
    text: str = ""
    pattern: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """``path operator value``; IN and NOT IN have several values. ``at`` is where it begins."""

    path: Path
    operator: Operator
    values: tuple[Literally, ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    inner: "Condition"


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions that must all hold, or one of which must."""

    word: Literal["AND", "OR"]
    parts: "tuple[Condition, ...]"


Condition = Comparison | Not | Group


@dataclass(frozen=True, slots=True)
class Ordering:
    """One term of ORDER BY."""

    path: Path
    descending: bool = False
    nulls_last: bool = False
    at: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """One field of SELECT and where it stands in the text."""

    path: Path
    at: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """``COUNT(field) alias``: how many records have a value, or how many values there are."""

    column: Column
    alias: str
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query; ``counting`` is SELECT COUNT(), which has no columns, as ``counted`` has."""

    columns: tuple[Column, ...]
    source: str
    counting: bool = False
    counted: Counted | None = None
    where: Condition | None = None
    order: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int = 0
    source_at: int = 0
