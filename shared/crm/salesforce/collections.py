"""Bulk writes with sObject Collections: 200 rows a call, answers in the order asked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from shared.crm.answers import Json, list_of, members, text
from shared.crm.bulk import Answered, write_all
from shared.crm.salesforce.complaints import complaint_from, worst
from shared.crm.salesforce.ids import id18
from shared.crm.salesforce.mapper import NAME
from shared.crm.transport import Transport
from shared.crm.writes import WriteResult, Written

COLLECTION_SIZE = 200
REASSIGNED = frozenset({"lead", "account", "case"})
"""Types whose assignment rules run on every REST write unless told otherwise (facts:
salesforce-api 2.7)."""
_ITEM_STATUS = 400


@dataclass(frozen=True, slots=True)
class Row:
    """Values of one record; None clears a field.

    `key` is the external id of an upsert, the record id of an update, and the caller's own name
    for a creation.
    """

    key: str
    values: Mapping[str, object]

    @property
    def fields(self) -> Collection[str]:
        """The fields that are written."""
        return self.values.keys()


class Collections:
    """Creates, updates and upserts records of one org. `root` is `/services/data/v66.0`."""

    def __init__(self, transport: Transport, root: str) -> None:
        self._transport = transport
        self._path = f"{root}/composite/sobjects"

    async def create(
        self, object_name: str, rows: Sequence[Row], *, allow_duplicates: bool
    ) -> dict[str, WriteResult]:
        """New records, by the caller's keys."""

        async def send(part: Sequence[Row]) -> Answered[Row]:
            records = [dict(row.values) for row in part]
            items = await self._send("POST", self._path, object_name, records, allow_duplicates)
            return _read(items, part, created=True)

        return await write_all(rows, send, size=COLLECTION_SIZE, crm=NAME)

    async def update(
        self, object_name: str, rows: Sequence[Row], *, allow_duplicates: bool
    ) -> dict[str, WriteResult]:
        """New values, by record id."""

        async def send(part: Sequence[Row]) -> Answered[Row]:
            records = [{**row.values, "Id": row.key} for row in part]
            items = await self._send("PATCH", self._path, object_name, records, allow_duplicates)
            return _read(items, part, created=False)

        return await write_all(
            rows, send, size=COLLECTION_SIZE, crm=NAME, identity=lambda row: id18(row.key)
        )

    async def upsert(
        self, object_name: str, key_field: str, rows: Sequence[Row], *, allow_duplicates: bool
    ) -> dict[str, WriteResult]:
        """Records by external id, new or not. Unique external ids ignore case."""
        path = f"{self._path}/{quote(object_name, safe='')}/{quote(key_field, safe='')}"

        async def send(part: Sequence[Row]) -> Answered[Row]:
            records = [{**row.values, key_field: row.key} for row in part]
            items = await self._send("PATCH", path, object_name, records, allow_duplicates)
            return _read(items, part, created=None)

        return await write_all(
            rows, send, size=COLLECTION_SIZE, crm=NAME, identity=lambda row: row.key.casefold()
        )

    async def _send(
        self,
        method: str,
        path: str,
        object_name: str,
        records: Sequence[Json],
        allow_duplicates: bool,  # noqa: FBT001 -- passed on, never chosen here
    ) -> list[Json]:
        typed = [{"attributes": {"type": object_name}, **record} for record in records]
        headers = {}
        if object_name.casefold() in REASSIGNED:
            headers["Sforce-Auto-Assign"] = "FALSE"
        if allow_duplicates:
            headers["Sforce-Duplicate-Rule-Header"] = "allowSave=true"
        body = {"allOrNone": False, "records": typed}
        response = await self._transport.request(method, path, json=body, headers=headers)
        return [item if isinstance(item, dict) else {} for item in list_of(response)]


def _read(items: Sequence[Json], rows: Sequence[Row], *, created: bool | None) -> Answered[Row]:
    """Results by position. An answer of another length cannot be matched: all stay unmentioned."""
    if len(items) != len(rows):
        return Answered({})
    results: dict[str, WriteResult] = {}
    for row, item in zip(rows, items, strict=True):
        result = _result(row, item, created)
        if result is not None:
            results[row.key] = result
    return Answered(results)


def _result(row: Row, item: Json, created: bool | None) -> WriteResult | None:  # noqa: FBT001
    if item.get("success") is True:
        new = item.get("created") is True if created is None else created
        return Written(row.key, text(item, "id") or row.key, new)
    errors = members(item, "errors")
    if not errors:
        return None
    complaint = complaint_from(
        worst(errors), status=_ITEM_STATUS, holder=item, values=row.values.values()
    )
    return complaint.refused(row.key)
