"""Runs a parsed query over the org's records."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from tests.simulators.salesforce.schema.fields import TEXT_TYPES
from tests.simulators.salesforce.schema.objects import ObjectType
from tests.simulators.salesforce.soql.candidates import candidates
from tests.simulators.salesforce.soql.errors import malformed, not_filterable, not_supported
from tests.simulators.salesforce.soql.predicate import compile_where
from tests.simulators.salesforce.soql.syntax import Counted, Ordering, Query
from tests.simulators.salesforce.soql.world import POLYMORPHIC, Getter, Resolver, World
from tests.simulators.salesforce.store import Record

Json = dict[str, Any]
Render = Callable[[Record], Json]
SortKey = Callable[[Record], tuple[bool, Any]]
Tree = dict[str, Any]
"""Output name -> a getter, or for a relationship (reference field's name, object, tree)."""
MAX_OFFSET = 2_000
MODSTAMP = "SystemModstamp"


@dataclass(frozen=True, slots=True)
class Answer:
    """The records that a query found, and how its reply shows one of them."""

    records: list[Record]
    render: Render
    counting: bool = False
    aggregate: Json | None = None


def run(query: Query, text: str, world: World, *, base: str, deleted: bool) -> Answer:
    """Find the records. ``base`` is the path of the API version, for the records' URLs.

    SalesforceError INVALID_TYPE, INVALID_FIELD, MALFORMED_QUERY and so on.
    """
    kind = world.object(query.source)
    if kind is None:
        raise not_supported(text, query.source_at, query.source)
    if query.offset > MAX_OFFSET:
        raise malformed(f"SOQL offset should be between 0 to {MAX_OFFSET}")
    resolver = Resolver(world, text)
    render = _renderer(query, kind, resolver, base)
    chosen = candidates(query.where, kind, world.table(kind.name), resolver)
    found = _matching(chosen.records, query, kind, resolver, deleted=deleted)
    if query.order and chosen.in_time_order and _asks_for_time_order(query.order[0]):
        _ordered([], query.order, kind, resolver)
        found = _by_time(found, query.order, kind, resolver)
    elif query.order:
        found = _ordered(list(found), query.order, kind, resolver)
    stop = None if query.limit is None else query.offset + query.limit
    if query.counted is not None:
        return Answer([], render, aggregate=_aggregate(query.counted, found, kind, resolver))
    return Answer(list(islice(found, query.offset, stop)), render, query.counting)


def _aggregate(
    counted: Counted, found: Iterable[Record], kind: ObjectType, resolver: Resolver
) -> Json:
    """The one row of a query that counts the values of a field."""
    column = counted.column
    read = resolver.resolve(column.path, kind, column.at).read
    values = [value for one in found if (value := read(one)) is not None]
    number = len({str(value).lower() for value in values}) if counted.distinct else len(values)
    return {"attributes": {"type": "AggregateResult"}, counted.alias: number}


def _asks_for_time_order(first: Ordering) -> bool:
    return not first.descending and [one.lower() for one in first.path] == [MODSTAMP.lower()]


def _matching(
    chosen: Iterable[Record], query: Query, kind: ObjectType, resolver: Resolver, *, deleted: bool
) -> Iterable[Record]:
    alive = (one for one in chosen if deleted or not _put_away(one))
    if query.where is None:
        return alive
    return filter(compile_where(query.where, kind, resolver), alive)


def _put_away(record: Record) -> bool:
    """Whether only queryAll shows it: deleted, or an archived activity."""
    return record.deleted_at is not None or bool(record.fields.get("IsArchived"))


def _ordered(
    records: list[Record], order: tuple[Ordering, ...], kind: ObjectType, resolver: Resolver
) -> list[Record]:
    for term in reversed(order):
        records.sort(key=_sort_key(term, kind, resolver), reverse=term.descending)
    return records


def _by_time(
    records: Iterable[Record], order: tuple[Ordering, ...], kind: ObjectType, resolver: Resolver
) -> Iterator[Record]:
    """The same for records in the order of their writes, without reading more than is wanted."""
    for _, same in groupby(records, key=lambda one: one.fields[MODSTAMP]):
        yield from _ordered(list(same), order[1:], kind, resolver)


def _sort_key(term: Ordering, kind: ObjectType, resolver: Resolver) -> SortKey:
    resolved = resolver.resolve(term.path, kind, term.at)
    if not resolved.field.filterable or resolved.field.parts:
        raise not_filterable(resolver.text, term.at, resolved.field.name)
    nulls_at_end = term.nulls_last != term.descending
    is_text = resolved.field.type in TEXT_TYPES
    read = resolved.read

    def key(record: Record) -> tuple[bool, Any]:
        value = read(record)
        if value is None:
            return nulls_at_end, ""
        return not nulls_at_end, value.lower() if is_text else value

    return key


def _renderer(query: Query, kind: ObjectType, resolver: Resolver, base: str) -> Render:
    tree: Tree = {}
    for column in query.columns:
        resolved = resolver.resolve(column.path, kind, column.at)
        branch = tree
        for reference in resolved.relations:
            name = reference.relationship or reference.name
            label = POLYMORPHIC if len(reference.refers) > 1 else reference.refers[0]
            branch = branch.setdefault(name, (reference.name, label, {}))[2]
        last = resolved.names[-1]
        if last in branch:
            raise malformed(f"duplicate field selected: {last}")
        target = resolver.target(resolved.relations[-1]) if resolved.relations else kind
        assert target is not None
        branch[last] = resolver.resolve((last,), target, column.at).read
    return _render(tree, kind.name, resolver.world, base)


def _render(tree: Tree, label: str, world: World, base: str) -> Render:
    items = [
        (name, one if callable(one) else _parent(*one, world=world, base=base))
        for name, one in tree.items()
    ]

    def render(record: Record) -> Json:
        url = f"{base}/sobjects/{record.object}/{record.id}"
        shown: Json = {"attributes": {"type": label, "url": url}}
        for name, read in items:
            shown[name] = read(record)
        return shown

    return render


def _parent(key: str, label: str, tree: Tree, *, world: World, base: str) -> Getter:
    render = _render(tree, label, world, base)

    def read(record: Record) -> Json | None:
        parent_id = record.fields.get(key)
        parent = None if parent_id is None else world.record(parent_id)
        return None if parent is None else render(parent)

    return read
