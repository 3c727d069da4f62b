from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulators.salesforce.ids import ALPHABET, checksum, long_form, make_id

SHORT_IDS = st.text(ALPHABET, min_size=15, max_size=15)


def test_line_3_the_checksum_is_that_of_known_ids() -> None:
    assert long_form("001A0000006Vm9r") == "001A0000006Vm9rIAC"
    assert long_form("003D000000QV9n2") == "003D000000QV9n2IAD"


def test_line_3_what_is_no_id_has_no_long_form() -> None:
    assert long_form("") is None
    assert long_form("001A0000006Vm9") is None
    assert long_form("001A0000006Vm9-") is None
    assert long_form("001A0000006Vm9rIA9") is None


def test_line_3_new_ids_sort_in_order_of_their_numbers() -> None:
    ids = [make_id("003", number) for number in (1, 9, 10, 35, 36, 61, 62, 5_000)]
    assert ids == sorted(ids)
    assert all(len(one) == 18 for one in ids)


@settings(deadline=None)
@given(SHORT_IDS)
def test_15_and_18_characters_are_one_id_in_any_case(short: str) -> None:
    whole = short + checksum(short)
    assert long_form(short) == whole
    assert long_form(whole) == whole
    assert long_form(whole.lower()) == whole
    assert long_form(whole.upper()) == whole
