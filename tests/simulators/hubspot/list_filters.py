"""Which records a list is made of: HubSpot's filter branches over property values. Pure.

The tree that HubSpot takes is one OR over AND branches that hold the filters. Property filters are
evaluated; branches over events, associations and other lists are refused, rather than misjudged.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.simulators.hubspot.definitions import Property
from tests.simulators.hubspot.errors import HubSpotError, error
from tests.simulators.hubspot.model import Json, Values
from tests.simulators.hubspot.values import as_text

KNOWN_TYPE = "ALL_PROPERTY"
SUITABLE = {
    "STRING": {"string", "phone_number"},
    "MULTISTRING": {"string", "phone_number"},
    "BOOL": {"bool"},
    "NUMBER": {"number"},
    "NUMBER_RANGED": {"number"},
    "ENUMERATION": {"enumeration"},
}
"""Types of the properties that an operation is for; what asks for any value suits all."""


@dataclass(frozen=True, slots=True)
class PropertyFilter:
    """One condition on one property."""

    name: str
    kind: str
    operator: str
    values: tuple[str, ...]
    include_unset: bool
    """Whether records without a value pass, whatever the operator says."""

    def holds(self, values: Values) -> bool:
        """Whether a record with ``values`` passes."""
        value = values.get(self.name, "")
        if self.kind == KNOWN_TYPE:
            return bool(value) == (self.operator == "IS_KNOWN")
        if not value:
            return self.include_unset
        return _TESTS[self.kind][self.operator](value, self.values)


Groups = tuple[tuple[PropertyFilter, ...], ...]
"""Alternatives: a record needs all the filters of one of them."""


def matches(groups: Groups, values: Values) -> bool:
    """Whether a record with ``values`` belongs to a list with these filters."""
    return any(all(one.holds(values) for one in group) for group in groups)


def parse_groups(branch: Any, known: Mapping[str, Property]) -> Groups:
    """The alternatives in a ``filterBranch``. HubSpotError 400 for a tree of another shape."""
    root = _branch(branch, "OR")
    if root.get("filters") or not root.get("filterBranches"):
        raise _refused("the root OR branch must have AND branches and no filters of its own")
    return tuple(_group(one, known) for one in root["filterBranches"])


def _group(raw: Any, known: Mapping[str, Property]) -> tuple[PropertyFilter, ...]:
    branch = _branch(raw, "AND")
    if branch.get("filterBranches"):
        raise _refused("this simulated portal evaluates no branches below an AND branch")
    filters = tuple(_filter(one, known) for one in branch.get("filters") or ())
    if not filters:
        raise _refused("an AND branch needs at least one filter")
    return filters


def _branch(raw: Any, kind: str) -> Json:
    if not isinstance(raw, dict) or raw.get("filterBranchType") != kind:
        raise _refused(f"a branch of filterBranchType {kind} is expected")
    return raw


def _filter(raw: Any, known: Mapping[str, Property]) -> PropertyFilter:
    if not isinstance(raw, dict) or raw.get("filterType") != "PROPERTY":
        raise _refused("this simulated portal evaluates filters of filterType PROPERTY only")
    name, operation = str(raw.get("property")), raw.get("operation")
    if not isinstance(operation, dict):
        raise _refused("a filter needs an operation")
    if name not in known or known[name].archived:
        raise _refused(f"the property {name} does not exist")
    kind, operator = str(operation.get("operationType")), str(operation.get("operator"))
    if operator not in _TESTS.get(kind, {}):
        raise _refused(f"the operator {operator} is not supported for the type {kind}")
    if known[name].type not in SUITABLE.get(kind, {known[name].type}):
        raise _refused(f"{kind} does not suit {name}, which is of type {known[name].type}")
    operands = _operands(operation)
    if kind.startswith("NUMBER"):
        operands = tuple(str(_decimal(one)) for one in operands)
    include_unset = bool(operation.get("includeObjectsWithNoValueSet", False))
    return PropertyFilter(name, kind, operator, operands, include_unset)


def _operands(operation: Json) -> tuple[str, ...]:
    if "lowerBound" in operation:
        return as_text(operation["lowerBound"]), as_text(operation.get("upperBound"))
    if isinstance(operation.get("values"), list):
        return tuple(as_text(one) for one in operation["values"])
    return (as_text(operation.get("value")),)


def _refused(reason: str) -> HubSpotError:
    """HubSpot's own text for a bad branch is not published."""
    return error(400, f"Invalid filterBranch: {reason}")


Operands = tuple[str, ...]
Test = Callable[[str, Operands], bool]


def _negated(test: Test) -> Test:
    return lambda value, operands: not test(value, operands)


def _any_text(compare: Callable[[str, str], bool]) -> Test:
    """Text is compared without its case; one of the operands is enough."""

    def test(value: str, operands: Operands) -> bool:
        return any(compare(value.lower(), operand.lower()) for operand in operands)

    return test


def _number(compare: Callable[[Decimal, Decimal], bool]) -> Test:
    def test(value: str, operands: Operands) -> bool:
        return compare(_decimal(value), _decimal(operands[0]))

    return test


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise _refused(f"{text} is not a number") from None


def _between(value: str, operands: Operands) -> bool:
    return _decimal(operands[0]) <= _decimal(value) <= _decimal(operands[1])


def _chosen(compare: Callable[[set[str], set[str]], bool]) -> Test:
    """An enumeration's value is the set of its choices; operands are exact."""

    def test(value: str, operands: Operands) -> bool:
        return compare(set(_choices(value)), set(operands))

    return test


def _choices(value: str) -> Iterable[str]:
    return filter(None, value.split(";"))


_same = _any_text(lambda value, operand: value == operand)
_containing = _any_text(lambda value, operand: operand in value)
_equal = _number(lambda value, operand: value == operand)
_any_of = _chosen(lambda choices, wanted: bool(choices & wanted))
_exactly = _chosen(lambda choices, wanted: choices == wanted)
_all_of = _chosen(lambda choices, wanted: wanted <= choices)
_TEXT: dict[str, Test] = {
    "IS_EQUAL_TO": _same,
    "IS_NOT_EQUAL_TO": _negated(_same),
    "CONTAINS": _containing,
    "DOES_NOT_CONTAIN": _negated(_containing),
    "STARTS_WITH": _any_text(lambda value, operand: value.startswith(operand)),
    "ENDS_WITH": _any_text(lambda value, operand: value.endswith(operand)),
}
_TESTS: dict[str, dict[str, Test]] = {
    "STRING": _TEXT,
    "MULTISTRING": _TEXT,
    "BOOL": {"IS_EQUAL_TO": _same, "IS_NOT_EQUAL_TO": _negated(_same)},
    "NUMBER": {
        "IS_EQUAL_TO": _equal,
        "IS_NOT_EQUAL_TO": _negated(_equal),
        "IS_GREATER_THAN": _number(lambda value, operand: value > operand),
        "IS_GREATER_THAN_OR_EQUAL_TO": _number(lambda value, operand: value >= operand),
        "IS_LESS_THAN": _number(lambda value, operand: value < operand),
        "IS_LESS_THAN_OR_EQUAL_TO": _number(lambda value, operand: value <= operand),
    },
    "NUMBER_RANGED": {"IS_BETWEEN": _between, "IS_NOT_BETWEEN": _negated(_between)},
    "ENUMERATION": {
        "IS_ANY_OF": _any_of,
        "IS_NONE_OF": _negated(_any_of),
        "IS_EXACTLY": _exactly,
        "IS_NOT_EXACTLY": _negated(_exactly),
        "CONTAINS_ALL": _all_of,
        "DOES_NOT_CONTAIN_ALL": _negated(_all_of),
    },
    KNOWN_TYPE: {"IS_KNOWN": lambda _value, _operands: True, "IS_UNKNOWN": lambda _v, _o: False},
}
