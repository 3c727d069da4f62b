"""What changed in the CRMs, as the API shows it."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from services.mapping.api.field_views import UnreadView
from services.mapping.domain.changes import Kind
from services.mapping.domain.drift import What
from services.mapping.domain.hits import Effect, Finding, Hit
from services.mapping.domain.kept import KeptReport, Refresh
from shared.kernel.records import ObjectType, Side


class HitView(BaseModel):
    """A mapping that a change hits, and what that means; no property where none fills a field."""

    effect: Effect
    object_type: ObjectType
    hubspot_property: str
    salesforce_field: str
    text: str

    @classmethod
    def of(cls, hit: Hit) -> Self:
        """One hit."""
        return cls(
            effect=hit.effect,
            object_type=hit.object_type,
            hubspot_property=hit.hubspot_property,
            salesforce_field=hit.salesforce_field,
            text=hit.text,
        )


class FindingView(BaseModel):
    """One change in a CRM. `name` is that of the field or the id of the pipeline."""

    side: Side
    object_name: str
    what: What
    name: str
    label: str
    change: Kind
    detail: str
    values: list[str]
    hits: list[HitView]

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """One finding."""
        return cls(
            side=finding.place.side,
            object_name=finding.place.object_name,
            what=finding.place.what,
            name=finding.place.name,
            label=finding.label,
            change=finding.kind,
            detail=finding.detail,
            values=list(finding.values),
            hits=[HitView.of(hit) for hit in finding.hits],
        )


class ReportView(BaseModel):
    """What one reading of the fields found against the one before; `more` were left out."""

    found_at: datetime
    version: int
    findings: list[FindingView]
    more: int

    @classmethod
    def of(cls, kept: KeptReport) -> Self:
        """One report."""
        return cls(
            found_at=kept.found_at,
            version=kept.version,
            findings=[FindingView.of(finding) for finding in kept.report.findings],
            more=kept.report.more,
        )


class DriftView(BaseModel):
    """When the fields were read, what still stands of what was found, and the reports.

    `problem` is why the last reading failed; the next one is at `next_at`. All three are empty
    until the daily reading has begun.
    """

    read_at: datetime | None
    next_at: datetime | None
    problem: str
    standing: list[FindingView]
    unread: list[UnreadView]
    items: list[ReportView]
    next_cursor: str | None

    @classmethod
    def of(
        cls, refresh: Refresh | None, version: int, reports: list[KeptReport], cursor: str | None
    ) -> Self:
        """What is known of the newest version's mappings."""
        standing = refresh.standing if refresh is not None else None
        current = standing is not None and standing.version == version
        return cls(
            read_at=refresh.read_at if refresh else None,
            next_at=refresh.due_at if refresh else None,
            problem=refresh.problem if refresh else "",
            standing=[FindingView.of(f) for f in standing.findings] if standing and current else [],
            unread=[UnreadView.of(one) for one in standing.unread] if standing else [],
            items=[ReportView.of(one) for one in reports],
            next_cursor=cursor,
        )
