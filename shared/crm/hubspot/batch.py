"""Bulk writes: batches of 100 whose results come back shuffled, or not at all.

Every input carries an objectWriteTraceId: with it HubSpot writes the good ones and answers 207,
without it one bad input refuses them all (facts: hubspot-api 3).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from shared.crm.answers import Json, member, members, object_of, text
from shared.crm.bulk import Answered, Keyed, write_all
from shared.crm.errors import Complaint
from shared.crm.hubspot.complaints import complaint_from, record_ids, trace_ids
from shared.crm.hubspot.mapper import NAME
from shared.crm.hubspot.paths import Paths
from shared.crm.hubspot.reading import identity_of
from shared.crm.hubspot.rows import CreateInput, UpdateInput, UpsertInput, wire
from shared.crm.transport import Transport
from shared.crm.writes import WriteResult, Written

BATCH_SIZE = 100
_ITEM_STATUS = 400
"""An entry of `errors` has no HTTP status; it is always the input that was refused."""
Row = TypeVar("Row", bound=Keyed)


class Batches:
    """Creates, updates and upserts records of one portal."""

    def __init__(self, transport: Transport, paths: Paths) -> None:
        self._transport = transport
        self._paths = paths

    async def create(
        self, object_name: str, inputs: Sequence[CreateInput]
    ) -> dict[str, WriteResult]:
        """New records."""
        path = self._paths.objects(object_name, "batch", "create")

        async def send(rows: Sequence[CreateInput]) -> Answered[CreateInput]:
            body = await self._post(path, [_creation(row) for row in rows])
            return read_results(body, rows, {}, created=lambda _result: True)

        return await write_all(inputs, send, size=BATCH_SIZE, crm=NAME)

    async def update(
        self, object_name: str, inputs: Sequence[UpdateInput]
    ) -> dict[str, WriteResult]:
        """New values of records that exist."""
        path = self._paths.objects(object_name, "batch", "update")

        async def send(rows: Sequence[UpdateInput]) -> Answered[UpdateInput]:
            sent = [{"id": row.id, "properties": wire(row.properties)} for row in rows]
            body = await self._post(path, sent)
            by_name = {row.id: row for row in rows}
            return read_results(body, rows, by_name, created=lambda _result: False)

        return await write_all(inputs, send, size=BATCH_SIZE, crm=NAME, identity=lambda row: row.id)

    async def upsert(
        self, object_name: str, id_property: str, inputs: Sequence[UpsertInput]
    ) -> dict[str, WriteResult]:
        """Records by a unique property, or by `email`; the property is written with the rest."""
        path = self._paths.objects(object_name, "batch", "upsert")

        async def send(rows: Sequence[UpsertInput]) -> Answered[UpsertInput]:
            body = await self._post(path, [_upsert(id_property, row) for row in rows])
            by_name = {identity_of(row.value, id_property): row for row in rows}
            return read_results(
                body,
                rows,
                by_name,
                created=lambda result: result.get("new") is True,
                id_property=id_property,
            )

        return await write_all(
            inputs, send, size=BATCH_SIZE, crm=NAME, identity=lambda row: row.value.casefold()
        )

    async def _post(self, path: str, inputs: Sequence[Json]) -> Json:
        traced = [{**sent, "objectWriteTraceId": str(n)} for n, sent in enumerate(inputs)]
        return object_of(await self._transport.request("POST", path, json={"inputs": traced}))


def _creation(row: CreateInput) -> Json:
    sent: Json = {"properties": wire(row.properties)}
    if row.associations:
        sent["associations"] = [
            {
                "to": {"id": to.to_id},
                "types": [{"associationCategory": to.category, "associationTypeId": to.type_id}],
            }
            for to in row.associations
        ]
    return sent


def _upsert(id_property: str, row: UpsertInput) -> Json:
    properties = {**wire(row.properties), id_property: row.value}
    return {"id": row.value, "idProperty": id_property, "properties": properties}


def read_results(
    body: Json,
    rows: Sequence[Row],
    by_name: Mapping[str, Row],
    *,
    created: Callable[[Json], bool],
    id_property: str | None = None,
) -> Answered[Row]:
    """What a batch's answer says about its rows, whose trace ids are their positions.

    A result or an error without a trace id is matched by `by_name`: the record's id, or the
    `identity_of` its `id_property`. Rows that stay unmentioned while errors stay unmatched are
    unsettled; a single such row gets the error.
    """
    by_trace = {str(n): row for n, row in enumerate(rows)}
    results: dict[str, WriteResult] = {}
    for result in members(body, "results"):
        name = text(member(result, "properties") if id_property else result, id_property or "id")
        row = by_trace.get(text(result, "objectWriteTraceId")) or by_name.get(
            identity_of(name, id_property)
        )
        if row is not None:
            results[row.key] = Written(row.key, text(result, "id"), created(result))
    stray: list[Complaint] = []
    for error in members(body, "errors"):
        complaint = complaint_from(error, status=_ITEM_STATUS)
        named = [by_trace.get(trace) for trace in trace_ids(error)]
        named += [by_name.get(identity_of(name, id_property)) for name in record_ids(error)]
        accused = [row for row in named if row is not None]
        results.update((row.key, complaint.refused(row.key)) for row in accused)
        if not accused:
            stray.append(complaint)
    return _with_strays(rows, results, stray)


def _with_strays(
    rows: Sequence[Row], results: dict[str, WriteResult], stray: Sequence[Complaint]
) -> Answered[Row]:
    unsettled = [row for row in rows if row.key not in results] if stray else []
    if len(unsettled) == 1:
        key = unsettled[0].key
        return Answered({**results, key: stray[0].refused(key)})
    return Answered(results, unsettled)
