"""Chooses the fewest records that a query has to look at."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.simulators.salesforce.schema.fields import Field
from tests.simulators.salesforce.schema.objects import ObjectType
from tests.simulators.salesforce.soql.predicate import span
from tests.simulators.salesforce.soql.syntax import Comparison, Condition, Group
from tests.simulators.salesforce.soql.world import Resolver
from tests.simulators.salesforce.stamps import moment
from tests.simulators.salesforce.store import Record, Table

MICROSECONDS = 1_000_000
TIMES = frozenset({"SystemModstamp", "LastModifiedDate"})
"""Neither is later than the record's last write."""
FROM_THERE = frozenset({"=", ">", ">="})


@dataclass(frozen=True, slots=True)
class Candidates:
    """Records to look at, and whether they come in the order of their last writes."""

    records: Iterable[Record]
    in_time_order: bool = False


def candidates(
    where: Condition | None, kind: ObjectType, table: Table, resolver: Resolver
) -> Candidates:
    """At least all records for which ``where`` holds."""
    by_time: Iterable[Record] | None = None
    for part in _conjuncts(where):
        field = kind.field(part.path[0]) if len(part.path) == 1 else None
        if field is None:
            continue
        found = _by_key(part, field, table, resolver)
        if found is not None:
            return Candidates(found)
        by_time = by_time or _by_time(part, field, table, resolver)
    if by_time is not None:
        return Candidates(by_time, in_time_order=True)
    return Candidates(table.records.values())


def _conjuncts(where: Condition | None) -> list[Comparison]:
    match where:
        case Comparison():
            return [where]
        case Group("AND", parts):
            return [one for part in parts for one in _conjuncts(part)]
        case _:
            return []


def _by_key(
    part: Comparison, field: Field, table: Table, resolver: Resolver
) -> list[Record] | None:
    if part.operator not in {"=", "IN"}:
        return None
    found: dict[str, Record] = {}
    for literal in part.values:
        meant = span(field, literal, resolver, part.at)
        if meant is None:
            return None
        if field.type == "id":
            record = table.records.get(meant[0])
            matches = [] if record is None else [record]
        else:
            indexed = table.find(field.name, meant[0])
            if indexed is None:
                return None
            matches = indexed
        found |= {one.id: one for one in matches}
    return list(found.values())


def _by_time(
    part: Comparison, field: Field, table: Table, resolver: Resolver
) -> Iterable[Record] | None:
    if field.name not in TIMES or part.operator not in FROM_THERE:
        return None
    meant = span(field, part.values[0], resolver, part.at)
    if meant is None:
        return None
    return table.since(int(moment(meant[0]).timestamp()) * MICROSECONDS)
