"""Who is who: key, address, contact before lead, unconverted before converted, the latest."""

from datetime import timedelta

import pytest

from services.contact_sync.domain.matching import Match, choose_salesforce
from services.contact_sync.domain.model import HubSpotPerson, SalesforcePerson
from tests.unit.contact_sync.people import CONTACT, KEYS, LEAD, NOW, OTHER_CONTACT, left, right


def choose(person: HubSpotPerson, *candidates: SalesforcePerson, taken: str = "") -> Match | None:
    return choose_salesforce(KEYS, person, candidates, {taken})


def test_nobody_fits() -> None:
    assert choose(left("1", "a@x.test"), right(CONTACT, "b@x.test"), right(LEAD)) is None
    assert choose(left("1"), right(CONTACT)) is None


@pytest.mark.parametrize("email", ["a@x.test", "A@X.Test"])
def test_addresses_are_compared_without_case(email: str) -> None:
    match = choose(left("1", "a@X.test"), right(CONTACT, email))
    assert match == Match(right(CONTACT, email), ambiguous=False)


def test_a_secondary_address_fits_too() -> None:
    match = choose(left("1", "new@x.test", "old@x.test"), right(CONTACT, "old@x.test"))
    assert match is not None


def test_the_key_goes_before_the_address() -> None:
    keyed = right(LEAD, "other@x.test", key="4711:CONTACT:1")
    match = choose(left("1", "a@x.test"), right(CONTACT, "a@x.test"), keyed)
    assert match == Match(keyed, ambiguous=False)


def test_the_key_that_hubspot_holds_counts_as_well() -> None:
    person = left("1", "a@x.test", key=f"00D1:{OTHER_CONTACT}")
    other = right(OTHER_CONTACT, "other@x.test")
    assert choose(person, right(CONTACT, "a@x.test"), other) == Match(other, ambiguous=False)


@pytest.mark.parametrize("key", ["4711:contact:12", "4712:contact:1", "4711:company:1"])
def test_somebody_elses_key_is_no_key(key: str) -> None:
    assert choose(left("1", "a@x.test"), right(CONTACT, None, key=key)) is None


def test_a_contact_goes_before_a_lead_that_is_newer() -> None:
    newer = right(LEAD, "a@x.test", modified_at=NOW + timedelta(days=1))
    contact = right(CONTACT, "a@x.test")
    assert choose(left("1", "a@x.test"), newer, contact) == Match(contact, ambiguous=True)


def test_an_unconverted_lead_goes_before_a_converted_one_that_is_newer() -> None:
    old = right(LEAD, "a@x.test")
    newer = NOW + timedelta(days=1)
    gone = right("00Q000000000009AAA", "a@x.test", converted=OTHER_CONTACT, modified_at=newer)
    match = choose(left("1", "a@x.test"), gone, old)
    assert match is not None
    assert match.person == old


def test_of_two_contacts_the_latest_modified_is_chosen_and_flagged() -> None:
    newer = right(CONTACT, "a@x.test", modified_at=NOW + timedelta(seconds=1))
    older = right(OTHER_CONTACT, "a@x.test")
    for order in ((newer, older), (older, newer)):
        assert choose(left("1", "a@x.test"), *order) == Match(newer, ambiguous=True)


def test_of_two_alike_the_higher_id_is_chosen_so_that_the_order_says_nothing() -> None:
    two = (right(CONTACT, "a@x.test"), right(OTHER_CONTACT, "a@x.test"))
    for order in (two, two[::-1]):
        match = choose(left("1", "a@x.test"), *order)
        assert match is not None
        assert match.person.id == OTHER_CONTACT


def test_a_lead_and_the_contact_that_it_became_are_no_ambiguity() -> None:
    contact = right(CONTACT, "a@x.test")
    match = choose(left("1", "a@x.test"), right(LEAD, "a@x.test", converted=CONTACT), contact)
    assert match == Match(contact, ambiguous=False)


def test_records_of_other_people_are_left_out() -> None:
    free = right(LEAD, "a@x.test")
    match = choose(left("1", "a@x.test"), right(CONTACT, "a@x.test"), free, taken=CONTACT)
    assert match == Match(free, ambiguous=False)


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("4711:contact:15", "15"),
        ("4711:Contact:15", "15"),
        ("4712:contact:15", None),
        ("4711:contact:", None),
        ("4711:contact:x' OR", None),
        (None, None),
    ],
)
def test_the_contact_in_a_key_is_read_only_if_it_can_be_one(
    key: str | None, found: str | None
) -> None:
    assert KEYS.hubspot_id(key) == found


@pytest.mark.parametrize(
    ("key", "found"),
    [(f"00D1:{CONTACT}", CONTACT), ("00D1:short", None), (f"00D2:{CONTACT}", None), (None, None)],
)
def test_the_record_in_a_key_is_read_only_if_it_can_be_one(
    key: str | None, found: str | None
) -> None:
    assert KEYS.salesforce_id(key) == found
