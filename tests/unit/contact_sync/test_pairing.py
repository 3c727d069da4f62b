"""Claims become units: one a pair, no record in two."""

from services.contact_sync.domain.model import HubSpotPerson, Link, SalesforcePerson
from services.contact_sync.domain.pairing import Unit, units
from services.contact_sync.domain.world import Claim, World
from shared.kernel.records import Side
from tests.unit.contact_sync.people import CONTACT, KEYS, LEAD, OTHER_CONTACT, left, link, right

ONE, TWO = Claim(Side.HUBSPOT, "1"), Claim(Side.HUBSPOT, "2")
AT_CONTACT, AT_OTHER, AT_LEAD = (
    Claim(Side.SALESFORCE, record_id) for record_id in (CONTACT, OTHER_CONTACT, LEAD)
)


def world(*people: HubSpotPerson | SalesforcePerson, links: tuple[Link, ...] = ()) -> World:
    """Every link whose half is missing has ended: all halves were asked for."""
    hubspot = {p.id: p for p in people if isinstance(p, HubSpotPerson)}
    salesforce = {p.id: p for p in people if isinstance(p, SalesforcePerson)}
    ended = {
        x.id for x in links if x.hubspot_id not in hubspot or x.salesforce_id not in salesforce
    }
    return World(KEYS, links, frozenset(ended), hubspot, salesforce)


def ids(unit: Unit) -> tuple[str | None, str | None]:
    pair = unit.pair
    return (
        pair.hubspot.id if pair.hubspot else None,
        pair.salesforce.id if pair.salesforce else None,
    )


def test_two_claims_of_a_known_pair_are_one_unit() -> None:
    known = link()
    (unit,) = units([AT_CONTACT, ONE], world(left("1"), right(CONTACT), links=(known,)))

    assert unit.claims == (AT_CONTACT, ONE)
    assert ids(unit) == ("1", CONTACT)
    assert unit.pair.link == known


def test_two_claims_of_a_pair_that_is_found_now_are_one_unit() -> None:
    people = world(left("1", "a@x.test"), right(CONTACT, "A@x.test"))
    (unit,) = units([ONE, AT_CONTACT], people)

    assert unit.claims == (ONE, AT_CONTACT)
    assert ids(unit) == ("1", CONTACT)
    assert unit.pair.link is None
    assert not unit.ambiguous


def test_the_order_of_the_first_claims_is_kept() -> None:
    people = world(left("1", "a@x.test"), left("2", "b@x.test"), right(CONTACT, "b@x.test"))
    found = units([ONE, TWO, AT_CONTACT], people)
    assert [ids(unit) for unit in found] == [("1", None), ("2", CONTACT)]


def test_a_salesforce_record_finds_its_contact_by_key_whatever_its_address() -> None:
    by_his = world(left("1", "a@x.test"), right(CONTACT, "z@x.test", key="4711:contact:1"))
    by_hers = world(left("1", "a@x.test", key=f"00D1:{CONTACT}"), right(CONTACT, "z@x.test"))
    for people in (by_his, by_hers):
        (unit,) = units([AT_CONTACT], people)
        assert ids(unit) == ("1", CONTACT)


def test_a_record_that_is_gone_has_an_empty_pair() -> None:
    found = units([ONE, AT_CONTACT], world())
    assert [(unit.claims, ids(unit)) for unit in found] == [
        ((ONE,), (None, None)),
        ((AT_CONTACT,), (None, None)),
    ]


def test_a_linked_lead_is_followed_to_its_contact() -> None:
    people = world(
        left("1", "a@x.test"),
        right(LEAD, "a@x.test", converted=CONTACT),
        right(CONTACT, "a@x.test"),
        links=(link("1", LEAD),),
    )
    for claims in ([AT_LEAD], [AT_CONTACT], [ONE], [AT_CONTACT, AT_LEAD, ONE]):
        (unit,) = units(claims, people)
        assert ids(unit) == ("1", CONTACT)
        assert not unit.taken


def test_a_converted_lead_whose_contact_cannot_be_read_stays_what_it_is() -> None:
    people = world(left("1"), right(LEAD, converted=CONTACT), links=(link("1", LEAD),))
    (unit,) = units([AT_LEAD], people)
    assert ids(unit) == ("1", LEAD)


def test_a_late_word_about_a_lead_finds_the_link_of_its_contact() -> None:
    people = world(
        left("1", "a@x.test"),
        right(LEAD, "a@x.test", converted=CONTACT),
        right(CONTACT, "a@x.test"),
        links=(link("1", CONTACT),),
    )
    (unit,) = units([AT_LEAD], people)
    assert (ids(unit), unit.taken) == (("1", CONTACT), False)


def test_a_lead_converted_to_somebody_elses_contact_is_taken() -> None:
    people = world(
        left("1"),
        left("2"),
        right(LEAD, converted=CONTACT),
        right(CONTACT),
        links=(link("1", LEAD, number=1), link("2", CONTACT, number=2)),
    )
    found = units([AT_LEAD, AT_CONTACT], people)
    assert [(ids(unit), unit.taken) for unit in found] == [
        (("1", CONTACT), True),
        (("2", CONTACT), False),
    ]


def test_two_leads_converted_to_one_new_contact_keep_it_for_the_first() -> None:
    second = "00Q000000000004AAA"
    people = world(
        left("1"),
        left("2"),
        right(LEAD, converted=CONTACT),
        right(second, converted=CONTACT),
        right(CONTACT),
        links=(link("1", LEAD, number=1), link("2", second, number=2)),
    )
    found = units([AT_LEAD, Claim(Side.SALESFORCE, second)], people)
    assert [unit.taken for unit in found] == [False, True]


def test_twins_in_salesforce_without_a_contact_make_one_unit_that_may_create() -> None:
    people = world(right(CONTACT, "a@x.test"), right(OTHER_CONTACT, "a@x.test"))
    found = units([AT_CONTACT, AT_OTHER], people)
    assert [(ids(unit), unit.taken, unit.ambiguous) for unit in found] == [
        ((None, CONTACT), True, True),
        ((None, OTHER_CONTACT), False, True),
    ]


def test_the_twin_of_a_linked_record_is_taken() -> None:
    people = world(
        left("1", "a@x.test"),
        right(CONTACT, "a@x.test"),
        right(OTHER_CONTACT, "a@x.test"),
        links=(link("1", CONTACT),),
    )
    (unit,) = units([AT_OTHER], people)
    assert (ids(unit), unit.taken) == ((None, OTHER_CONTACT), True)


def test_a_link_whose_half_is_gone_frees_the_other_for_the_winner_of_a_merge() -> None:
    old = link("1", CONTACT)
    people = world(left("1", "a@x.test"), right(OTHER_CONTACT, "a@x.test"), links=(old,))
    for claims in ([AT_CONTACT, AT_OTHER], [AT_OTHER]):
        found = units(claims, people)
        pairs = sorted((ids(unit)[1] or "", unit.pair.link is old) for unit in found)
        assert pairs == [("", True), (OTHER_CONTACT, False)]
        assert {ids(unit)[0] for unit in found} == {"1"}
        assert not any(unit.taken for unit in found)


def test_records_of_one_contacts_two_addresses_are_never_two_pairs() -> None:
    people = world(
        left("1", "a@x.test", "b@x.test"),
        right(CONTACT, "a@x.test"),
        right(OTHER_CONTACT, "b@x.test"),
    )
    for claims in ([ONE, AT_CONTACT, AT_OTHER], [AT_CONTACT, AT_OTHER]):
        found = units(claims, people)
        pairs = [ids(unit) for unit in found if not unit.taken]
        assert pairs == [("1", OTHER_CONTACT)]
        assert [unit.claims for unit in found if unit.taken] == [(AT_CONTACT,)]


def test_two_contacts_that_mean_one_record_are_never_two_pairs() -> None:
    """One by its address, the other by the key that its lost creation left."""
    person = right(CONTACT, "a@x.test", key="4711:contact:2")
    found = units([ONE, TWO], world(left("1", "a@x.test"), left("2", "b@x.test"), person))
    assert [(ids(unit), unit.taken) for unit in found] == [
        (("1", CONTACT), False),
        ((None, None), True),
    ]
