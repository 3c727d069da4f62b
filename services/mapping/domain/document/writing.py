"""Choices as a document: each id gets the name that it has in its CRM."""

from collections.abc import Mapping as Map
from dataclasses import replace

from services.mapping.domain.choices import Choices, OwnerPair, PipelinePair, StagePair
from services.mapping.domain.document.model import (
    Document,
    Names,
    OwnerRow,
    PipelineRow,
    Reference,
    StageRow,
)
from services.mapping.domain.model import Pipeline, Wanted
from services.mapping.domain.pages import in_step
from shared.kernel.records import ObjectType

ORDER = {object_type: place for place, object_type in enumerate(ObjectType)}


def document_of(choices: Choices, names: Names) -> Document:
    """The document of these choices, in an order that does not depend on how they were made."""
    kept = in_step(choices)
    return Document(
        choices=replace(
            kept,
            deals=replace(kept.deals, pipelines=()),
            owners=(),
            wanted=tuple(sorted(kept.wanted, key=_place)),
        ),
        pipelines=tuple(_pipeline(pair, names) for pair in kept.deals.pipelines),
        owners=tuple(_owner(pair, names) for pair in sorted(kept.owners, key=_person)),
    )


def labels(known: tuple[Pipeline, ...]) -> dict[str, str]:
    """The labels of pipelines or record types, by id."""
    return {one.id: one.label for one in known}


def stages(known: tuple[Pipeline, ...], pipeline_id: str) -> dict[str, str]:
    """The labels of the stages of one pipeline, by id."""
    found = next((one.stages for one in known if one.id == pipeline_id), ())
    return {stage.id: stage.label for stage in found}


def _place(wanted: Wanted) -> tuple[int, str, str, tuple[str, ...]]:
    kind = ORDER[wanted.object_type]
    return kind, wanted.hubspot_property, wanted.salesforce_field, wanted.salesforce_objects


def _person(pair: OwnerPair) -> tuple[str, str]:
    return pair.hubspot_owner_id, pair.salesforce_user_id


def _pipeline(pair: PipelinePair, names: Names) -> PipelineRow:
    here = stages(names.pipelines, pair.hubspot)
    there = stages(names.record_types, pair.salesforce)
    return PipelineRow(
        _named(pair.hubspot, labels(names.pipelines)),
        _named(pair.salesforce, labels(names.record_types)),
        pair.sync,
        tuple(_stage(stage, here, there) for stage in pair.stages),
    )


def _stage(stage: StagePair, here: Map[str, str], there: Map[str, str]) -> StageRow:
    return StageRow(_named(stage.hubspot, here), _named(stage.salesforce, there))


def _owner(pair: OwnerPair, names: Names) -> OwnerRow:
    return OwnerRow(
        _named(pair.hubspot_owner_id, names.hubspot_people),
        _named(pair.salesforce_user_id, names.salesforce_people),
    )


def _named(one: str, known: Map[str, str]) -> Reference:
    return Reference(one, known.get(one, ""))
