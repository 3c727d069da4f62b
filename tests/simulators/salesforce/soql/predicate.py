"""Turns WHERE into a function of a record."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.simulators.salesforce.ids import long_form
from tests.simulators.salesforce.schema.fields import NUMBER_TYPES, TEXT_TYPES, Field
from tests.simulators.salesforce.schema.objects import ObjectType
from tests.simulators.salesforce.soql.days import days_of
from tests.simulators.salesforce.soql.errors import bad_operator, not_filterable, wrong_kind
from tests.simulators.salesforce.soql.syntax import Comparison, Condition, Group, Literally, Not
from tests.simulators.salesforce.soql.world import Resolved, Resolver
from tests.simulators.salesforce.stamps import end_of, start_of
from tests.simulators.salesforce.store import Record

Predicate = Callable[[Record], bool]
Span = tuple[Any, Any]
"""The first and the last value that a literal stands for; they differ for date literals only."""
LIKE_PART = re.compile(r"\\(.)|(%)|(_)|([^\\%_]+|\\)", re.DOTALL)
MAX_DAYS = 9_999


def compile_where(where: Condition, kind: ObjectType, resolver: Resolver) -> Predicate:
    """The predicate. SalesforceError for unknown fields and values of the wrong kind."""
    match where:
        case Not(inner):
            negated = compile_where(inner, kind, resolver)
            return lambda record: not negated(record)
        case Group(word, parts):
            tests = [compile_where(part, kind, resolver) for part in parts]
            if word == "AND":
                return lambda record: all(test(record) for test in tests)
            return lambda record: any(test(record) for test in tests)
        case Comparison():
            return _Comparing(where, resolver.resolve(where.path, kind, where.at), resolver).build()


@dataclass(frozen=True, slots=True)
class _Comparing:
    comparison: Comparison
    resolved: Resolved
    resolver: Resolver

    @property
    def field(self) -> Field:
        return self.resolved.field

    def build(self) -> Predicate:
        if not self.field.filterable or self.field.parts:
            raise not_filterable(self.resolver.text, self.comparison.at, self.field.name)
        if self.comparison.operator == "LIKE":
            return self._like()
        if self.comparison.operator in {"IN", "NOT IN"}:
            return self._among()
        return self._compared()

    def _read(self) -> Callable[[Record], Any]:
        read = self.resolved.read
        if self.field.type in TEXT_TYPES:

            def lowered(record: Record) -> Any:
                value = read(record)
                return None if value is None else value.lower()

            return lowered
        return read

    def _span(self, literal: Literally) -> Span | None:
        return span(self.field, literal, self.resolver, self.comparison.at)

    def _like(self) -> Predicate:
        literal = self.comparison.values[0]
        if literal.kind != "string" or self.field.type not in TEXT_TYPES:
            message = f"invalid operator on {self.field.type} field"
            raise bad_operator(self.resolver.text, self.comparison.at, message)
        pattern = re.compile(_like_pattern(literal.pattern), re.IGNORECASE | re.DOTALL)
        read = self.resolved.read

        def matches(record: Record) -> bool:
            value = read(record)
            return value is not None and pattern.fullmatch(value) is not None

        return matches

    def _among(self) -> Predicate:
        spans = [self._span(literal) for literal in self.comparison.values]
        single = {None if one is None else one[0] for one in spans if not one or one[0] == one[1]}
        wide = [one for one in spans if one is not None and one[0] != one[1]]
        read = self._read()

        def among(record: Record) -> bool:
            value = read(record)
            if value in single:
                return True
            return value is not None and any(first <= value <= last for first, last in wide)

        if self.comparison.operator == "IN":
            return among
        return lambda record: not among(record)

    def _compared(self) -> Predicate:
        found = self._span(self.comparison.values[0])
        read = self._read()
        operator = self.comparison.operator
        if found is None:
            if operator not in {"=", "!="}:
                message = f"invalid operator '{operator}' for a null value"
                raise bad_operator(self.resolver.text, self.comparison.at, message)
            return lambda record: (read(record) is None) is (operator == "=")
        if self.field.type == "boolean" and operator not in {"=", "!="}:
            message = "invalid operator on boolean field"
            raise bad_operator(self.resolver.text, self.comparison.at, message)
        return _within(read, operator, *found)


def _within(read: Callable[[Record], Any], operator: str, first: Any, last: Any) -> Predicate:
    def value_of(record: Record, test: Callable[[Any], bool]) -> bool:
        value = read(record)
        return value is not None and test(value)

    match operator:
        case "=":
            return lambda record: value_of(record, lambda value: first <= value <= last)
        case "!=":
            return lambda record: not value_of(record, lambda value: first <= value <= last)
        case "<":
            return lambda record: value_of(record, lambda value: value < first)
        case "<=":
            return lambda record: value_of(record, lambda value: value <= last)
        case ">":
            return lambda record: value_of(record, lambda value: value > last)
        case _:
            return lambda record: value_of(record, lambda value: value >= first)


def _like_pattern(pattern: str) -> str:
    def piece(match: re.Match[str]) -> str:
        escaped, many, one, plain = match.groups()
        if many:
            return ".*"
        if one:
            return "."
        return re.escape(escaped if escaped is not None else plain)

    return LIKE_PART.sub(piece, pattern)


def span(field: Field, literal: Literally, resolver: Resolver, at: int) -> Span | None:
    """What a literal means for a field; None for null. SalesforceError if it cannot be."""
    if literal.kind == "null":
        return None
    if field.type in TEXT_TYPES:
        if literal.kind != "string":
            raise wrong_kind(resolver.text, at, field.name, "string", quoted=True)
        lowered = literal.text.lower()
        return (lowered, lowered) if lowered else None
    if field.type in {"id", "reference"}:
        return _id_span(field, literal, resolver, at)
    if field.type in NUMBER_TYPES and literal.kind == "number":
        number = float(literal.text)
        return number, number
    if field.type == "boolean" and literal.kind == "boolean":
        flag = literal.text == "true"
        return flag, flag
    if field.type == literal.kind and literal.kind in {"date", "datetime"}:
        return literal.text, literal.text
    if field.type in {"date", "datetime"} and literal.kind == "date_literal":
        return _day_span(field, literal, resolver)
    kind = "dateTime" if field.type == "datetime" else field.type
    raise wrong_kind(resolver.text, at, field.name, kind, quoted=False)


def _id_span(field: Field, literal: Literally, resolver: Resolver, at: int) -> Span | None:
    if literal.kind != "string":
        raise wrong_kind(resolver.text, at, field.name, "string", quoted=True)
    if not literal.text:
        return None
    found = long_form(literal.text)
    if found is None:
        raise bad_operator(resolver.text, at, f"invalid ID field: {literal.text}")
    return found, found


def _day_span(field: Field, literal: Literally, resolver: Resolver) -> Span:
    number = min(literal.number, MAX_DAYS)
    first, last = days_of(literal.text, number, resolver.world.today())
    if field.type == "date":
        return first.isoformat(), last.isoformat()
    return start_of(first), end_of(last)
