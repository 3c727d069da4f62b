"""What holds for all choices: nothing is lost on the way to the contract, the review never breaks,
and it blocks exactly what a version would refuse."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

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
from services.mapping.domain.model import Conversion, Rule, ValuePair, Wanted
from services.mapping.domain.pages import in_step, recommended, with_companies, with_deals
from services.mapping.domain.review import Facts, Severity, judge, review
from services.mapping.domain.review.found import Owners, Sizes
from services.mapping.domain.timeline import BY_KEY, default_table
from services.mapping.handlers.translate import choices_of, settings_of
from shared.contracts.settings import Settings
from shared.kernel.records import ObjectType
from tests.unit.mapping.review.samples import full

CATALOGUE = full()
NAMES = st.sampled_from(["lastname", "notes", "nope", "dealname", "name", "Ārā"])
FIELDS = st.sampled_from(["LastName", "Name", "Score__c", "CloseDate", "Nope__c"])
OBJECTS = st.lists(st.sampled_from(["Contact", "Lead", "Account", "Opportunity", "X"]), max_size=3)
TEXT = st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=8)
DELETION = st.sampled_from(["nothing", "delete"])
CONVERSIONS = st.builds(
    Conversion,
    values=st.lists(st.builds(ValuePair, TEXT, TEXT), max_size=2).map(tuple),
    unmapped_values=st.sampled_from(["keep", "refuse", "blank"]),
    time_zone=st.sampled_from(["UTC", "Europe/Riga"]),
    scale=st.none() | st.integers(0, 18),
    hubspot_percent=st.sampled_from(["whole", "fraction"]),
)
WANTED = st.builds(
    Wanted,
    NAMES,
    FIELDS,
    st.sampled_from(Rule),
    OBJECTS.map(tuple),
    st.sampled_from([ObjectType.CONTACT, ObjectType.COMPANY, ObjectType.DEAL]),
    CONVERSIONS,
)
LISTS = st.none() | st.builds(InclusionList, st.sampled_from(["7", "8"]), TEXT)
DELETIONS = st.builds(Deletions, DELETION, DELETION)
EVENTS = st.builds(
    TimelineRule,
    st.sampled_from([*BY_KEY, "page_view"]),
    st.booleans(),
    st.sampled_from(["", "Call", "Fax"]),
    TEXT | st.sampled_from(["{name}", "{nobody}", "{"]),
    st.sampled_from(["Completed", "Old", ""]),
)
STAGES = st.builds(StagePair, st.sampled_from(["open", "gone"]), st.sampled_from(["New", "Gone"]))
PIPELINES = st.builds(
    PipelinePair,
    st.sampled_from(["default", "gone"]),
    st.sampled_from(["", "012"]),
    st.booleans(),
    st.lists(STAGES, max_size=3).map(tuple),
)
CHOICES = st.builds(
    Choices,
    contacts=st.builds(
        Contacts,
        st.booleans(),
        st.sampled_from(["contact", "lead", "nothing"]),
        st.sampled_from(["salesforce_wins", "review"]),
        LISTS,
        st.booleans(),
        st.builds(ContactDeletions, DELETION, DELETION, DELETION),
    ),
    companies=st.builds(Companies, st.booleans(), st.booleans(), st.booleans(), LISTS, DELETIONS),
    deals=st.builds(
        Deals,
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.lists(PIPELINES, max_size=3).map(tuple),
        st.sampled_from(["record", "one"]),
        st.integers(0, 400),
        DELETIONS,
    ),
    activities=st.builds(
        Activities,
        st.booleans(),
        st.booleans(),
        st.lists(st.sampled_from(["form_submission", "call_made"]), max_size=2).map(tuple),
        st.lists(EVENTS, max_size=4).map(tuple),
        DELETIONS,
    ),
    wanted=st.lists(WANTED, max_size=4).map(tuple),
    owners=st.lists(st.builds(OwnerPair, st.sampled_from("12"), st.just("005A")), max_size=3).map(
        tuple
    ),
    daily_salesforce_calls=st.none() | st.integers(1, 10_000),
)
FACTS = st.builds(
    Facts,
    sharing=st.integers(0, 2),
    lists=st.dictionaries(st.sampled_from(["7", "8"]), st.none()),
    owners=st.none() | st.builds(Owners, st.integers(0, 3), st.integers(0, 3)),
    sizes=st.none()
    | st.builds(
        Sizes,
        st.dictionaries(st.sampled_from(["contact", "company"]), st.integers(0, 10**7)),
        st.dictionaries(st.sampled_from(["Contact", "Account"]), st.integers(0, 10**7)),
        st.none() | st.integers(0, 10**6),
    ),
    creating=st.just(()),
    unknown=st.lists(TEXT, max_size=1).map(tuple),
)


def stored(settings: Settings) -> Settings:
    """The settings after a way through JSON, as the store and the bus take them."""
    return Settings.model_validate(json.loads(settings.model_dump_json()))


@given(choices=CHOICES)
def test_choices_come_back_from_the_contract_as_they_were(choices: Choices) -> None:
    mappings, _ = judge(choices, CATALOGUE)
    for possible in ((), mappings):
        settings = stored(settings_of(choices, possible))
        assert choices_of(settings) == in_step(choices)
        assert settings_of(choices_of(settings), possible) == settings


@given(choices=CHOICES, facts=FACTS)
def test_a_review_says_what_and_how_of_every_problem(choices: Choices, facts: Facts) -> None:
    found = review(choices, CATALOGUE, facts)
    assert len(found.errors) + len(found.warnings) == len(found.problems)
    assert all(p.code and p.where and p.what.strip() and p.fix for p in found.problems)
    assert all(statement.text.endswith((".", "!", "?")) for statement in found.statements)
    assert found == review(choices, CATALOGUE, facts)


@given(choices=CHOICES)
def test_what_has_no_error_is_possible_as_a_whole(choices: Choices) -> None:
    mappings, problems = judge(choices, CATALOGUE)
    if all(problem.severity is Severity.WARNING for problem in problems):
        assert [mapping.wanted for mapping in mappings] == list(choices.wanted)


@given(choices=CHOICES)
def test_a_page_keeps_the_other_pages(choices: Choices) -> None:
    companies = with_companies(choices, Companies(enabled=True), CATALOGUE)
    assert replace(companies, companies=choices.companies, wanted=choices.wanted) == choices
    assert companies.wanted[: len(choices.wanted)] == choices.wanted
    deals = with_deals(choices, Deals(enabled=True), CATALOGUE)
    assert replace(deals, deals=choices.deals, wanted=choices.wanted) == choices
    assert with_companies(companies, companies.companies, CATALOGUE) == companies
    assert with_deals(deals, deals.deals, CATALOGUE) == deals


@given(choices=CHOICES)
def test_old_readers_and_new_ones_are_told_the_same_events(choices: Choices) -> None:
    activities = settings_of(choices, ()).activities
    told = {key for key in BY_KEY if activities.rule_of(key) is not None}
    assert told == set(activities.timeline_events) & set(BY_KEY)


def test_the_defaults_of_all_objects_together_have_no_error() -> None:
    choices = with_companies(recommended(CATALOGUE), Companies(enabled=True), CATALOGUE)
    choices = with_deals(choices, Deals(enabled=True), CATALOGUE)
    assert choices.activities.timeline == default_table(CATALOGUE)
    assert review(choices, CATALOGUE, Facts()).errors == ()
