"""Problems of the table of pipelines and stages (facts: native 5.2)."""

from collections.abc import Iterator

from services.mapping.domain.choices import Choices, PipelinePair
from services.mapping.domain.model import Catalogue, Pipeline
from services.mapping.domain.review.found import Part, Problem, error, warning


def deal_problems(choices: Choices, catalogue: Catalogue) -> Iterator[Problem]:
    """Nothing is said of pipelines that were never read, nor of deals that are off."""
    deals = choices.deals
    if not deals.enabled:
        return
    pairs = [(index, pair) for index, pair in enumerate(deals.pipelines) if pair.sync]
    if not pairs:
        yield _error(
            "deals.pipelines",
            "Deals are on, but no pipeline is joined to a record type, so no deal would sync.",
            "Join at least one pipeline, or turn deals off.",
        )
    seen: set[tuple[str, str]] = set()
    for index, pair in pairs:
        where = f"deals.pipelines[{index}]"
        yield from _once(where, pair, seen)
        yield from _pair(where, pair, catalogue)


def _once(where: str, pair: PipelinePair, seen: set[tuple[str, str]]) -> Iterator[Problem]:
    for side, value in (("hubspot", pair.hubspot), ("salesforce", pair.salesforce)):
        if (side, value) in seen:
            yield _error(
                f"{where}.{side}",
                f"{value or 'The only record type'} is joined more than once.",
                "Keep one pair of it.",
            )
        seen.add((side, value))


def _pair(where: str, pair: PipelinePair, catalogue: Catalogue) -> Iterator[Problem]:
    sides = (
        ("hubspot", pair.hubspot, catalogue.pipelines, "HubSpot has no pipeline"),
        ("salesforce", pair.salesforce, catalogue.record_types, "Salesforce has no record type"),
    )
    for side, wanted, known, missing in sides:
        found = next((one for one in known if one.id == wanted), None)
        if found is not None:
            yield from _stages(where, side, pair, found)
        elif known:
            offered = ", ".join(f"{one.id or 'the empty one'} ({one.label})" for one in known)
            yield _error(f"{where}.{side}", f"{missing} {wanted}.", f"Use one of: {offered}.")


def _stages(where: str, side: str, pair: PipelinePair, found: Pipeline) -> Iterator[Problem]:
    named = {stage.hubspot if side == "hubspot" else stage.salesforce for stage in pair.stages}
    known = {stage.id for stage in found.stages}
    for stage in sorted(named - known):
        yield _error(
            f"{where}.stages",
            f"{found.label} has no stage {stage}.",
            f"Its stages are: {', '.join(one.id for one in found.stages)}.",
        )
    left = [stage.label for stage in found.stages if stage.id not in named]
    if left:
        yield warning(
            "stage-without-partner",
            Part.DEALS,
            f"{where}.stages",
            what=f"{len(left)} stage(s) of {found.label} have no partner: {', '.join(left)}. A "
            "record that reaches one of them waits in the list of errors.",
            fix="Join them to a stage of the other side.",
        )


def _error(where: str, what: str, fix: str) -> Problem:
    return error("pipeline-table", Part.DEALS, where, what=what, fix=fix)
