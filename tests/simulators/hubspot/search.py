"""The search of the CRM (facts: section 5): what is found, in which order, within which limits.

Pure: it works on the values as the index knows them, which is a moment behind the records.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.simulators.hubspot.definitions import Property
from tests.simulators.hubspot.errors import bad_request, error
from tests.simulators.hubspot.model import Json, ObjectType, Record, Values
from tests.simulators.hubspot.values import as_text, milliseconds

DEFAULT_LIMIT = 10
MAX_LIMIT = 200
MAX_FOUND = 10_000
"""Results of one query that can be paged through."""
MAX_GROUPS = 5
MAX_FILTERS = 6
MAX_FILTERS_IN_ALL = 18
MAX_BODY = 3_000
"""Characters of a request."""
ASSOCIATION_PREFIX = "associations."
NEEDS_VALUES = {"IN", "NOT_IN"}
NEEDS_NOTHING = {"HAS_PROPERTY", "NOT_HAS_PROPERTY"}

Comparable = str | int | Decimal
AssociatedIds = Callable[[Record, str], Iterable[int]]
"""(record, name of the other type) -> ids of the records that belong to it."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition; values are as the caller wrote them."""

    name: str
    operator: str
    value: str = ""
    high: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A search: groups are joined by OR, the filters in them by AND."""

    groups: tuple[tuple[Filter, ...], ...]
    text: str
    sort: str
    descending: bool
    properties: tuple[str, ...]
    limit: int
    offset: int


@dataclass(frozen=True, slots=True)
class Found:
    """One page: records with the values that the index has for them."""

    total: int
    page: list[tuple[Record, Values]]
    next_offset: int | None


def parse_query(kind: ObjectType, body: Json, size: int, known: Mapping[str, Property]) -> Query:
    """A query from a request of ``size`` characters. HubSpotError 400 for what is not allowed."""
    if size > MAX_BODY:
        raise error(400, f"The request body may have at most {MAX_BODY} characters")
    raw_groups = list(body.get("filterGroups") or ())
    if body.get("filters"):
        raw_groups.append({"filters": body["filters"]})
    groups = tuple(
        tuple(_filter(one, known) for one in group.get("filters") or ()) for group in raw_groups
    )
    _check_counts(groups)
    sort, descending = _sort(kind, body.get("sorts") or (), known)
    limit, offset = _page(body)
    return Query(
        groups=groups,
        text=str(body.get("query") or "").strip().lower(),
        sort=sort,
        descending=descending,
        properties=tuple(body.get("properties") or ()),
        limit=limit,
        offset=offset,
    )


def _filter(raw: Json, known: Mapping[str, Property]) -> Filter:
    name, operator = str(raw.get("propertyName")), str(raw.get("operator"))
    if operator not in _OPERATORS or (
        name not in known and not name.startswith(ASSOCIATION_PREFIX)
    ):
        raise bad_request()
    if operator in NEEDS_VALUES:
        if not isinstance(raw.get("values"), list):
            raise bad_request()
    elif operator not in NEEDS_NOTHING and raw.get("value") is None:
        raise bad_request()
    return Filter(
        name,
        operator,
        as_text(raw.get("value")),
        as_text(raw.get("highValue")),
        tuple(as_text(one) for one in raw.get("values") or ()),
    )


def _check_counts(groups: tuple[tuple[Filter, ...], ...]) -> None:
    too_many = len(groups) > MAX_GROUPS or any(len(group) > MAX_FILTERS for group in groups)
    if too_many or sum(map(len, groups)) > MAX_FILTERS_IN_ALL:
        raise error(
            400,
            f"At most {MAX_GROUPS} filter groups with {MAX_FILTERS} filters each, "
            f"and {MAX_FILTERS_IN_ALL} filters in all, are supported",
        )


def _sort(
    kind: ObjectType, sorts: Iterable[Any], known: Mapping[str, Property]
) -> tuple[str, bool]:
    wanted = list(sorts)
    if len(wanted) > 1:
        raise error(400, "Only one sort is supported")
    if not wanted:
        return kind.created, False
    if isinstance(wanted[0], str):
        name, descending = wanted[0].removeprefix("-"), wanted[0].startswith("-")
    else:
        name = str(wanted[0].get("propertyName"))
        descending = wanted[0].get("direction") == "DESCENDING"
    if name not in known:
        raise bad_request()
    return name, descending


def _page(body: Json) -> tuple[int, int]:
    try:
        limit, offset = int(body.get("limit") or DEFAULT_LIMIT), int(body.get("after") or 0)
    except ValueError:
        raise bad_request() from None
    if not 1 <= limit <= MAX_LIMIT:
        raise error(400, f"limit is {limit}, it must be from 1 to {MAX_LIMIT}")
    if offset < 0 or offset + limit > MAX_FOUND:
        raise error(400, f"A query can be paged through for {MAX_FOUND} results only")
    return limit, offset


def search(
    records: Iterable[Record],
    query: Query,
    *,
    as_of: int,
    properties: Mapping[str, Property],
    associated: AssociatedIds,
) -> Found:
    """The page of ``query`` over ``records`` as they were at ``as_of`` (epoch ms)."""
    hits = [
        (record, values)
        for record in records
        if (values := record.values_as_of(as_of)) is not None
        and _matches(record, values, query, properties, associated)
    ]
    kind = properties.get(query.sort)
    hits.sort(key=lambda hit: _sort_key(hit, query, kind), reverse=query.descending)
    end = query.offset + query.limit
    return Found(len(hits), hits[query.offset : end], end if end < len(hits) else None)


def _sort_key(
    hit: tuple[Record, Values], query: Query, definition: Property | None
) -> tuple[bool, Comparable, int]:
    """Records without the value come last when ascending; ties go by id."""
    record, values = hit
    value = values.get(query.sort)
    if value is None or definition is None:
        return True, 0, record.id
    return False, _comparable(value, definition), record.id


def _matches(
    record: Record,
    values: Values,
    query: Query,
    properties: Mapping[str, Property],
    associated: AssociatedIds,
) -> bool:
    if query.text and not any(
        query.text in values.get(name, "").lower() for name in record.type.searched
    ):
        return False
    return not query.groups or any(
        all(_holds(record, values, one, properties, associated) for one in group)
        for group in query.groups
    )


def _holds(
    record: Record,
    values: Values,
    one: Filter,
    properties: Mapping[str, Property],
    associated: AssociatedIds,
) -> bool:
    if one.name.startswith(ASSOCIATION_PREFIX):
        others = associated(record, one.name.removeprefix(ASSOCIATION_PREFIX))
        return one.value in map(str, others)
    value = values.get(one.name, "")
    if one.operator == "NOT_HAS_PROPERTY":
        return not value
    if not value:
        return False
    return _OPERATORS[one.operator](value, one, properties[one.name])


def _comparable(value: str, definition: Property) -> Comparable:
    """Text without its case, numbers and times by size, options exactly as they are."""
    if definition.type in {"datetime", "date"}:
        moment = milliseconds(value)
        return 0 if moment is None else moment
    if definition.type == "number":
        try:
            return Decimal(value)
        except InvalidOperation:
            raise bad_request() from None
    return value if definition.type == "enumeration" else value.lower()


def _order(compare: Callable[[Any, Any], bool]) -> Callable[[str, Filter, Property], bool]:
    def holds(value: str, one: Filter, definition: Property) -> bool:
        return compare(_comparable(value, definition), _comparable(one.value, definition))

    return holds


def _between(value: str, one: Filter, definition: Property) -> bool:
    low, middle, high = (_comparable(text, definition) for text in (one.value, value, one.high))
    return bool(low <= middle <= high)  # type: ignore[operator]


def _in(value: str, one: Filter, definition: Property) -> bool:
    """The caller must give strings in lower case, they are compared as they come."""
    if definition.type == "string":
        return value.lower() in one.values
    compared = _comparable(value, definition)
    return any(compared == _comparable(text, definition) for text in one.values)


def _contains(value: str, one: Filter, _definition: Property) -> bool:
    """Any word, or with ``*`` any part of one, without its case."""
    pattern = re.compile(re.escape(one.value.lower()).replace(r"\*", ".*"))
    return any(pattern.fullmatch(word) for word in (value.lower(), *_words(value)))


def _words(value: str) -> Iterator[str]:
    yield from re.split(r"[\s@.,;]+", value.lower())


_OPERATORS: dict[str, Callable[[str, Filter, Property], bool]] = {
    "EQ": _order(lambda value, wanted: bool(value == wanted)),
    "NEQ": _order(lambda value, wanted: bool(value != wanted)),
    "LT": _order(lambda value, wanted: bool(value < wanted)),
    "LTE": _order(lambda value, wanted: bool(value <= wanted)),
    "GT": _order(lambda value, wanted: bool(value > wanted)),
    "GTE": _order(lambda value, wanted: bool(value >= wanted)),
    "BETWEEN": _between,
    "IN": _in,
    "NOT_IN": lambda value, one, definition: not _in(value, one, definition),
    "HAS_PROPERTY": lambda _value, _one, _definition: True,
    "NOT_HAS_PROPERTY": lambda _value, _one, _definition: False,
    "CONTAINS_TOKEN": _contains,
    "NOT_CONTAINS_TOKEN": lambda value, one, definition: not _contains(value, one, definition),
}
