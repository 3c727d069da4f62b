"""The planner of properties never makes a name that is invalid, taken or used twice."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.mapping.domain.compatibility import kind_of
from services.mapping.domain.model import HubSpotField, Option, SalesforceField
from services.mapping.domain.properties import Action, Planned, Source, plan
from services.mapping.domain.shapes import MAX_OPTION_CHARACTERS, MAX_OPTIONS

NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
TYPES = [
    "string",
    "textarea",
    "email",
    "phone",
    "url",
    "picklist",
    "multipicklist",
    "combobox",
    "boolean",
    "int",
    "double",
    "currency",
    "percent",
    "date",
    "datetime",
    "time",
    "reference",
    "id",
    "address",
    "location",
    "base64",
    "encryptedstring",
    "anyType",
]
PAIRS = [
    ("string", "text"),
    ("string", "textarea"),
    ("string", "phonenumber"),
    ("number", "number"),
    ("enumeration", "select"),
    ("enumeration", "checkbox"),
    ("bool", "booleancheckbox"),
    ("date", "date"),
    ("datetime", "date"),
    ("string", "file"),
]
texts = st.text(max_size=12)
api_names = (
    st.builds("{}{}__c".format, st.sampled_from("AaBé"), st.text("aB1_", max_size=4))
    | st.builds("{}__c".format, st.text("ab", min_size=80, max_size=110))
    | st.text(min_size=1, max_size=20)
)
option_lists = st.lists(st.builds(Option, texts, texts, st.booleans()), max_size=6).map(tuple)
fields = st.builds(
    SalesforceField,
    name=api_names,
    label=texts,
    type=st.sampled_from(TYPES),
    createable=st.booleans(),
    updateable=st.booleans(),
    options=option_lists,
)
sources = st.lists(
    st.builds(Source, st.sampled_from(["Contact", "Lead"]), fields),
    max_size=8,
    unique_by=lambda one: (one.salesforce_object, one.field.name.lower()),
)


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[Source], dict[str, HubSpotField]]:
    """Fields, and properties that stand in their way."""
    wanted = draw(sources)
    names = ["salesforce_" + source.field.name.lower() for source in wanted]
    names += ["salesforce_contact_" + source.field.name.lower() for source in wanted]
    there: dict[str, HubSpotField] = {}
    for name in draw(st.lists(st.sampled_from(names), unique=True)) if names else []:
        type_, field_type = draw(st.sampled_from(PAIRS))
        archived, read_only = draw(st.booleans()), draw(st.booleans())
        there[name] = HubSpotField(name, "", type_, field_type, read_only, archived=archived)
    return wanted, there


def made(planned: tuple[Planned, ...]) -> dict[str, HubSpotField]:
    """What HubSpot has more after the plan was carried out."""
    return {
        item.new.name: HubSpotField(
            item.new.name,
            item.new.label,
            item.new.type,
            item.new.field_type,
            options=item.new.options,
        )
        for item in planned
        if item.new is not None
    }


@given(problems())
def test_names_are_valid_new_and_used_once(
    problem: tuple[list[Source], dict[str, HubSpotField]],
) -> None:
    wanted, there = problem
    planned = plan(wanted, there)
    new = [item.new for item in planned if item.new is not None]
    assert all(NAME.fullmatch(item.name) for item in new)
    assert not any(item.name.startswith("hs_") for item in new)
    names = [item.name for item in planned if item.name]
    assert len(names) == len(set(names))
    for item in planned:
        known = there.get(item.name)
        if item.action is Action.CREATE:
            assert known is None
        if item.action is Action.RESTORE:
            assert known is not None
            assert known.archived
        if item.action is Action.EXISTS:
            assert known is not None
            assert not known.archived


@given(problems())
def test_every_field_has_one_answer_and_what_is_made_can_be_mapped(
    problem: tuple[list[Source], dict[str, HubSpotField]],
) -> None:
    wanted, there = problem
    planned = plan(wanted, there)
    after = {**there, **made(planned)}
    answered = {(name, item.field) for item in planned for name in item.salesforce_objects}
    lower = {(source.salesforce_object, source.field.name.lower()) for source in wanted}
    assert {(name, field.lower()) for name, field in answered} == lower
    by_place = {(s.salesforce_object, s.field.name.lower()): s.field for s in wanted}
    for item in planned:
        for name in item.salesforce_objects if item.name else ():
            assert kind_of(after[item.name], by_place[name, item.field.lower()]) is not None


@given(problems())
def test_a_repeat_makes_nothing(problem: tuple[list[Source], dict[str, HubSpotField]]) -> None:
    wanted, there = problem
    first = plan(wanted, there)
    again = plan(wanted, {**there, **made(first)})
    assert made(again) == {}
    assert [item.name for item in again] == [item.name for item in first]


@given(problems())
def test_options_are_within_what_hubspot_takes(
    problem: tuple[list[Source], dict[str, HubSpotField]],
) -> None:
    for item in plan(*problem):
        if item.new is None:
            continue
        options = item.new.options
        assert len(options) <= MAX_OPTIONS
        assert len({option.value for option in options}) == len(options)
        assert len({option.label.casefold() for option in options}) == len(options)
        assert all(option.label and option.value for option in options)
        assert all(
            len(option.label) + len(option.value) <= MAX_OPTION_CHARACTERS for option in options
        )
        assert (item.new.type == "enumeration") <= bool(options)


@given(sources, st.integers(min_value=990, max_value=1_010))
def test_never_more_than_the_limit(wanted: list[Source], used: int) -> None:
    mine = {f"mine_{n}": HubSpotField(f"mine_{n}", "", "string", "text") for n in range(used)}
    assert len(made(plan(wanted, mine))) <= max(0, 1_000 - used)


@given(fields)
def test_one_name_in_any_case(field: SalesforceField) -> None:
    upper = replace(field, name=field.name.upper())
    first = plan([Source("Contact", field)], {})
    second = plan([Source("Contact", upper)], {})
    if field.name.isascii():
        assert [item.name for item in first] == [item.name for item in second]
