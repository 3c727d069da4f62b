"""What a pair of records gets written, kind by kind."""

from datetime import timedelta

import pytest

from services.contact_sync.domain.model import Kind, Mapping, Owners, Rule
from services.contact_sync.domain.plan import Pair, plan_pair
from shared.kernel.records import Side
from tests.unit.contact_sync.people import CONTACT, NOW, context, left, link, one, plan_of, right

OWNERS = Owners(
    hubspot={"7": "ann@x.test", "9": "cy@x.test"},
    salesforce={"005A": "ann@x.test", "005B": "bo@x.test"},
    companies={"71": "001A"},
    accounts={"001A": "001A"},
)
TO_SALESFORCE = [
    # kind, HubSpot's value, what Salesforce gets
    (Kind.TEXT, " Ada ", "Ada"),
    (Kind.EMAIL, "Ada@X.test", "ada@x.test"),
    (Kind.PHONE, "+1 23", "+1 23"),
    (Kind.NUMBER, "5", 5),
    (Kind.NUMBER, "0.50", 0.5),
    (Kind.BOOLEAN, "true", True),
    (Kind.DATE, "2026-01-02", "2026-01-02"),
    (Kind.DATE, "1767312000000", "2026-01-02"),
    (Kind.DATETIME, "2026-01-02T03:04:05.6Z", "2026-01-02T03:04:05Z"),
    (Kind.PICKLIST, "Hot", "Hot"),
    (Kind.MULTI_PICKLIST, "b; a", "a;b"),
    (Kind.OWNER, "7", "005A"),
    (Kind.COMPANY, "71", "001A"),
]
TO_HUBSPOT = [
    (Kind.TEXT, "Ada", "Ada"),
    (Kind.EMAIL, "Ada@X.test", "ada@x.test"),
    (Kind.PHONE, "+1 23", "+1 23"),
    (Kind.NUMBER, 5.0, "5"),
    (Kind.NUMBER, 1e-7, "0.0000001"),
    (Kind.BOOLEAN, True, "true"),
    (Kind.DATE, "2026-01-02", "2026-01-02"),
    (Kind.DATETIME, "2026-01-02T03:04:05.000+0000", "2026-01-02T03:04:05Z"),
    (Kind.PICKLIST, "Hot", "Hot"),
    (Kind.MULTI_PICKLIST, "b;a", "a;b"),
    (Kind.OWNER, "005A", "7"),
    (Kind.COMPANY, "001A", "71"),
]


@pytest.mark.parametrize(("kind", "value", "wire"), TO_SALESFORCE)
def test_salesforce_gets_its_own_spelling(kind: Kind, value: str, wire: object) -> None:
    plan = plan_of(one(kind=kind), value, None, owners=OWNERS)
    if kind is Kind.BOOLEAN:  # a blank checkbox is false, so both sides hold something
        plan = plan_of(one(kind=kind), value, None, "false", owners=OWNERS)

    assert plan.wire(Side.SALESFORCE) == {"F": wire}
    assert plan.wire(Side.HUBSPOT) == {}


@pytest.mark.parametrize(("kind", "value", "wire"), TO_HUBSPOT)
def test_hubspot_gets_its_own_spelling(kind: Kind, value: object, wire: str) -> None:
    base = "false" if kind is Kind.BOOLEAN else "first"
    plan = plan_of(one(kind=kind), None, value, base, owners=OWNERS)

    assert plan.wire(Side.HUBSPOT) == {"p": wire}
    assert plan.wire(Side.SALESFORCE) == {}


@pytest.mark.parametrize(("hubspot", "salesforce"), [("71", None), (None, "001A")])
def test_nobody_is_taken_out_of_a_company_because_of_the_other_side(
    hubspot: str | None, salesforce: str | None
) -> None:
    plan = plan_of(one(kind=Kind.COMPANY), hubspot, salesforce, "001A", owners=OWNERS)

    assert (plan.writes, plan.base) == ((), {"p": "001A"})


def test_a_company_that_is_linked_to_nothing_changes_nothing() -> None:
    plan = plan_of(one(kind=Kind.COMPANY), "72", "001A", "001A", owners=OWNERS)

    assert (plan.writes, plan.troubles, plan.base) == ((), (), {"p": "001A"})


def test_every_kind_is_looked_at() -> None:
    assert {kind for kind, *_ in TO_SALESFORCE} == {kind for kind, *_ in TO_HUBSPOT} == set(Kind)


def test_a_write_says_what_was_what_will_be_and_why() -> None:
    (write,) = plan_of(one(), "b", "a", "a").writes

    assert (write.side, write.field) == (Side.SALESFORCE, "F")
    assert (write.before, write.after) == ("a", "b")
    assert (write.rule, write.why) == ("two_way", "only HubSpot changed")


def test_the_base_is_what_both_sides_agree_on_afterwards() -> None:
    assert plan_of(one(), "b", "a", "a").base == {"p": "b"}
    assert plan_of(one(), "b", "b", "a").base == {"p": "b"}
    assert plan_of(one(Rule.DONT_SYNC), "b", "a", "a").base == {"p": "a"}


@pytest.mark.parametrize("side", list(Side))
def test_a_side_that_may_not_be_written_is_left_alone_and_nothing_is_agreed(side: Side) -> None:
    mapping = one(
        hubspot_writable=side is not Side.HUBSPOT, salesforce_writable=side is not Side.SALESFORCE
    )
    changed = {Side.HUBSPOT: ("a", "b"), Side.SALESFORCE: ("b", "a")}[side]
    plan = plan_of(mapping, *changed, "a")

    assert (plan.writes, plan.troubles, plan.base) == ((), (), {"p": "a"})


def test_a_value_that_is_too_long_is_trouble_for_salesforce_only() -> None:
    mapping = one(max_length=3)

    assert plan_of(mapping, "abc", "a", "a").wire(Side.SALESFORCE) == {"F": "abc"}
    plan = plan_of(mapping, "abcd", "a", "a")
    assert plan.writes == ()
    assert plan.base == {"p": "a"}
    ((trouble),) = plan.troubles
    assert (trouble.field, trouble.code) == ("p", "value_too_long")
    assert "abcd" not in trouble.message
    assert plan_of(mapping, "a", "abcd", "a").wire(Side.HUBSPOT) == {"p": "abcd"}


@pytest.mark.parametrize(
    ("hubspot", "salesforce", "where"),
    [("twelve", 5, "hubspot's p"), ("5", "twelve", "salesforce's F")],
)
def test_a_value_that_cannot_be_read_is_trouble_and_says_where(
    hubspot: str, salesforce: object, where: str
) -> None:
    plan = plan_of(one(kind=Kind.NUMBER), hubspot, salesforce, "5")

    assert plan.writes == ()
    ((trouble),) = plan.troubles
    assert trouble.code == "value_unreadable"
    assert trouble.message == f"the value in {where} is not a number"


@pytest.mark.parametrize(
    ("hubspot", "salesforce"),
    [("404", "005A"), ("7", "00G1"), ("9", "005A"), ("7", "005B")],
    ids=["unknown-left", "queue", "no-user-for-it", "no-owner-for-it"],
)
def test_an_owner_without_counterpart_changes_nothing(hubspot: str, salesforce: str) -> None:
    newer = NOW - timedelta(hours=1)
    later = {"p": NOW} if hubspot == "9" else {"p": newer - timedelta(hours=1)}
    mapping = one(kind=Kind.OWNER)
    plan = plan_of(mapping, hubspot, salesforce, "ann@x.test", owners=OWNERS, times=dict(later))

    assert (plan.writes, plan.troubles) == ((), ())
    assert plan.base == {"p": "ann@x.test"}


def test_a_mapping_of_another_object_is_not_looked_at() -> None:
    mapping = Mapping("p", "F", Rule.TWO_WAY, salesforce_objects=("Lead",))
    pair = Pair(left(p="a"), right(CONTACT, F="b"))

    assert plan_pair(context(mapping), pair, salesforce_object="Contact").writes == ()
    assert plan_pair(context(mapping), pair, salesforce_object="Lead").needs_times == ("p",)


def test_a_conflict_asks_for_times_first_and_is_decided_by_them() -> None:
    plan = plan_of(one(), "b", "c", "a")
    assert (plan.writes, plan.needs_times) == ((), ("p",))

    plan = plan_of(one(), "b", "c", "a", times={"p": NOW - timedelta(hours=1)})
    assert plan.wire(Side.HUBSPOT) == {"p": "c"}
    assert plan.needs_times == ()


def test_an_undecidable_conflict_goes_to_salesforce_or_to_a_person() -> None:
    times = {"p": NOW - timedelta(seconds=1)}

    plan = plan_of(one(), "b", "c", "a", times=dict(times))
    assert plan.wire(Side.HUBSPOT) == {"p": "c"}
    assert plan.writes[0].why.endswith("the setting says that Salesforce wins")

    plan = plan_of(one(), "b", "c", "a", times=dict(times), review=True)
    assert plan.writes == ()
    assert [t.code for t in plan.troubles] == ["needs_review"]


def test_values_of_mappings_that_are_gone_stay_in_the_base() -> None:
    pair = Pair(left(p="a"), right(F="a"), link(base={"old": "x"}))

    assert plan_pair(context(one()), pair, salesforce_object="Contact").base == {
        "old": "x",
        "p": "a",
    }
