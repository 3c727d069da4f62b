"""What a page of the advanced setup changes, and what it brings along when it turns a type on."""

from dataclasses import replace

from services.mapping.domain.choices import Choices, Companies, Deals, PipelinePair, StagePair
from services.mapping.domain.model import Catalogue, Pipeline
from services.mapping.domain.recommend import recommend
from services.mapping.domain.timeline import default_table, told_events
from shared.kernel.records import ObjectType


def recommended(catalogue: Catalogue) -> Choices:
    """Contacts and tasks, with the mappings that fit.

    Companies and deals are off: each is turned on by itself (facts: native 1.2).
    """
    mappings = recommend(catalogue).mappings
    start = Choices(wanted=tuple(mapping.wanted for mapping in mappings))
    return in_step(
        replace(start, activities=replace(start.activities, timeline=default_table(catalogue)))
    )


def in_step(choices: Choices) -> Choices:
    """`timeline_events` says what the timeline table does, for readers that know no table."""
    told = told_events(choices.activities)
    return replace(choices, activities=replace(choices.activities, timeline_events=told))


def with_companies(choices: Choices, companies: Companies, catalogue: Catalogue) -> Choices:
    """The page of companies; turned on without mappings, they get the defaults."""
    changed = replace(choices, companies=companies)
    return _mapped(changed, ObjectType.COMPANY, catalogue) if companies.enabled else changed


def with_deals(choices: Choices, deals: Deals, catalogue: Catalogue) -> Choices:
    """The page of deals; turned on without mappings or pipelines, they get what fits."""
    if not deals.enabled:
        return replace(choices, deals=deals)
    table = deals.pipelines or suggested_pipelines(catalogue)
    changed = replace(choices, deals=replace(deals, pipelines=table))
    return _mapped(changed, ObjectType.DEAL, catalogue)


def _mapped(choices: Choices, object_type: ObjectType, catalogue: Catalogue) -> Choices:
    if any(wanted.object_type is object_type for wanted in choices.wanted):
        return choices
    added = (mapping.wanted for mapping in recommend(catalogue, object_type).mappings)
    return replace(choices, wanted=(*choices.wanted, *added))


def suggested_pipelines(catalogue: Catalogue) -> tuple[PipelinePair, ...]:
    """Pipelines and record types of one name, or the only ones there are; stages of one name."""
    pipelines, types = catalogue.pipelines, catalogue.record_types
    if len(pipelines) == len(types) == 1:
        return (_paired(pipelines[0], types[0]),)
    by_name = {_name(one.label): one for one in types}
    return tuple(
        _paired(one, by_name[_name(one.label)]) for one in pipelines if _name(one.label) in by_name
    )


def _paired(pipeline: Pipeline, record_type: Pipeline) -> PipelinePair:
    by_name = {_name(stage.label): stage.id for stage in record_type.stages}
    stages = tuple(
        StagePair(stage.id, by_name[_name(stage.label)])
        for stage in pipeline.stages
        if _name(stage.label) in by_name
    )
    return PipelinePair(pipeline.id, record_type.id, stages=stages)


def _name(label: str) -> str:
    """Without case, spaces and signs: "Closed Won" is "closedwon"."""
    return "".join(char for char in label.casefold() if char.isalnum())
