import pytest

from tests.simulators.people import Person, people


def test_the_same_seed_gives_the_same_people() -> None:
    assert people(200, seed=7) == people(200, seed=7)
    assert people(200, seed=7) != people(200, seed=8)


def test_a_longer_list_begins_with_the_shorter_one() -> None:
    assert people(50, seed=3)[:20] == people(20, seed=3)


def test_no_two_people_share_an_address() -> None:
    emails = [person.email for person in people(5_000, seed=1, email_domain="demo.test")]
    assert len({email.lower() for email in emails}) == 5_000
    assert all(email.endswith("@demo.test") and email.isascii() for email in emails)


def test_everybody_has_a_last_name_and_a_home() -> None:
    for person in people(500, seed=2):
        assert person.last_name
        assert person.street
        assert person.city
        assert person.postal_code
        assert person.country


@pytest.mark.parametrize("sign", ["é", "ü", "'", "-", "山", "김", "Ł", "ح", "Π"])
def test_the_crowd_is_multilingual(sign: str) -> None:
    assert any(sign in _name(person) for person in people(1_000, seed=7))


def test_some_people_have_one_name_only() -> None:
    assert any(not person.first_name for person in people(500, seed=7))


def _name(person: Person) -> str:
    return f"{person.first_name} {person.last_name}"
