"""What is exported can be imported, and nothing changes: over any settings and any names."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.mapping.api.document import read_document
from services.mapping.domain.choices import (
    Activities,
    Choices,
    Companies,
    ContactDeletions,
    Contacts,
    Deals,
    Deletions,
    InclusionList,
    OwnerPair,
    PipelinePair,
    StagePair,
    TimelineRule,
)
from services.mapping.domain.document import Names, as_data, document_of, resolve
from services.mapping.domain.model import (
    SALESFORCE_OBJECTS,
    Conversion,
    Pipeline,
    Rule,
    Stage,
    ValuePair,
    Wanted,
)
from services.mapping.domain.wording import differ
from shared.kernel.plain_yaml import YamlRefusedError, read_yaml, write_yaml
from shared.kernel.records import ObjectType

TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=12)
NAME = TEXT.filter(bool)
ID = st.sampled_from(["1", "2", "3", "yes", "null", "0x1"])
ADDRESS = st.sampled_from(["a@x.org", "b@x.org", "c@x.org"])
DELETION: Any = st.sampled_from(["nothing", "delete"])
DELETIONS = st.builds(Deletions, DELETION, DELETION)
LIST = st.none() | st.builds(InclusionList, st.from_regex(r"[0-9]{1,5}", fullmatch=True), TEXT)
STAGES = st.lists(st.builds(StagePair, ID, ID), max_size=3).map(tuple)
ROWS = st.lists(
    st.builds(PipelinePair, ID, ID | st.just(""), st.booleans(), STAGES), max_size=3
).map(tuple)
EVENTS = st.lists(st.builds(TimelineRule, NAME, st.booleans(), TEXT, TEXT, TEXT), max_size=3).map(
    tuple
)
CONVERSIONS = st.builds(
    Conversion,
    st.lists(st.builds(ValuePair, TEXT, TEXT), max_size=3).map(tuple),
    st.sampled_from(["keep", "refuse", "blank"]),
    st.sampled_from(["UTC", "Europe/Riga"]),
    st.none() | st.integers(0, 18),
    st.sampled_from(["whole", "fraction"]),
)


@st.composite
def wanted(draw: st.DrawFn) -> Wanted:
    kind = draw(st.sampled_from([ObjectType.CONTACT, ObjectType.COMPANY, ObjectType.DEAL]))
    objects = draw(st.lists(st.sampled_from(SALESFORCE_OBJECTS[kind]), max_size=2))
    rule = draw(st.sampled_from(Rule))
    return Wanted(draw(NAME), draw(NAME), rule, tuple(objects), kind, draw(CONVERSIONS))


CHOICES = st.builds(
    Choices,
    contacts=st.builds(
        Contacts,
        st.booleans(),
        st.sampled_from(["contact", "lead", "nothing"]),
        st.sampled_from(["salesforce_wins", "review"]),
        LIST,
        st.booleans(),
        st.builds(ContactDeletions, DELETION, DELETION, DELETION),
    ),
    companies=st.builds(Companies, st.booleans(), st.booleans(), st.booleans(), LIST, DELETIONS),
    deals=st.builds(
        Deals,
        st.booleans(),
        st.booleans(),
        st.booleans(),
        ROWS,
        st.sampled_from(["record", "one"]),
        st.integers(0, 3650),
        DELETIONS,
    ),
    activities=st.builds(
        Activities,
        st.booleans(),
        st.booleans(),
        st.lists(NAME, max_size=3).map(tuple),
        EVENTS,
        DELETIONS,
    ),
    wanted=st.lists(wanted(), max_size=4).map(tuple),
    owners=st.lists(st.builds(OwnerPair, ID, ID), max_size=4).map(tuple),
    daily_salesforce_calls=st.none() | st.integers(1, 10**9),
)
PIPELINES = st.lists(
    st.builds(
        Pipeline,
        ID | st.just(""),
        TEXT,
        st.lists(st.builds(Stage, ID, TEXT), max_size=3, unique_by=lambda one: one.id).map(tuple),
    ),
    max_size=3,
    unique_by=lambda one: one.id,
).map(tuple)
PEOPLE = st.dictionaries(ID, ADDRESS, max_size=3)
NAMES = st.builds(Names, PIPELINES, PIPELINES, PEOPLE, PEOPLE)


@given(choices=CHOICES, names=NAMES)
def test_what_is_exported_and_imported_again_changes_nothing(
    choices: Choices, names: Names
) -> None:
    text = write_yaml(as_data(document_of(choices, names)))
    found = resolve(read_document(text), names, choices)
    assert found.unresolved == ()
    assert differ(choices, found.choices) == ()
    assert write_yaml(as_data(document_of(found.choices, names))) == text


@given(choices=CHOICES, names=NAMES)
def test_a_file_says_the_same_whatever_is_there_before(choices: Choices, names: Names) -> None:
    """An import over other settings of the same accounts, where every name is known."""
    known = {one.id for one in names.pipelines}, {one.id for one in names.record_types}
    rows = tuple(
        replace(row, stages=())
        for row in choices.deals.pipelines
        if row.hubspot in known[0] and row.salesforce in known[1]
    )
    people = tuple(
        pair
        for pair in choices.owners
        if pair.hubspot_owner_id in names.hubspot_people
        and pair.salesforce_user_id in names.salesforce_people
    )
    asked = replace(choices, deals=replace(choices.deals, pipelines=rows), owners=people)
    text = write_yaml(as_data(document_of(asked, names)))
    found = resolve(read_document(text), names, Choices())
    assert found.unresolved == ()
    assert differ(asked, found.choices) == ()


@given(before=CHOICES, after=CHOICES)
def test_there_is_a_sentence_exactly_where_something_differs(
    before: Choices, after: Choices
) -> None:
    there, back = differ(before, after), differ(after, before)
    assert (there == ()) == (back == ())
    assert all(one.text.endswith(".") for one in there)
    assert differ(before, before) == ()


PLAIN: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)


@given(data=PLAIN)
def test_plain_data_survives_as_yaml(data: object) -> None:
    assert read_yaml(write_yaml(data)) == data


@given(text=st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(YamlRefusedError):
        found = read_yaml(text)
        assert found is None or isinstance(found, str | int | list | dict)
