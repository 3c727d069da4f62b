import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.crm.salesforce.soql import MAX_URL_BYTES, literal, select, select_in

CEST = timezone(timedelta(hours=2))
UNESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "\\": "\\", "'": "'", '"': '"'}


@pytest.mark.parametrize(
    ("value", "soql"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (1.5, "1.5"),
        (1e21, "1000000000000000000000"),
        (Decimal("1.50"), "1.50"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05.000Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 6000, tzinfo=CEST), "2026-01-02T01:04:05.006Z"),
        ("Ada", "'Ada'"),
        ("O'Brien", "'O\\'Brien'"),
        ("\\", "'\\\\'"),
        ("\\' OR Name != '", "'\\\\\\' OR Name != \\''"),
        ('say "hi"', "'say \\\"hi\\\"'"),
        ("a\nb\x00", "'a\\nb\\u0000'"),
        ("Zoë 张", "'Zoë 张'"),
        ("", "''"),
    ],
)
def test_literals(value: object, soql: str) -> None:
    assert literal(value) == soql


@pytest.mark.parametrize(
    "value",
    [datetime(2026, 1, 2), float("nan"), float("inf"), Decimal("NaN"), "\ud800"],  # noqa: DTZ001
)
def test_what_has_no_spelling_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        literal(value)


def test_other_types_are_refused() -> None:
    with pytest.raises(TypeError, match="list"):
        literal(["a"])


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_can_leave_its_quotes(value: str) -> None:
    assert _read(literal(value)) == value


@given(st.lists(st.text(st.sampled_from("'\\\"nu0A\n "), max_size=12), min_size=1, max_size=6))
def test_no_list_of_texts_can_leave_its_brackets(values: list[str]) -> None:
    [soql] = select_in(["Id"], "Lead", "Name", values)
    inner = soql.removeprefix("SELECT Id FROM Lead WHERE Name IN (").removesuffix(")")
    found = re.findall(r"'(?:[^'\\]|\\.)*'", inner, re.DOTALL)
    assert ", ".join(found) == inner
    assert [_read(one) for one in found] == list(dict.fromkeys(values))


def _read(quoted: str) -> str:
    """A reader of SOQL strings that knows nothing of the writer."""
    assert quoted[0] == quoted[-1] == "'"
    out, rest = [], list(quoted[1:-1])
    while rest:
        one = rest.pop(0)
        assert one != "'"
        if one != "\\":
            out.append(one)
            continue
        escape = rest.pop(0)
        if escape == "u":
            out.append(chr(int("".join(rest[:4]), 16)))
            del rest[:4]
        else:
            out.append(UNESCAPED[escape])
    return "".join(out)


def test_select() -> None:
    assert select(["Id", "Owner.Name"], "Lead") == "SELECT Id, Owner.Name FROM Lead"
    assert select(["Id"], "Lead", "IsConverted = false") == (
        "SELECT Id FROM Lead WHERE IsConverted = false"
    )


@pytest.mark.parametrize(
    "names",
    [
        (["Id FROM User--"], "Lead"),
        (["Id"], "Lead WHERE"),
        ([""], "Lead"),
        ([], "Lead"),
        (["1d"], "Lead"),
    ],
)
def test_a_name_that_is_none_is_refused(names: tuple[list[str], str]) -> None:
    with pytest.raises(ValueError, match="SOQL"):
        select(*names)


def test_values_are_looked_for_in_as_few_queries_as_fit() -> None:
    assert select_in(["Id"], "Lead", "Email", []) == []
    assert select_in(["Id"], "Lead", "Email", ["a", "b", "a"], also="IsConverted = false") == [
        "SELECT Id FROM Lead WHERE Email IN ('a', 'b') AND (IsConverted = false)"
    ]


@given(st.lists(st.text(st.sampled_from("aé张'\\ \n"), max_size=200), max_size=60))
def test_every_query_fits_into_a_url_and_no_value_is_lost(values: list[str]) -> None:
    soqls = select_in(["Id", "Email"], "Contact", "Email", values)
    sizes = [len(f"/services/data/v66.0/queryAll?q={quote(one, safe='')}") for one in soqls]
    assert all(size <= MAX_URL_BYTES for size in sizes)
    spelled = [literal(value) for value in dict.fromkeys(values)]
    assert sum(one.count(" IN (") for one in soqls) == len(soqls)
    assert all(any(one in soql for soql in soqls) for one in spelled)


def test_chunks_are_not_smaller_than_they_need_to_be() -> None:
    soqls = select_in(["Id"], "Lead", "Email", [f"{n:04}@x.example" for n in range(1000)])
    assert len(soqls) == 3
    sizes = [len(f"/services/data/v66.0/queryAll?q={quote(one, safe='')}") for one in soqls]
    assert all(11_000 < size <= MAX_URL_BYTES for size in sizes[:-1])


def test_a_value_that_fits_into_no_url_is_refused_without_being_told() -> None:
    with pytest.raises(ValueError, match="too long") as caught:
        select_in(["Id"], "Lead", "Email", ["ada" * 5000])
    assert "ada" not in str(caught.value)
