"""Differences as the API shows them, and what became of an import."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from services.mapping.api.models import VersionView, version_view
from services.mapping.api.review_views import ProblemView, problem_view
from services.mapping.domain.review import Part
from services.mapping.domain.wording import Change, Kind
from services.mapping.handlers.documents import Imported, Stored
from services.mapping.handlers.history import Comparison


class ChangeView(BaseModel):
    """One difference: `text` for people; `where`, `before` and `after` for programs."""

    kind: Kind
    where: str
    text: str
    before: Any = Field(description="null where it is not there")
    after: Any = Field(description="null where it is not there")


class PartView(BaseModel):
    """The differences of one part of the settings."""

    part: Part
    changes: list[ChangeView]


class ComparisonView(BaseModel):
    """What differs from `before` to `after`; `same` when nothing does."""

    before: VersionView
    after: VersionView
    same: bool
    parts: list[PartView]


class UnresolvedView(BaseModel):
    """A name of the file that means nothing here, where, and what to do."""

    where: str
    what: str
    fix: str


class ImportView(BaseModel):
    """What a file means here. `stored`: what became of it (nothing, draft, version).

    `parts` are the differences to what is there, `problems` what the fields of both CRMs say of
    it, `creating` the HubSpot properties that are made for it.
    """

    dry_run: bool
    stored: Stored
    same: bool
    parts: list[PartView]
    unresolved: list[UnresolvedView]
    problems: list[ProblemView]
    creating: list[str]


def part_views(changes: Sequence[Change]) -> list[PartView]:
    """Grouped by part, in the order of the parts."""
    return [
        PartView(
            part=part,
            changes=[
                ChangeView(
                    kind=one.kind,
                    where=one.where,
                    text=one.text,
                    before=one.before,
                    after=one.after,
                )
                for one in changes
                if one.part is part
            ],
        )
        for part in dict.fromkeys(one.part for one in changes)
    ]


def comparison_view(found: Comparison) -> ComparisonView:
    """Two versions compared."""
    return ComparisonView(
        before=version_view(found.before),
        after=version_view(found.after),
        same=not found.changes,
        parts=part_views(found.changes),
    )


def import_view(found: Imported, *, dry_run: bool) -> ImportView:
    """What became of an import."""
    seen = found.outlook
    return ImportView(
        dry_run=dry_run,
        stored=found.stored,
        same=not seen.changes,
        parts=part_views(seen.changes),
        unresolved=[
            UnresolvedView(where=one.where, what=one.what, fix=one.fix) for one in found.unresolved
        ],
        problems=[problem_view(problem) for problem in seen.problems],
        creating=list(seen.creating),
    )
