"""The pipelines of deals and their stages (facts: section 6)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.simulators.hubspot.catalogue import DEAL_STAGES
from tests.simulators.hubspot.definitions import Option
from tests.simulators.hubspot.errors import HubSpotError, bad_request, error, not_found
from tests.simulators.hubspot.model import Json
from tests.simulators.hubspot.object_types import DEAL
from tests.simulators.hubspot.registry import PropertyRegistry
from tests.simulators.hubspot.store import RecordStore
from tests.simulators.hubspot.wire import iso
from tests.simulators.machinery.numbers import Numbers

FIRST_ID = 900_001
"""Ids of what a user makes are numbers as text, unlike those that HubSpot ships (facts)."""
MAX_STAGES = 100
PROBABILITIES = ("0.2", "0.4", "0.6", "0.8", "0.9", "1.0", "0.0")
STAGE_LABELS = (
    "Appointment Scheduled",
    "Qualified To Buy",
    "Presentation Scheduled",
    "Decision Maker Bought-In",
    "Contract Sent",
    "Closed Won",
    "Closed Lost",
)


@dataclass(slots=True)
class Stage:
    """One step of a pipeline; times in epoch ms, 0 for what HubSpot ships."""

    id: str
    label: str
    order: int
    probability: str
    created_at: int = 0
    updated_at: int = 0

    @property
    def closes(self) -> bool | None:
        """Whether a deal here is won (True) or lost (False); None while it is open."""
        return {Decimal(1): True, Decimal(0): False}.get(Decimal(self.probability))

    def as_json(self) -> Json:
        """The wire shape; the values of ``metadata`` are text."""
        return {
            "id": self.id,
            "label": self.label,
            "displayOrder": self.order,
            "metadata": {
                "probability": self.probability,
                "isClosed": str(self.closes is not None).lower(),
            },
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            "archived": False,
            "createdAt": iso(self.created_at),
            "updatedAt": iso(self.updated_at),
        }


@dataclass(slots=True)
class Pipeline:
    """A way that deals go."""

    id: str
    label: str
    order: int
    stages: list[Stage] = field(default_factory=list)
    created_at: int = 0
    updated_at: int = 0

    def as_json(self) -> Json:
        """The wire shape, with the stages in their order."""
        ordered = sorted(self.stages, key=lambda one: (one.order, one.label))
        return {
            "id": self.id,
            "label": self.label,
            "displayOrder": self.order,
            "stages": [one.as_json() for one in ordered],
            "archived": False,
            "createdAt": iso(self.created_at),
            "updatedAt": iso(self.updated_at),
        }

    def stage(self, stage_id: str) -> Stage:
        """One stage. HubSpotError 404 without it."""
        for one in self.stages:
            if one.id == stage_id:
                return one
        raise not_found()


class Pipelines:
    """All pipelines; the options of ``pipeline`` and ``dealstage`` follow them."""

    def __init__(
        self, store: RecordStore, registry: PropertyRegistry, now: Callable[[], int]
    ) -> None:
        self._store = store
        self._registry = registry
        self._now = now
        self._ids = Numbers(FIRST_ID)
        rows = zip(DEAL_STAGES, STAGE_LABELS, PROBABILITIES, strict=True)
        stages = [Stage(name, label, at, odds) for at, (name, label, odds) in enumerate(rows)]
        self._pipelines = {"default": Pipeline("default", "Sales Pipeline", 0, stages)}
        self._tell()

    def listed(self) -> list[Pipeline]:
        """All of them in their order."""
        return sorted(self._pipelines.values(), key=lambda one: (one.order, one.label))

    def find(self, pipeline_id: str) -> Pipeline:
        """One of them. HubSpotError 404 without it."""
        if pipeline_id not in self._pipelines:
            raise not_found()
        return self._pipelines[pipeline_id]

    def create(self, body: Json) -> Pipeline:
        """A new pipeline. HubSpotError 400 for a bad definition."""
        pipeline_id = str(body.get("pipelineId") or next(self._ids))
        if pipeline_id in self._pipelines:
            raise error(400, f"A pipeline with the id {pipeline_id} already exists")
        made = Pipeline(pipeline_id, "", 0, [], self._now(), self._now())
        self._rewrite(made, body, whole=True)
        self._pipelines[pipeline_id] = made
        self._tell()
        return made

    def change(
        self, pipeline_id: str, body: Json, *, whole: bool = False, safely: bool = False
    ) -> Pipeline:
        """The pipeline with the given parts; ``whole`` replaces it, its stages too.

        HubSpotError 400 for a bad definition, and if ``safely`` for a lost stage that is in use.
        """
        found = self.find(pipeline_id)
        draft = replace(found, stages=list(found.stages))
        self._rewrite(draft, body, whole=whole)
        if safely:
            kept = {one.id for one in draft.stages}
            self._check_unused(one for one in found.stages if one.id not in kept)
        draft.updated_at = self._now()
        self._pipelines[pipeline_id] = draft
        self._tell()
        return draft

    def _rewrite(self, pipeline: Pipeline, body: Json, *, whole: bool) -> None:
        pipeline.label = str(body.get("label") or ("" if whole else pipeline.label)).strip()
        pipeline.order = _order(body, pipeline.order)
        if not pipeline.label:
            raise error(400, "A pipeline needs a label")
        if any(
            one.label == pipeline.label and one.id != pipeline.id
            for one in self._pipelines.values()
        ):
            raise error(400, f"A pipeline with the label '{pipeline.label}' already exists")
        if whole:
            known = {one.id: one for one in pipeline.stages}
            pipeline.stages = []
            for raw in body.get("stages") or ():
                if not isinstance(raw, dict):
                    raise bad_request()
                self._put(pipeline, raw, known.get(str(raw.get("stageId"))))

    def delete(self, pipeline_id: str, *, safely: bool) -> None:
        """Gone, with its stages. HubSpotError 400 if ``safely`` and a deal is in one of them."""
        found = self.find(pipeline_id)
        if safely:
            self._check_unused(found.stages)
        del self._pipelines[pipeline_id]
        self._tell()

    def add_stage(self, pipeline_id: str, body: Json) -> Stage:
        """A new stage. HubSpotError 400 for a bad definition."""
        made = self._put(self.find(pipeline_id), body, None)
        self._tell()
        return made

    def change_stage(self, pipeline_id: str, stage_id: str, body: Json) -> Stage:
        """The stage with the given parts."""
        pipeline = self.find(pipeline_id)
        stage = pipeline.stage(stage_id)
        changed = self._put(replace(pipeline, stages=list(pipeline.stages)), body, stage)
        pipeline.stages[pipeline.stages.index(stage)] = changed
        self._tell()
        return changed

    def delete_stage(self, pipeline_id: str, stage_id: str, *, safely: bool) -> None:
        """Gone. HubSpotError 400 if ``safely`` and a deal is in it."""
        pipeline = self.find(pipeline_id)
        stage = pipeline.stage(stage_id)
        if safely:
            self._check_unused([stage])
        pipeline.stages.remove(stage)
        self._tell()

    def _put(self, pipeline: Pipeline, raw: Json, old: Stage | None) -> Stage:
        """Check a stage and put it among the others, in the place of ``old``."""
        label = str(raw.get("label") or (old.label if old else "")).strip()
        others = [one for one in pipeline.stages if old is None or one.id != old.id]
        if not label or any(one.label == label for one in others):
            raise error(400, f"A stage needs a label that is unique in its pipeline, not '{label}'")
        if len(others) >= MAX_STAGES:
            raise error(400, f"A pipeline has {MAX_STAGES} stages at most")
        given = (raw.get("metadata") or {}).get("probability")
        odds = old.probability if old and given is None else _probability(given)
        now = self._now()
        stage_id = old.id if old else str(raw.get("stageId") or next(self._ids))
        made = Stage(stage_id, label, _order(raw, old.order if old else 0), odds, now, now)
        if old is not None:
            made.created_at = old.created_at
        pipeline.stages = [*others, made]
        return made

    def _check_unused(self, stages: Iterable[Stage]) -> None:
        used = {record.values.get("dealstage") for record in self._store.live(DEAL).values()}
        for stage in stages:
            if stage.id in used:
                raise _in_use(stage)

    def _tell(self) -> None:
        """Let property options and the closing of deals follow the stages."""
        pipelines = self.listed()
        stages = [stage for pipeline in pipelines for stage in pipeline.stages]
        known = self._registry.of(DEAL)
        known["pipeline"] = replace(known["pipeline"], options=_options(pipelines))
        known["dealstage"] = replace(known["dealstage"], options=_options(stages))
        self._store.closing = {one.id: one.closes for one in stages if one.closes is not None}


def _options(found: Iterable[Pipeline | Stage]) -> tuple[Option, ...]:
    return tuple(Option(one.label, one.id, order) for order, one in enumerate(found))


def _order(body: Json, default: int) -> int:
    try:
        return int(body.get("displayOrder", default))
    except (ValueError, TypeError):
        raise bad_request() from None


def _probability(given: Any) -> str:
    try:
        odds = Decimal(str(given))
    except InvalidOperation:
        odds = Decimal(-1)
    if not 0 <= odds <= 1:
        raise error(400, "A stage of deals needs metadata with a probability from 0.0 to 1.0")
    return str(given)


def _in_use(stage: Stage) -> HubSpotError:
    """The text is not published, the subcategory is (facts: section 6)."""
    message = f"Stage {stage.id} is still in use"
    return error(400, message, subCategory="PipelineError.STAGE_ID_IN_USE")
