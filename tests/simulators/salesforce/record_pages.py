"""What the pages of the org show."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from tests.simulators.machinery.pages.views import (
    Happened,
    ObjectTable,
    Overview,
    Quota,
    RecordView,
    Related,
    Row,
)
from tests.simulators.salesforce.ids import long_form
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.schema.objects import ObjectType
from tests.simulators.salesforce.store import Record

LATEST = 10
"""Records of each object on the first page, and endpoints."""
PAGE = 100
"""Records of a page of one object."""
MOST = 100
"""Related records and changes on a record's page."""
LOOKED_AT = 10_000
"""Records that the first page looks through for live ones: the newest may all be in the bin."""
PREFIX = 3
FIRST = ("Account", "Contact", "Lead", "Opportunity", "Task")
"""Objects that are shown even without records; the others once they have some."""
COLUMNS: dict[str, tuple[str, ...]] = {
    "Account": ("Name", "Website", "BillingCity", "BillingCountry"),
    "Contact": ("Name", "Email", "Title", "MailingCity"),
    "Lead": ("Name", "Company", "Email", "Status"),
    "Opportunity": ("Name", "StageName", "Amount", "CloseDate"),
    "Task": ("Subject", "Status", "Priority", "ActivityDate"),
}
OTHER_COLUMNS = ("Name",)


class OrgPages:
    """The org as people look at it."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def overview(self) -> Overview:
        """Counts, the latest records and calls, and what is used of the limits."""
        machinery, settings = self._org.machinery, self._org.settings
        now = self._org.clock.seconds()
        bulk = self._org.bulk.use()
        kinds = {one.name: one for one in self._org.catalogue.objects()}
        names = dict.fromkeys((*FIRST, *kinds))
        tables = [self._table(kinds[name], LATEST, LOOKED_AT) for name in names if name in kinds]
        return Overview(
            title=f"Simulated Salesforce org {settings.org_id}",
            facts=[
                ("a", "sandbox" if settings.sandbox else "production org"),
                ("messages waiting", str(self._org.outbound.quiet()["pending_webhooks"])),
                ("clock ahead by", f"{machinery.clock.ahead_seconds:.0f} s"),
            ],
            tables=[one for one in tables if one.count or one.binned or one.name in FIRST],
            quotas=[
                Quota("API calls in 24 h", self._org.limit.used(now), self._daily()),
                Quota("bulk batches in 24 h", bulk.batches, bulk.max_batches),
                Quota("bulk query jobs in 24 h", bulk.query_jobs, bulk.max_query_jobs),
            ],
            endpoints=machinery.calls.most_used(LATEST),
            total=machinery.calls.total,
            calls=machinery.recent.latest(),
        )

    def _daily(self) -> int:
        return self._org.switches.daily_limit

    def table(self, object_name: str, after: str) -> ObjectTable | None:
        """One page of an object, newest ids first."""
        kind = self._org.catalogue.get(object_name)
        return None if kind is None else self._table(kind, PAGE, None, after)

    def _table(
        self, kind: ObjectType, most: int, looked_at: int | None, before: str = ""
    ) -> ObjectTable:
        table = self._org.store.table(kind.name)
        newest = islice(reversed(table.records.values()), looked_at)
        live = (one for one in newest if one.deleted_at is None and (not before or one.id < before))
        found = list(islice(live, most + 1))
        rows = [_row(one) for one in found[:most]]
        more = f"/records/{kind.name}?after={rows[-1].id}" if len(found) > most else ""
        columns = COLUMNS.get(kind.name, OTHER_COLUMNS)
        count = len(table.records) - table.binned
        return ObjectTable(kind.name, count, table.binned, columns, rows, more)

    def record(self, object_name: str, record_id: str) -> RecordView | None:
        """All fields of a record, and the records that it points at or that point at it."""
        kind = self._org.catalogue.get(object_name)
        found = None if kind is None else self._org.store.get(kind.name, long_form(record_id) or "")
        if kind is None or found is None:
            return None
        row = _row(found)
        changes = self._org.machinery.changes.latest_of(found.object, found.id)[:MOST]
        related = [*self._parents(kind, found), *self._children(found)]
        return RecordView(
            title=" · ".join(cell for cell in row.cells if cell) or f"{row.object} {row.id}",
            row=row,
            state="live" if found.deleted_at is None else "in the recycle bin",
            fields=[(name, _text(found.fields[name])) for name in sorted(found.fields)],
            changes=[Happened(one.at, one.kind, ", ".join(one.fields), one.by) for one in changes],
            related=list(islice(related, MOST)),
        )

    def _parents(self, kind: ObjectType, record: Record) -> Iterator[Related]:
        for field in kind.fields.values():
            value = record.fields.get(field.name)
            if field.type == "reference" and isinstance(value, str):
                target = self._org.catalogue.by_prefix(value[:PREFIX])
                other = None if target is None else self._org.store.get(target.name, value)
                if other is not None:
                    yield Related(field.name, _row(other))

    def _children(self, record: Record) -> Iterator[Related]:
        for kind in self._org.catalogue.objects():
            table = self._org.store.table(kind.name)
            for field in kind.fields.values():
                if field.type == "reference" and record.object in field.refers:
                    for other in table.some(field.name, record.id, MOST):
                        yield Related(f"{kind.name}.{field.name}", _row(other))


def _row(record: Record) -> Row:
    names = COLUMNS.get(record.object, OTHER_COLUMNS)
    return Row(record.object, record.id, [_text(record.fields.get(name)) for name in names])


def _text(value: Any) -> str:
    return "" if value is None else str(value)
