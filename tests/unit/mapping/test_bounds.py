"""Every field is kept; of the options as many as there is room for, the short lists first."""

from dataclasses import replace

from services.mapping.domain.bounds import bounded
from services.mapping.domain.model import Option, SalesforceField
from tests.unit.mapping.catalogues import salesforce


def listed(name: str, count: int) -> SalesforceField:
    options = tuple(Option(str(n), str(n)) for n in range(count))
    return replace(salesforce(name, "picklist"), options=options)


def test_what_fits_is_kept_as_it_is() -> None:
    fields = [listed("A", 3), salesforce("B"), listed("C", 2)]
    assert bounded(fields, limit=5) == {one.name: one for one in fields}


def test_the_longest_lists_are_left_out_as_a_whole() -> None:
    found = bounded([listed("Long", 4), listed("A", 2), listed("B", 3)], limit=6)
    assert list(found) == ["Long", "A", "B"]
    assert (found["Long"].options, found["Long"].options_left_out) == ((), 4)
    assert (len(found["A"].options), len(found["B"].options)) == (2, 3)


def test_what_is_left_out_does_not_depend_on_the_order() -> None:
    one, other = listed("A", 3), listed("B", 3)
    assert bounded([one, other], limit=3) == bounded([other, one], limit=3)
