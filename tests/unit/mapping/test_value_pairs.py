from services.mapping.domain.model import Option, ValuePair
from services.mapping.domain.value_pairs import MAX_COMPARED, Suggested, suggest


def options(*values: str | tuple[str, str]) -> list[Option]:
    return [Option(*(v if isinstance(v, tuple) else (v, v))) for v in values]


def test_equal_values_need_no_pair() -> None:
    assert suggest(options("hot", "cold"), options("cold", "hot")) == Suggested()


def test_labels_come_first_then_values_then_words() -> None:
    found = suggest(
        options(("1", "Hot"), ("COLD", "kalt"), ("very_warm", "Very warm lead"), ("x", "Lost")),
        options(("H", "hot"), ("cold", "froid"), ("VW", "Lead, very warm"), ("y", "Unknown")),
    )

    assert found.pairs == (
        ValuePair("1", "H"),
        ValuePair("COLD", "cold"),
        ValuePair("very_warm", "VW"),
    )
    assert (found.lonely_hubspot, found.lonely_salesforce) == (("x",), ("y",))


def test_a_value_is_suggested_once() -> None:
    found = suggest(
        options(("a", "New"), ("b", "NEW")), options(("N", "new"), ("M", "New business deal"))
    )

    assert found == Suggested((ValuePair("a", "N"),), ("b",), ("M",))


def test_the_value_of_one_side_may_be_the_label_of_the_other() -> None:
    assert suggest(options(("gold", "Stufe 1")), options(("1", "Gold"))).pairs == (
        ValuePair("gold", "1"),
    )


def test_hidden_values_are_paired_but_not_missed() -> None:
    hidden = [Option("old", "Old", hidden=True), Option("older", "Gone", hidden=True)]

    assert suggest(hidden, options(("O", "old"))) == Suggested((ValuePair("old", "O"),))


def test_very_long_lists_are_only_compared_by_equality() -> None:
    ours = [Option(f"h{n}", f"Label number {n} of ours") for n in range(MAX_COMPARED + 2)]
    theirs = options(("s", "Label number 1 of theirs"), ("t", "label number 2 of ours"))

    assert suggest(ours, theirs).pairs == (ValuePair("h2", "t"),)
