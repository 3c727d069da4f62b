"""The pipelines of deals and their stages (facts: hubspot-api 6)."""

from dataclasses import dataclass

from shared.crm.answers import Json, member, members, object_of, text
from shared.crm.hubspot.paths import Paths
from shared.crm.transport import Transport


@dataclass(frozen=True, slots=True)
class PipelineStage:
    """One stage; `probability` lies between 0 and 1, None when HubSpot tells none."""

    id: str
    label: str
    probability: float | None
    closed: bool


@dataclass(frozen=True, slots=True)
class DealPipeline:
    """One pipeline with its stages in the order of the board."""

    id: str
    label: str
    stages: tuple[PipelineStage, ...]


async def list_pipelines(
    transport: Transport, paths: Paths, object_name: str
) -> list[DealPipeline]:
    """See HubSpotClient.pipelines."""
    body = object_of(await transport.request("GET", paths.pipelines(object_name)))
    return [
        DealPipeline(
            id=text(found, "id"),
            label=text(found, "label"),
            stages=tuple(_stage(one) for one in _live(members(found, "stages"))),
        )
        for found in _live(members(body, "results"))
    ]


def _live(items: list[Json]) -> list[Json]:
    """What is not archived, in the order that people see."""
    live = [item for item in items if item.get("archived") is not True]
    return sorted(live, key=_order)


def _order(item: Json) -> tuple[int, str]:
    place = item.get("displayOrder")
    return (place if isinstance(place, int) else 0, text(item, "label"))


def _stage(found: Json) -> PipelineStage:
    told = member(found, "metadata")
    return PipelineStage(
        id=text(found, "id"),
        label=text(found, "label"),
        probability=_fraction(text(told, "probability")),
        closed=text(told, "isClosed") == "true",
    )


def _fraction(told: str) -> float | None:
    """HubSpot writes the values of `metadata` as text, "0.2"."""
    try:
        value = float(told)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None
