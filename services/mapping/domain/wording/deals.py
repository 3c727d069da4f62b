"""The table of pipelines and stages."""

from collections.abc import Iterator

from services.mapping.domain.choices import Deals, PipelinePair, StagePair
from services.mapping.domain.review import Part
from services.mapping.domain.wording.changes import Change, change, from_to, matched
from services.mapping.domain.wording.labels import Labels


def pipelines(before: Deals, after: Deals, labels: Labels) -> Iterator[Change]:
    """Row by row, by the deal pipeline; its stages one by one."""
    for old, new in matched(before.pipelines, after.pipelines, lambda pair: pair.hubspot):
        pair = new or old
        if pair is None:
            continue
        where = f"deals.pipelines[{pair.hubspot}]"
        subject = f"Pipeline {labels.pipeline(pair.hubspot)}"
        if old is None or new is None:
            verb = "joined to" if old is None else "not joined any more to"
            text = f"{subject}: {verb} {labels.record_type(pair.salesforce)}."
            yield change(Part.DEALS, where, text, old, new)
        else:
            yield from _row(subject, where, old, new, labels)


def _row(
    subject: str, where: str, old: PipelinePair, new: PipelinePair, labels: Labels
) -> Iterator[Change]:
    if old.salesforce != new.salesforce:
        names = labels.record_type(old.salesforce), labels.record_type(new.salesforce)
        text = from_to(f"{subject}: record type", *names)
        yield change(Part.DEALS, f"{where}.salesforce", text, old.salesforce, new.salesforce)
    if old.sync != new.sync:
        text = from_to(f"{subject}: sync", old.sync, new.sync)
        yield change(Part.DEALS, f"{where}.sync", text, old.sync, new.sync)
    for here, there in matched(old.stages, new.stages, lambda stage: stage.hubspot):
        yield from _stage(subject, where, new.hubspot, here, there, labels)


def _stage(  # noqa: PLR0917 -- where it is, and both sides of it
    subject: str,
    where: str,
    pipeline: str,
    old: StagePair | None,
    new: StagePair | None,
    labels: Labels,
) -> Iterator[Change]:
    stage = new or old
    if stage is None:
        return
    name = f"{subject}: stage {labels.stage(pipeline, stage.hubspot)}"
    if new is None:
        text = f"{name} is not joined to {stage.salesforce} any more."
    elif old is None:
        text = f"{name} is joined to {stage.salesforce}."
    else:
        text = from_to(name, old.salesforce, new.salesforce)
    yield change(Part.DEALS, f"{where}.stages[{stage.hubspot}]", text, old, new)
