"""Runs a parsed query over the org's records."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tests.simulators.salesforce.schema.objects import ObjectType
from tests.simulators.salesforce.soql.candidates import candidates
from tests.simulators.salesforce.soql.errors import malformed, not_filterable, not_supported
from tests.simulators.salesforce.soql.predicate import compile_where
from tests.simulators.salesforce.soql.syntax import Ordering, Query
from tests.simulators.salesforce.soql.world import POLYMORPHIC, Getter, Resolver, World
from tests.simulators.salesforce.store import Record

Json = dict[str, Any]
Render = Callable[[Record], Json]
Tree = dict[str, Any]
"""Output name -> a getter, or for a relationship (reference field's name, object, tree)."""
MAX_OFFSET = 2_000


@dataclass(frozen=True, slots=True)
class Answer:
    """The records that a query found, and how its reply shows one of them."""

    records: list[Record]
    render: Render
    counting: bool = False


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
    found = _matching(query, kind, resolver, deleted=deleted)
    if query.order:
        found = _ordered(list(found), query.order, kind, resolver)
    stop = None if query.limit is None else query.offset + query.limit
    return Answer(list(islice(found, query.offset, stop)), render, query.counting)


def _matching(
    query: Query, kind: ObjectType, resolver: Resolver, *, deleted: bool
) -> Iterable[Record]:
    table = resolver.world.table(kind.name)
    alive = (
        one
        for one in candidates(query.where, kind, table, resolver)
        if deleted or one.deleted_at is None
    )
    if query.where is None:
        return alive
    return filter(compile_where(query.where, kind, resolver), alive)


def _ordered(
    records: list[Record], order: tuple[Ordering, ...], kind: ObjectType, resolver: Resolver
) -> list[Record]:
    for term in reversed(order):
        resolved = resolver.resolve(term.path, kind, term.at)
        if not resolved.field.filterable or resolved.field.parts:
            raise not_filterable(resolver.text, term.at, resolved.field.name)
        nulls_at_end = term.nulls_last != term.descending
        records.sort(key=_sort_key(resolved.read, nulls_at_end), reverse=term.descending)
    return records


def _sort_key(read: Getter, nulls_at_end: bool) -> Callable[[Record], tuple[bool, Any]]:  # noqa: FBT001
    def key(record: Record) -> tuple[bool, Any]:
        value = read(record)
        if value is None:
            return nulls_at_end, ""
        return not nulls_at_end, value.lower() if isinstance(value, str) else value

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
