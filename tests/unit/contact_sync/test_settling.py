"""What a link looks like after its sync."""

from dataclasses import replace
from datetime import timedelta

from services.contact_sync.domain.model import Link, Mapping, Rule
from services.contact_sync.domain.outcome import Sync
from services.contact_sync.domain.pairing import Unit
from services.contact_sync.domain.plan import Pair, plan_pair
from services.contact_sync.domain.settling import NEAR_MISS_WINDOW, settled_link
from shared.kernel.records import Side
from tests.unit.contact_sync.people import CONTACT, LEAD, LINK_ID, NOW, context, left, link, right

MAPPINGS = (
    Mapping("phone", "Phone", Rule.TWO_WAY),
    Mapping("fax", "Fax", Rule.TWO_WAY),
    Mapping("company", "Company", salesforce_objects=("Lead",)),
)
AGREED = {"phone": "1", "fax": "1"}


def hash_of(side: Side, record_id: str, field: str, value: object) -> str:
    """Readable, so that expected values can be written by hand."""
    return f"{side.value}/{record_id}/{field}={value}"


def settle(pair: Pair, *refused: Side, object_name: str = "Contact") -> Link:
    plan = plan_pair(context(*MAPPINGS), pair, salesforce_object=object_name)
    return settled_link(
        Sync(Unit((), pair, ambiguous=True), plan, object_name),
        link_id=LINK_ID,
        hubspot_id="1",
        salesforce_id=pair.salesforce.id if pair.salesforce else CONTACT,
        refused=frozenset(refused),
        mappings=MAPPINGS,
        hash_of=hash_of,
        now=NOW,
    )


def edited(known: Link | None) -> Pair:
    """HubSpot's phone and Salesforce's fax were changed."""
    return Pair(left("1", phone="2", fax="1"), right(CONTACT, Phone="1", Fax="2"), known)


def test_a_first_link_holds_what_both_sides_agreed_on() -> None:
    pair = Pair(left("1", phone="2"), right(CONTACT, Fax="2"))
    assert settle(pair) == Link(
        id=LINK_ID,
        hubspot_id="1",
        salesforce_id=CONTACT,
        salesforce_object="Contact",
        base={"phone": "2", "fax": "2"},
        hashes={
            "hubspot": {"phone": "hubspot/1/phone=2", "fax": "hubspot/1/fax=2"},
            "salesforce": {
                "Phone": f"salesforce/{CONTACT}/Phone=2",
                "Fax": f"salesforce/{CONTACT}/Fax=2",
            },
        },
        near_misses={},
        ambiguous=True,
        synced_at=NOW,
    )


def test_a_side_that_refused_keeps_its_old_base_and_what_stands_there() -> None:
    after = settle(edited(link(base=dict(AGREED))), Side.SALESFORCE)

    assert after.base == {"phone": "1", "fax": "2"}
    assert after.hashes["salesforce"]["Phone"] == f"salesforce/{CONTACT}/Phone=1"
    assert after.hashes["hubspot"] == {"phone": "hubspot/1/phone=2", "fax": "hubspot/1/fax=2"}


def test_a_side_that_refused_at_the_first_link_agreed_on_nothing() -> None:
    after = settle(Pair(left("1", phone="2"), right(CONTACT, Fax="2")), Side.SALESFORCE)
    assert after.base == {"fax": "2"}


def test_both_sides_may_refuse() -> None:
    after = settle(edited(link(base=dict(AGREED))), *Side)
    assert after.base == AGREED
    assert after.hashes["hubspot"] == {"phone": "hubspot/1/phone=2", "fax": "hubspot/1/fax=1"}


def test_a_link_keeps_its_id_and_moves_to_the_contact_of_its_lead() -> None:
    known = link("1", LEAD, number=99)
    after = settle(Pair(left("1"), right(CONTACT), known))
    assert (after.id, after.salesforce_id, after.salesforce_object) == (
        known.id,
        CONTACT,
        "Contact",
    )


def test_only_the_mappings_of_the_object_are_known() -> None:
    pair = Pair(left("1", company="E"), right(LEAD), None)
    assert "company" in settle(pair, object_name="Lead").hashes["hubspot"]
    assert "company" not in settle(edited(None)).hashes["hubspot"]


def fought(minutes: float, *, before: int = 0) -> Link:
    """A link to which we wrote the same that has to be written now."""
    return replace(
        link(base={"phone": "1", "fax": "1"}),
        hashes={"hubspot": {"fax": "hubspot/1/fax=2"}, "salesforce": {}},
        near_misses={"hubspot:fax": before, "salesforce:Phone": 3, "hubspot:other": 1},
        synced_at=NOW - timedelta(minutes=minutes),
    )


def test_writing_the_same_again_soon_is_a_near_miss() -> None:
    assert settle(edited(fought(1))).near_misses["hubspot:fax"] == 1
    assert settle(edited(fought(1, before=3))).near_misses["hubspot:fax"] == 4


def test_writing_another_value_ends_the_count_of_its_field_only() -> None:
    assert settle(edited(fought(1))).near_misses == {"hubspot:fax": 1, "hubspot:other": 1}


def test_after_the_window_the_count_begins_anew() -> None:
    minutes = NEAR_MISS_WINDOW.total_seconds() / 60
    assert settle(edited(fought(minutes, before=3))).near_misses == {"hubspot:fax": 1}


def test_a_first_link_has_no_near_misses() -> None:
    assert settle(edited(None)).near_misses == {}
    assert settle(edited(link(base=dict(AGREED)))).near_misses == {}
