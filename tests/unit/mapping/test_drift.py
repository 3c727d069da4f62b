"""Differences of two catalogues, change by change, and what they do to mappings."""

from dataclasses import replace
from typing import Any

import pytest

from services.mapping.domain.changes import Kind
from services.mapping.domain.drift import differences
from services.mapping.domain.hits import MAX_FINDINGS, Effect, Finding, report
from services.mapping.domain.model import (
    Catalogue,
    Conversion,
    HubSpotField,
    Option,
    Pipeline,
    Rule,
    SalesforceField,
    Stage,
    ValuePair,
    Wanted,
)
from shared.kernel.records import ObjectType, Side
from tests.unit.mapping.catalogues import hubspot, ordinary, salesforce

CONTACT = ObjectType.CONTACT
RED, BLUE, GREEN = Option("r", "Red"), Option("b", "Blue"), Option("g", "Green")
COLOUR = Wanted("colour", "Colour__c", salesforce_objects=("Contact",))


def catalogue(there: HubSpotField | None, field: SalesforceField | None) -> Catalogue:
    return Catalogue(
        {CONTACT: {there.name: there} if there else {}},
        {"Contact": {field.name: field} if field else {}},
    )


def lists(left: tuple[Option, ...], right: tuple[Option, ...], **more: Any) -> Catalogue:
    there = replace(hubspot("colour", "enumeration", "select"), options=left)
    return catalogue(there, replace(salesforce("Colour__c", "picklist"), options=right, **more))


def kinds(before: Catalogue, after: Catalogue) -> list[Kind]:
    return [finding.kind for finding in report(before, after, []).findings]


def hit(before: Catalogue, after: Catalogue, *wanted: Wanted) -> list[tuple[Effect, str]]:
    return [(one.effect, one.text) for one in report(before, after, wanted).hits]


def test_nothing_differs_from_itself() -> None:
    assert differences(ordinary(), ordinary()) == ()
    assert report(ordinary(), ordinary(), [COLOUR]).findings == ()


FIELD = salesforce("X__c", "string", length=40)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, FIELD, [Kind.NEW]),
        (None, replace(FIELD, required=True), [Kind.NEW, Kind.REQUIRED]),
        (FIELD, None, [Kind.REMOVED]),
        (FIELD, replace(FIELD, type="textarea"), [Kind.TYPE]),
        (FIELD, replace(FIELD, updateable=False), [Kind.READ_ONLY]),
        (replace(FIELD, createable=False), FIELD, [Kind.WRITABLE]),
        (FIELD, replace(FIELD, required=True), [Kind.REQUIRED]),
        (replace(FIELD, required=True), FIELD, [Kind.OPTIONAL]),
        (FIELD, replace(FIELD, length=20), [Kind.SHORTER]),
        (FIELD, replace(FIELD, length=80), [Kind.LONGER]),
        (FIELD, replace(FIELD, restricted=True), [Kind.RESTRICTED]),
        (FIELD, replace(FIELD, label="Y"), [Kind.RELABELLED]),
        (FIELD, replace(FIELD, custom=True), []),
    ],
)
def test_changes_of_a_field(
    before: SalesforceField | None, after: SalesforceField | None, expected: list[Kind]
) -> None:
    assert kinds(catalogue(None, before), catalogue(None, after)) == expected


@pytest.mark.parametrize(
    ("old", "new", "narrower"),
    [
        ((18, 2), (18, 0), True),
        ((18, 2), (16, 2), True),
        ((16, 2), (18, 2), False),
        ((18, 0), (18, 2), True),
        ((18, 0), (20, 2), False),
    ],
)
def test_digits_that_do_not_fit_any_more(
    old: tuple[int, int], new: tuple[int, int], *, narrower: bool
) -> None:
    number = salesforce("N__c", "double", length=None)
    before = replace(number, precision=old[0], scale=old[1])
    after = replace(number, precision=new[0], scale=new[1])
    found = kinds(catalogue(None, before), catalogue(None, after))
    assert found == [Kind.NARROWER] * narrower


def test_changes_of_a_list() -> None:
    before = lists((RED, BLUE), ())
    after = lists((replace(RED, label="Rot"), replace(BLUE, hidden=True), GREEN), ())
    found = report(before, after, []).findings
    assert [(one.kind, one.values) for one in found] == [
        (Kind.VALUES_ADDED, ("g",)),
        (Kind.VALUES_REMOVED, ("b",)),
        (Kind.VALUES_RENAMED, ("r",)),
    ]


def test_changes_of_pipelines() -> None:
    one = Pipeline("1", "Sales", (Stage("a", "A"), Stage("b", "B")))
    before = Catalogue(pipelines=(one, Pipeline("2", "Old")))
    changed = replace(one, label="Selling", stages=(Stage("a", "A"), Stage("c", "C")))
    after = Catalogue(pipelines=(changed,), record_types=(Pipeline("012", "New"),))
    found = report(before, after, []).findings
    assert [(one.place.side, one.place.name, one.kind) for one in found] == [
        (Side.HUBSPOT, "1", Kind.VALUES_ADDED),
        (Side.HUBSPOT, "1", Kind.VALUES_REMOVED),
        (Side.HUBSPOT, "1", Kind.RELABELLED),
        (Side.HUBSPOT, "2", Kind.REMOVED),
        (Side.SALESFORCE, "012", Kind.NEW),
    ]


def test_a_removed_field_refuses_its_mapping() -> None:
    before = ordinary()
    contact = {k: v for k, v in before.salesforce["Contact"].items() if k != "Email"}
    after = replace(before, salesforce={**before.salesforce, "Contact": contact})
    found = report(before, after, [Wanted("firstname", "FirstName"), Wanted("email", "Email")])
    (finding,) = found.findings
    assert finding.kind is Kind.REMOVED
    (one,) = finding.hits
    assert (one.effect, one.hubspot_property, one.salesforce_field) == (
        Effect.REFUSED,
        "email",
        "Email",
    )
    assert "sees no field Email on Contact" in one.text


def test_an_object_that_cannot_be_read_any_more_hits_all_its_mappings() -> None:
    before = ordinary()
    after = replace(before, salesforce={"Contact": before.salesforce["Contact"]})
    wanted = [Wanted("email", "Email"), Wanted("company", "Company", salesforce_objects=("Lead",))]
    (finding,) = report(before, after, wanted).findings
    assert finding.kind is Kind.UNREADABLE
    assert [one.effect for one in finding.hits] == [Effect.REFUSED] * 2
    (back,) = report(after, before, wanted).findings
    assert (back.kind, back.hits) == (Kind.READABLE, ())


def test_a_field_that_becomes_read_only_refuses_rules_that_write_it() -> None:
    before = ordinary()
    email = replace(before.salesforce["Contact"]["Email"], updateable=False)
    contact = {**before.salesforce["Contact"], "Email": email}
    after = replace(before, salesforce={**before.salesforce, "Contact": contact})
    assert hit(before, after, Wanted("email", "Email")) == []
    ((effect, text),) = hit(before, after, Wanted("email", "Email", Rule.TWO_WAY))
    assert effect is Effect.REFUSED
    assert "read-only" in text
    assert hit(before, after, Wanted("email", "Email", Rule.DONT_SYNC)) == []


def test_a_shorter_field_refuses_long_texts_if_it_is_written() -> None:
    there = hubspot("x")
    before = catalogue(there, FIELD)
    after = catalogue(there, replace(FIELD, length=20))
    wanted = Wanted("x", "X__c", salesforce_objects=("Contact",))
    expected = "Salesforce refuses what does not fit (from 40 to 20 characters)."
    assert hit(before, after, wanted) == [(Effect.VALUES, expected)]
    assert hit(before, after, replace(wanted, rule=Rule.ALWAYS_SALESFORCE)) == []


def test_a_required_field_that_nothing_fills_is_said() -> None:
    before = catalogue(hubspot("x"), FIELD)
    needed = replace(salesforce("Needed__c"), required=True)
    after = replace(before, salesforce={"Contact": {"X__c": FIELD, "Needed__c": needed}})
    wanted = Wanted("x", "X__c", salesforce_objects=("Contact",))
    ((effect, text),) = hit(before, after, wanted)
    assert effect is Effect.UNFILLED
    assert text.startswith("Salesforce refuses a new Contact without Needed__c")
    assert hit(before, after) == []
    filled = Wanted("x", "Needed__c", salesforce_objects=("Contact",))
    assert hit(before, after, filled) == []


def test_a_value_that_salesforce_added_has_no_partner() -> None:
    before = lists((RED,), (RED,))
    after = lists((RED,), (RED, GREEN))
    expected = (
        "HubSpot has no partner for 'g': records with these values stop. Add them in "
        "HubSpot, or pair them in the mapping."
    )
    assert hit(before, after, COLOUR) == [(Effect.VALUES, expected)]
    paired = replace(COLOUR, conversion=Conversion(values=(ValuePair("r", "g"),)))
    assert hit(before, after, paired) == []
    assert hit(before, after, replace(COLOUR, rule=Rule.ALWAYS_HUBSPOT)) == []
    assert hit(before, lists((RED, GREEN), (RED, GREEN)), COLOUR) == []


def test_a_value_that_hubspot_removed_has_no_partner_any_more() -> None:
    before = lists((RED, BLUE), (RED, BLUE))
    ((effect, text),) = hit(before, lists((RED,), (RED, BLUE)), COLOUR)
    assert effect is Effect.VALUES
    assert "HubSpot has no partner for 'b'" in text
    pair = replace(COLOUR, conversion=Conversion(values=(ValuePair("b", "z"),)))
    after = lists((RED,), (RED, Option("z", "Z")))
    assert "'z'" in hit(lists((RED, BLUE), (RED, Option("z", "Z"))), after, pair)[0][1]


def test_hubspots_new_value_matters_where_salesforce_takes_no_other() -> None:
    before = lists((RED,), (RED,))
    assert hit(before, lists((RED, GREEN), (RED,)), COLOUR) == []
    closed = lists((RED,), (RED,), restricted=True)
    ((_, text),) = hit(closed, lists((RED, GREEN), (RED,), restricted=True), COLOUR)
    assert "Salesforce has no partner for 'g'" in text


def test_a_list_that_is_closed_names_what_does_not_fit() -> None:
    before = lists((RED, GREEN), (RED,))
    ((_, text),) = hit(before, lists((RED, GREEN), (RED,), restricted=True), COLOUR)
    assert "Salesforce has no partner for 'g'" in text


def test_a_list_that_was_left_out_says_nothing_about_values() -> None:
    left_out = replace(hubspot("colour", "enumeration", "select"), options_left_out=90_000)
    before = catalogue(left_out, replace(salesforce("Colour__c", "picklist"), options=(RED,)))
    after = catalogue(left_out, replace(salesforce("Colour__c", "picklist"), options=(RED, GREEN)))
    assert hit(before, after, COLOUR) == []


def test_ten_thousand_values_are_counted_and_a_few_are_shown() -> None:
    many = tuple(Option(f"'v\u202e{n}\"", f"V{n}") for n in range(10_000))
    (finding,) = report(lists((RED,), (RED,)), lists((RED,), (RED, *many)), [COLOUR]).findings
    assert finding.detail == "10000 more"
    assert len(finding.values) == 20
    assert "and 9980 more" in finding.hits[0].text


def test_findings_are_bounded_and_those_that_hit_are_kept() -> None:
    fields = {f"F{n}__c": salesforce(f"F{n}__c") for n in range(MAX_FINDINGS + 200)}
    before = catalogue(hubspot("z"), salesforce("Z__c"))
    after = replace(before, salesforce={"Contact": fields})
    wanted = Wanted("z", "Z__c", salesforce_objects=("Contact",))
    found = report(before, after, [wanted])
    assert (len(found.findings), found.more) == (MAX_FINDINGS, 201)
    assert isinstance(found.findings[0], Finding)
    assert found.findings[0].place.name == "Z__c"
    assert [one.effect for one in found.hits] == [Effect.REFUSED]
