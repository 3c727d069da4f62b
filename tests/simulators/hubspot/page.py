"""What the pages of the portal show."""

from collections.abc import Mapping
from itertools import islice

from tests.simulators.hubspot.model import ObjectType, Record
from tests.simulators.hubspot.object_types import OBJECT_TYPES, object_type
from tests.simulators.hubspot.portal import Portal
from tests.simulators.machinery.pages.views import (
    Happened,
    ObjectTable,
    Overview,
    Quota,
    RecordView,
    Related,
    Row,
)

LATEST = 10
"""Records of each type on the first page, and endpoints."""
PAGE = 100
"""Records of a page of one type."""
MOST = 100
"""Associations and versions on a record's page."""
COLUMNS: dict[str, tuple[str, ...]] = {
    "contacts": ("firstname", "lastname", "email", "company", "lifecyclestage"),
    "companies": ("name", "domain", "city", "country"),
    "deals": ("dealname", "dealstage", "amount", "closedate"),
    "tasks": ("hs_task_subject", "hs_task_status", "hs_timestamp"),
    "notes": ("hs_note_body", "hs_timestamp"),
    "calls": ("hs_call_title", "hs_call_status", "hs_timestamp"),
    "emails": ("hs_email_subject", "hs_email_direction", "hs_timestamp"),
    "meetings": ("hs_meeting_title", "hs_meeting_outcome", "hs_timestamp"),
}


class PortalPages:
    """The portal as people look at it."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def overview(self) -> Overview:
        """Counts, the latest records and calls, and what is used of the limits."""
        machinery = self._portal.machinery
        settings = self._portal.settings
        return Overview(
            title=f"Simulated HubSpot portal {settings.portal_id}",
            facts=[
                ("app", str(settings.app_id)),
                ("webhooks to", self._portal.sender.url or "nobody"),
                ("webhook events waiting", str(self._portal.sender.quiet()["pending_webhooks"])),
                ("clock ahead by", f"{machinery.clock.ahead_seconds:.0f} s"),
            ],
            tables=[self._table(kind, LATEST) for kind in OBJECT_TYPES],
            quotas=[Quota(*one) for one in self._portal.limits.used()],
            endpoints=machinery.calls.most_used(LATEST),
            total=machinery.calls.total,
            calls=machinery.recent.latest(),
        )

    def table(self, object_name: str, after: str) -> ObjectTable | None:
        """One page of a type, newest ids first."""
        kind = object_type(object_name)
        if kind is None:
            return None
        return self._table(kind, PAGE, int(after) if after.isdecimal() else None)

    def _table(self, kind: ObjectType, most: int, before: int | None = None) -> ObjectTable:
        live = self._portal.store.live(kind)
        older = (one for one in reversed(live.values()) if before is None or one.id < before)
        records = list(islice(older, most + 1))
        rows = [_row(one) for one in records[:most]]
        more = f"/records/{kind.plural}?after={rows[-1].id}" if len(records) > most else ""
        binned = len(self._portal.store.archived(kind))
        return ObjectTable(kind.plural, len(live), binned, COLUMNS[kind.plural], rows, more)

    def record(self, object_name: str, record_id: str) -> RecordView | None:
        """All values of a record, what each was before, and what belongs to it."""
        kind = object_type(object_name)
        record = None if kind is None else self._find(kind, record_id)
        if record is None:
            return None
        row = _row(record)
        return RecordView(
            title=" · ".join(cell for cell in row.cells if cell) or f"{row.object} {row.id}",
            row=row,
            state="live" if record.archived_at is None else "in the recycle bin",
            fields=sorted(record.values.items()),
            history=self._history(record),
            changes=self._changes(record),
            related=self._related(record),
        )

    def _find(self, kind: ObjectType, record_id: str) -> Record | None:
        if not record_id.isdecimal():
            return None
        store, number = self._portal.store, int(record_id)
        return store.resolve(kind, number) or store.archived(kind).get(number)

    def _related(self, record: Record) -> list[Related]:
        found = []
        for association, other_id in self._portal.associations.some(record, MOST):
            other = self._find(association.target, str(other_id))
            if other is not None:
                meaning = association.label or association.name
                found.append(Related(meaning, _row(other)))
        return found

    @staticmethod
    def _history(record: Record) -> list[Happened]:
        told = [
            Happened(version.at, name, version.value, _who(version.origin.source))
            for name in dict.fromkeys((*record.values, *record.history))
            for version in record.versions(name)[-MOST:]
        ]
        return sorted(told, key=lambda one: (-one.at, one.what))[:MOST]

    def _changes(self, record: Record) -> list[Happened]:
        log = self._portal.machinery.changes
        found = log.latest_of(record.type.plural, str(record.id))[:MOST]
        return [Happened(one.at, one.kind, ", ".join(one.fields), one.by) for one in found]


def _row(record: Record) -> Row:
    name = record.type.plural
    return Row(name, str(record.id), _cells(record.values, COLUMNS[name]))


def _cells(values: Mapping[str, str], names: tuple[str, ...]) -> list[str]:
    return [values.get(name, "") for name in names]


def _who(source: str) -> str:
    return source.lower().replace("_", " ")
