"""Writes a parsed query back as text, so that a round trip can be tested."""

from tests.simulators.salesforce.soql.syntax import (
    Comparison,
    Condition,
    Group,
    Literally,
    Not,
    Ordering,
    Query,
)


def query_text(query: Query) -> str:
    """SOQL that means ``query``."""
    columns = ", ".join(".".join(column.path) for column in query.columns)
    parts = ["SELECT", "COUNT()" if query.counting else columns, "FROM", query.source]
    if query.where is not None:
        parts.append(f"WHERE {condition_text(query.where)}")
    if query.order:
        parts.append("ORDER BY " + ", ".join(_ordering(term) for term in query.order))
    if query.limit is not None:
        parts.append(f"LIMIT {query.limit}")
    if query.offset:
        parts.append(f"OFFSET {query.offset}")
    return " ".join(parts)


def condition_text(condition: Condition) -> str:
    """A condition, with parentheses around every part."""
    match condition:
        case Not(inner):
            return f"NOT ({condition_text(inner)})"
        case Group(word, parts):
            return f" {word} ".join(f"({condition_text(part)})" for part in parts)
        case Comparison(path, operator, values):
            shown = ", ".join(literal_text(value) for value in values)
            listed = f"({shown})" if operator in {"IN", "NOT IN"} else shown
            return f"{'.'.join(path)} {operator} {listed}"


def literal_text(value: Literally) -> str:
    """A value as SOQL writes it."""
    match value.kind:
        case "string":
            return "'" + value.pattern.replace("'", "\\'") + "'"
        case "null":
            return "null"
        case "date_literal":
            return f"{value.text}:{value.number}" if "N_DAYS" in value.text else value.text
        case _:
            return value.text


def _ordering(term: Ordering) -> str:
    direction = "DESC" if term.descending else "ASC"
    nulls = " NULLS LAST" if term.nulls_last else ""
    return f"{'.'.join(term.path)} {direction}{nulls}"
