from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.contracts.simulators.salesforce.soql_text import query_text
from tests.simulators.salesforce.errors import SalesforceError
from tests.simulators.salesforce.soql.parser import RESERVED, parse
from tests.simulators.salesforce.soql.syntax import (
    Column,
    Comparison,
    Condition,
    Group,
    Literally,
    Not,
    Ordering,
    Query,
)

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True).filter(
    lambda name: name.upper() not in RESERVED
)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(tuple)
SIGNS = st.one_of(
    st.characters(codec="utf-8", exclude_characters="\\").map(lambda sign: (sign, sign)),
    st.sampled_from([("\\", "\\\\"), ("%", "\\%"), ("_", "\\_"), ("%", "%"), ("'", "'")]),
)
"""What a character of a text is, and how LIKE has it."""
STRINGS = st.lists(SIGNS, max_size=12).map(
    lambda signs: Literally(
        "string", "".join(text for text, _ in signs), "".join(pattern for _, pattern in signs)
    )
)
LITERALS = st.one_of(
    STRINGS,
    st.integers(-(10**9), 10**9).map(lambda number: Literally("number", str(number))),
    st.sampled_from(["true", "false"]).map(lambda text: Literally("boolean", text)),
    st.just(Literally("null")),
    st.dates().map(lambda day: Literally("date", day.isoformat())),
    st.sampled_from(["TODAY", "YESTERDAY"]).map(lambda text: Literally("date_literal", text)),
    st.integers(0, 99_999).map(lambda n: Literally("date_literal", "LAST_N_DAYS", number=n)),
)
SINGLE = st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "LIKE"])
COMPARISONS = st.one_of(
    st.builds(Comparison, PATHS, SINGLE, st.tuples(LITERALS)),
    st.builds(
        Comparison,
        PATHS,
        st.sampled_from(["IN", "NOT IN"]),
        st.lists(LITERALS, min_size=1, max_size=4).map(tuple),
    ),
)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(
            Group,
            st.sampled_from(["AND", "OR"]),
            st.lists(inner, min_size=2, max_size=3).map(tuple),
        ),
    ),
    max_leaves=8,
)
QUERIES = st.builds(
    Query,
    columns=st.lists(st.builds(Column, PATHS), min_size=1, max_size=4).map(tuple),
    source=NAMES,
    where=st.none() | CONDITIONS,
    order=st.lists(st.builds(Ordering, PATHS, st.booleans(), st.booleans()), max_size=3).map(tuple),
    limit=st.none() | st.integers(0, 10**9 - 1),
    offset=st.integers(0, 10**9 - 1),
)
PIECES = st.sampled_from(
    [
        *("SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "LIKE", "ORDER", "BY", "LIMIT"),
        *("OFFSET", "NULLS", "LAST", "COUNT", "(", ")", ",", ".", "=", "!=", "<", ">=", "null"),
        *("true", "'a'", "'\\'", "2026-01-01", "2026-01-01T00:00:00Z", "9e9", "-1", "Id", "a.b"),
        *("LAST_N_DAYS:3", "'", "\\", ":", "é"),
    ]
)


def without_places(query: Query) -> Query:
    return replace(
        query,
        columns=tuple(replace(one, at=0) for one in query.columns),
        order=tuple(replace(one, at=0) for one in query.order),
        where=None if query.where is None else placeless(query.where),
        source_at=0,
    )


def placeless(condition: Condition) -> Condition:
    match condition:
        case Not(inner):
            return Not(placeless(inner))
        case Group(word, parts):
            return Group(word, tuple(placeless(one) for one in parts))
        case Comparison():
            return replace(condition, at=0)


@settings(deadline=None)
@given(QUERIES)
def test_what_is_written_is_read_back(query: Query) -> None:
    assert without_places(parse(query_text(query))) == query


@settings(deadline=None)
@given(st.text(max_size=60) | st.lists(PIECES, max_size=25).map(" ".join))
@example("SELECT Id FROM A WHERE " + "NOT " * 5_000 + "a = 1")
@example("SELECT Id FROM A WHERE a = 0001-01-01T00:00:00+23:59")
@example("SELECT Id FROM A WHERE a = 9999-12-31T23:59:59-23:59")
def test_any_text_is_a_query_or_malformed(text: str) -> None:
    assert outcome(text) in {"read", "MALFORMED_QUERY"}


def outcome(text: str) -> str:
    try:
        parse(text)
    except SalesforceError as problem:
        return problem.code
    return "read"
