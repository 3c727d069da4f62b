import pytest

from tests.simulators.salesforce.errors import SalesforceError
from tests.simulators.salesforce.soql.lexer import tokens
from tests.simulators.salesforce.soql.parser import parse
from tests.simulators.salesforce.soql.syntax import (
    Column,
    Comparison,
    Group,
    Literally,
    Not,
    Ordering,
)


def value_of(text: str) -> Literally:
    where = parse(f"SELECT Id FROM A WHERE F = {text}").where  # noqa: S608
    assert isinstance(where, Comparison)
    return where.values[0]


def test_line_6_a_whole_query() -> None:
    query = parse(
        "select Id, Owner.Email FROM Contact WHERE a = 1 AND (b != null OR NOT c LIKE 'x%')"
        " ORDER BY Name, Id DESC NULLS LAST LIMIT 5 OFFSET 2"
    )
    assert query.columns == (Column(("Id",), 7), Column(("Owner", "Email"), 11))
    assert query.source == "Contact"
    assert query.where == Group(
        "AND",
        (
            Comparison(("a",), "=", (Literally("number", "1"),), 42),
            Group(
                "OR",
                (
                    Comparison(("b",), "!=", (Literally("null"),), 53),
                    Not(Comparison(("c",), "LIKE", (Literally("string", "x%", "x%"),), 70)),
                ),
            ),
        ),
    )
    assert query.order == (
        Ordering(("Name",), at=92),
        Ordering(("Id",), descending=True, nulls_last=True, at=98),
    )
    assert (query.limit, query.offset, query.counting) == (5, 2, False)


def test_line_6_count_may_also_be_a_field_name() -> None:
    assert parse("SELECT COUNT() FROM A").counting is True
    assert parse("SELECT Count FROM A").columns == (Column(("Count",), 7),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"'it\'s'", Literally("string", "it's", "it's")),
        (r"'a\nb'", Literally("string", "a\nb", "a\nb")),
        (r"'a\\b'", Literally("string", "a\\b", "a\\\\b")),
        (r"'50\%'", Literally("string", "50%", "50\\%")),
        (r"'\u00e9'", Literally("string", "é", "é")),
        ("'日本'", Literally("string", "日本", "日本")),
        ("-1.5e3", Literally("number", "-1.5e3")),
        ("TRUE", Literally("boolean", "true")),
        ("Null", Literally("null")),
        ("2026-01-02", Literally("date", "2026-01-02")),
        ("2026-01-02T03:04:05Z", Literally("datetime", "2026-01-02T03:04:05.000+0000")),
        ("2026-01-02T03:04:05.678Z", Literally("datetime", "2026-01-02T03:04:05.678+0000")),
        ("2026-01-02T03:04:05+02:00", Literally("datetime", "2026-01-02T01:04:05.000+0000")),
        ("2026-01-02T03:04:05-0130", Literally("datetime", "2026-01-02T04:34:05.000+0000")),
        ("today", Literally("date_literal", "TODAY")),
        ("LAST_N_DAYS:30", Literally("date_literal", "LAST_N_DAYS", number=30)),
    ],
)
def test_line_6_values(text: str, expected: Literally) -> None:
    assert value_of(text) == expected


def test_line_6_lists_and_the_other_sign_for_unequal() -> None:
    where = parse("SELECT Id FROM A WHERE f NOT IN ('a',null) AND g <> 1").where
    assert isinstance(where, Group)
    first, second = where.parts
    assert isinstance(first, Comparison)
    assert isinstance(second, Comparison)
    assert (first.operator, len(first.values)) == ("NOT IN", 2)
    assert second.operator == "!="


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SELECT",
        "SELECT Id",
        "SELECT Id FROM",
        "SELECT Id,, Name FROM A",
        "SELECT Id FROM A B",
        "SELECT Id FROM A WHERE",
        "SELECT Id FROM A WHERE f",
        "SELECT Id FROM A WHERE f =",
        "SELECT Id FROM A WHERE f = x",
        "SELECT Id FROM A WHERE f IN ()",
        "SELECT Id FROM A WHERE f IN 'a'",
        "SELECT Id FROM A WHERE (f = 1",
        "SELECT Id FROM A WHERE f = 1 AND",
        "SELECT Id FROM A WHERE f = 1 AND g = 2 OR h = 3",
        "SELECT Id FROM A WHERE f = 2026-13-01",
        "SELECT Id FROM A WHERE f = 2026-01-01T25:00:00Z",
        "SELECT Id FROM A WHERE f = LAST_N_DAYS",
        "SELECT Id FROM A WHERE f = TODAY:3",
        r"SELECT Id FROM A WHERE f = '\q'",
        "SELECT Id FROM A WHERE f = 'open",
        "SELECT Id FROM A ORDER Name",
        "SELECT Id FROM A LIMIT x",
        "SELECT Id FROM A LIMIT -1",
        "SELECT Id FROM A LIMIT 10000000000",
        "SELECT a.b.c.d.e.f.g FROM A",
        "SELECT Id FROM A WHERE " + "(" * 60 + "f = 1" + ")" * 60,
        "SELECT Id FROM A; DROP",
        "SELECT COUNT( FROM A",
        "SELECT " + "x" * 100_001,
    ],
)
def test_line_6_what_cannot_be_read_is_malformed(text: str) -> None:
    with pytest.raises(SalesforceError) as problem:
        parse(text)
    assert problem.value.code == "MALFORMED_QUERY"


def test_line_6_tokens_know_their_place() -> None:
    found = tokens("a  >= 'x'")
    assert [(one.kind, one.text, one.at) for one in found] == [
        ("word", "a", 0),
        ("sign", ">=", 3),
        ("value", "'x'", 6),
        ("end", "<EOF>", 9),
    ]
