"""What the pages of the advanced setup bring along."""

from dataclasses import replace

from services.mapping.domain.choices import (
    Activities,
    Choices,
    Companies,
    Deals,
    PipelinePair,
    StagePair,
    TimelineRule,
)
from services.mapping.domain.model import Pipeline, Rule, Stage, Wanted
from services.mapping.domain.pages import (
    in_step,
    recommended,
    suggested_pipelines,
    with_companies,
    with_deals,
)
from shared.kernel.records import ObjectType
from tests.unit.mapping.review.samples import full

MINE = Wanted("phone", "Phone", Rule.DONT_SYNC, ("Account",), ObjectType.COMPANY)


def named(choices: Choices, object_type: ObjectType) -> list[str]:
    return [w.hubspot_property for w in choices.wanted if w.object_type is object_type]


def test_recommended_are_contacts_and_tasks_only() -> None:
    start = recommended(full())
    assert {wanted.object_type for wanted in start.wanted} == {ObjectType.CONTACT}
    assert not start.companies.enabled
    assert not start.deals.enabled
    assert start.activities.timeline_events == ("form_submission",)


def test_companies_that_are_turned_on_get_their_defaults_once() -> None:
    on = with_companies(Choices(), Companies(enabled=True), full())
    assert named(on, ObjectType.COMPANY) == ["name", "phone"]
    again = with_companies(on, Companies(enabled=True, create_in_hubspot=False), full())
    assert again.wanted == on.wanted
    mine = with_companies(Choices(wanted=(MINE,)), Companies(enabled=True), full())
    assert mine.wanted == (MINE,)


def test_companies_that_stay_off_get_nothing_and_keep_what_they_have() -> None:
    assert with_companies(Choices(), Companies(), full()).wanted == ()
    assert with_companies(Choices(wanted=(MINE,)), Companies(), full()).wanted == (MINE,)


def test_deals_that_are_turned_on_get_mappings_and_pipelines() -> None:
    on = with_deals(Choices(), Deals(enabled=True), full())
    assert named(on, ObjectType.DEAL) == ["dealname", "amount", "closedate"]
    pair = PipelinePair("default", "", stages=(StagePair("closedwon", "Closed Won"),))
    assert on.deals.pipelines == (pair,)
    mine = (PipelinePair("default", "", sync=False),)
    assert (
        with_deals(Choices(), Deals(enabled=True, pipelines=mine), full()).deals.pipelines == mine
    )
    assert with_deals(Choices(), Deals(), full()) == Choices()


def test_pipelines_are_paired_by_name() -> None:
    stages = (Stage("1", "Won!"),)
    catalogue = replace(
        full(),
        pipelines=(Pipeline("a", "New business"), Pipeline("b", "Renewals", stages)),
        record_types=(Pipeline("012A", "Renewals", (Stage("Won", "won"),)), Pipeline("012B", "?")),
    )
    assert suggested_pipelines(catalogue) == (
        PipelinePair("b", "012A", stages=(StagePair("1", "Won"),)),
    )
    assert suggested_pipelines(replace(catalogue, record_types=())) == ()


def test_readers_without_a_table_are_kept_in_step() -> None:
    rules = (TimelineRule("call_made"), TimelineRule("note_created", sync=False))
    moved = in_step(Choices(activities=Activities(timeline=rules)))
    assert moved.activities.timeline_events == ("call_made",)
    assert in_step(moved) == moved
    assert in_step(Choices()) == Choices()
