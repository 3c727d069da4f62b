"""What is read of YAML, and what is refused before it costs anything."""

import pytest

from shared.kernel.plain_yaml import YamlRefusedError, read_yaml, write_yaml


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: no\nb: 12:30\nc: 007", {"a": "no", "b": "12:30", "c": "007"}),
        ("a: true\nb: ~\nc:\nd: -5", {"a": True, "b": None, "c": None, "d": -5}),
        ('"5"', "5"),
        ("'true'", "true"),
        ("1.5", "1.5"),
        ("2026-01-01", "2026-01-01"),
        ("1: x", {"1": "x"}),
        ("- a\n- [b, {c: d}]", ["a", ["b", {"c": "d"}]]),
        ("a: |\n  x\n  y", {"a": "x\ny"}),
        ("# only said\na: 1", {"a": 1}),
        ("{}", {}),
        ("1" * 30, "1" * 30),
    ],
)
def test_what_is_read(text: str, expected: object) -> None:
    assert read_yaml(text) == expected


BOMB = "a: &a [x, x]\n" + "".join(f"k{n}: &k{n} [*a, *a]\n" for n in range(20))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "nothing in it"),
        ("# only said", "nothing in it"),
        (BOMB, "Line 1: Anchors"),
        ("a: *b", "Line 1: Anchors"),
        ("a: !!python/object/apply:os.system [x]", "Line 1: Tags"),
        ("a: !x y", "Line 1: Tags"),
        ("a: 1\nb: 2\na: 3", "Line 3: 'a' is there twice"),
        ("[a]: 1", "Line 1: A name has to be a text"),
        ("a\n---\nb", "Only one document"),
        ("a: b: c", "Line 1: This is no YAML"),
        ("a: [1", "This is no YAML"),
        ("\t- a", "This is no YAML"),
        ("a\x00", "characters that YAML does not have"),
        ("a: \ud800", "characters that YAML does not have"),
        ("[" * 100_000, "This is no YAML"),
        ("- " * 100_000, "More than 20 levels"),
        ("".join(f"{' ' * n}a:\n" for n in range(900)), "Line 21: More than 20 levels"),
        ("x: [" + "1," * 300_000 + "]", "More than 200000 values"),
        ("a" * 1_100_000, "1048576 are read at most"),
    ],
)
def test_what_is_refused_says_where_and_why(text: str, says: str) -> None:
    with pytest.raises(YamlRefusedError, match=says.replace("[", r"\[")):
        read_yaml(text)


def test_what_is_written_keeps_its_order_and_quotes_what_could_be_misread() -> None:
    data = {"b": "no", "a": ["7", 7, None, True], "long": "word " * 60}
    text = write_yaml(data)
    assert text.startswith("b: 'no'\na:\n- '7'\n- 7\n- null\n- true\nlong: ")
    assert text.count("\n") == 7
    assert read_yaml(text) == data
