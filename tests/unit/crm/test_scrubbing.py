import pytest

from shared.crm.scrubbing import MAX_PROSE, code_of, name_of, names_of, prose_of


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ("STRING_TOO_LONG", "STRING_TOO_LONG"),
        ("invalid_grant", "invalid_grant"),
        ("PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES",) * 2,
        ("ada@example.com", ""),
        ("Ada Lovelace", ""),
        ("X" * 200, ""),
        (7, ""),
        (None, ""),
    ],
)
def test_only_what_looks_like_a_code_is_one(found: object, code: str) -> None:
    assert code_of(found) == code


def test_only_what_looks_like_a_name_is_one() -> None:
    assert name_of("Causeway_Key__c") == "Causeway_Key__c"
    assert name_of("Ada Lovelace") == ""
    assert names_of(["LastName", "LastName", "a b", 3, "Company"]) == ("LastName", "Company")
    assert names_of("LastName") == ()


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("Close date must be in the future.", "Close date must be in the future."),
        ("Lovelace may not be LOVELACE", "*** may not be ***"),
        ("write to ada.b@example.org now", "write to *** now"),
        ("call +41 44 668 18 00 now", "call *** now"),
        ('the name "Grace Hopper" is taken', "the name *** is taken"),
        ("the name 'Grace Hopper' is taken", "the name *** is taken"),
        ("the customer's own text", "the customer's own text"),
        ("two\n  lines", "two lines"),
    ],
)
def test_an_admins_text_loses_what_may_be_personal(told: str, shown: str) -> None:
    assert prose_of(told, ["Lovelace", "Lo", None, 7]) == shown


def test_an_admins_text_is_cut() -> None:
    assert len(prose_of("word " * 500, [])) == MAX_PROSE


def test_no_text_is_no_text() -> None:
    assert prose_of({"a": 1}, []) == ""
