"""Many records in one call, with HubSpot's rules for what happens when one fails.

Facts, section 3: without trace ids one bad input rejects a whole create, update or upsert; with
a distinct ``objectWriteTraceId`` on every input the good ones go through. Results come in any
order. Ids that were merged away are left out without a word.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.simulators.hubspot.errors import (
    HubSpotError,
    bad_request,
    batch_too_big,
    duplicate_ids,
    email_taken,
    error,
    not_unique,
    some_missing,
)
from tests.simulators.hubspot.model import Json, ObjectType, Record
from tests.simulators.hubspot.store import RecordStore
from tests.simulators.hubspot.unique import EMAIL
from tests.simulators.hubspot.views import record_json, written
from tests.simulators.hubspot.writing import Claims, Draft, Manner, Writer

MAX_INPUTS = 100
"""Inputs of a batch (facts: section 3)."""
MAX_HISTORIES = 50
"""Inputs of a batch read that asks for histories."""
OBJECT_ID = "hs_object_id"
DraftOne = Callable[[Json, Claims | None], Draft]


@dataclass(slots=True)
class Partial:
    """What a batch achieved: records, and an error for each input that failed."""

    results: list[Json] = field(default_factory=list)
    errors: list[Json] = field(default_factory=list)


def inputs_of(body: Json, limit: int = MAX_INPUTS) -> list[Json]:
    """The inputs of a batch. HubSpotError 400 when there are too many or it has none at all."""
    inputs = body.get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(one, dict) for one in inputs):
        raise bad_request()
    if len(inputs) > limit:
        raise batch_too_big(limit, histories=limit == MAX_HISTORIES)
    return inputs


def trace_ids(inputs: Sequence[Json]) -> list[str] | None:
    """The trace id of each input; None unless all have one and no two are alike."""
    ids = [one.get("objectWriteTraceId") for one in inputs]
    if all(ids) and len(set(ids)) == len(ids):
        return [str(one) for one in ids]
    return None


class Batches:
    """Batch writes on the records of one portal."""

    def __init__(
        self, *, portal_id: int, store: RecordStore, writer: Writer, dice: random.Random
    ) -> None:
        self._portal_id = portal_id
        self._store = store
        self._writer = writer
        self._dice = dice

    def create(self, kind: ObjectType, inputs: list[Json], manner: Manner) -> Partial:
        """New records. HubSpotError 400 or 409 when one is bad and there are no trace ids."""

        def draft(one: Json, claims: Claims | None) -> Draft:
            return self._writer.draft_create(kind, one, manner, claims)

        try:
            return self._write(inputs, draft, manner)
        except HubSpotError as problem:
            if problem.existing is not None:
                raise email_taken(None) from problem
            raise

    def update(self, kind: ObjectType, inputs: list[Json], manner: Manner) -> Partial:
        """Changed records; those that do not exist are errors of a 207."""
        self._check_distinct([str(one.get("id")) for one in inputs])
        found: list[tuple[Json, Record]] = []
        missing: list[Json] = []
        for one in inputs:
            record = self._record(kind, one, one.get("idProperty") or OBJECT_ID)
            if record is not None:
                found.append((one, record))
            elif not self._merged_away(kind, str(one.get("id"))):
                missing.append(one)
        records = {id(one): record for one, record in found}

        def draft(one: Json, claims: Claims | None) -> Draft:
            return self._writer.draft_update(records[id(one)], one, manner, claims)

        partial = self._write([one for one, _ in found], draft, manner)
        partial.errors += _missing_errors(kind, missing)
        return partial

    def upsert(self, kind: ObjectType, inputs: list[Json], manner: Manner) -> Partial:
        """Changed or new records by one unique property that all inputs name."""
        names = {str(one.get("idProperty") or "") for one in inputs}
        if len(names) > 1:
            raise error(400, "All inputs of an upsert must have the same idProperty")
        for name in names:
            if not self._store.unique.identifies(kind, name):
                raise not_unique(kind, name)
        keys = [str(one.get("id")) for one in inputs]
        self._check_distinct([key.lower() for key in keys] if names == {EMAIL} else keys)

        def draft(one: Json, claims: Claims | None) -> Draft:
            record = self._record(kind, one, one["idProperty"])
            if record is not None:
                return self._writer.draft_update(record, one, manner, claims)
            properties = {one["idProperty"]: one.get("id"), **(one.get("properties") or {})}
            body = {**one, "properties": properties}
            return self._writer.draft_create(kind, body, manner, claims, by_upsert=True)

        return self._write(inputs, draft, manner, upserting=True)

    def read(
        self, kind: ObjectType, ids: Sequence[str], id_property: str, *, archived: bool
    ) -> tuple[list[Record], list[Json]]:
        """The records that exist, shuffled, and one error for all that do not."""
        found: dict[int, Record] = {}
        missing: list[str] = []
        pool = self._store.archived(kind) if archived else None
        for wanted in dict.fromkeys(ids):
            if pool is not None:
                record = pool.get(int(wanted)) if wanted.isdecimal() else None
            else:
                record = self._record(kind, {"id": wanted}, id_property)
            if record is not None:
                found[record.id] = record
            elif not self._merged_away(kind, wanted):
                missing.append(wanted)
        records = list(found.values())
        self._dice.shuffle(records)
        return records, [some_missing(kind, missing)] if missing else []

    def _record(self, kind: ObjectType, one: Json, id_property: str) -> Record | None:
        wanted = str(one.get("id"))
        if id_property != OBJECT_ID:
            if not self._store.unique.identifies(kind, id_property):
                raise not_unique(kind, id_property)
            return self._store.identify(kind, id_property, wanted)
        return self._store.get(kind, int(wanted)) if wanted.isdecimal() else None

    def _merged_away(self, kind: ObjectType, wanted: str) -> bool:
        return wanted.isdecimal() and self._store.is_alias(kind, int(wanted))

    def _check_distinct(self, ids: list[str]) -> None:
        repeated = [one for one, times in Counter(ids).items() if times > 1]
        if repeated:
            raise duplicate_ids(repeated)

    def _write(
        self, inputs: list[Json], draft: DraftOne, manner: Manner, *, upserting: bool = False
    ) -> Partial:
        if inputs and trace_ids(inputs) is not None:
            partial = self._write_each(inputs, draft, manner, upserting=upserting)
        else:
            claims: Claims = {}
            drafts = [(one, draft(one, claims)) for one in inputs]
            partial = Partial([self._done(one, it, manner, upserting) for one, it in drafts])
        self._dice.shuffle(partial.results)
        return partial

    def _write_each(
        self, inputs: list[Json], draft: DraftOne, manner: Manner, *, upserting: bool
    ) -> Partial:
        partial = Partial()
        for one in inputs:
            try:
                checked = draft(one, None)
            except HubSpotError as problem:
                partial.errors.append(_traced_error(problem, one))
            else:
                partial.results.append(self._done(one, checked, manner, upserting))
        return partial

    def _done(self, one: Json, draft: Draft, manner: Manner, upserting: bool) -> Json:  # noqa: FBT001
        record, changed = self._writer.carry_out(draft, manner.origin)
        is_new = draft.record is None
        values = record.values if is_new else written(record, changed)
        result = record_json(record, dict(values), portal_id=self._portal_id)
        if upserting:
            result["new"] = is_new
        if one.get("objectWriteTraceId"):
            result["objectWriteTraceId"] = str(one["objectWriteTraceId"])
        if draft.warnings:
            result["warnings"] = draft.warnings
        return result


def _traced_error(problem: HubSpotError, one: Json) -> Json:
    context = {**problem.body.get("context", {})}
    context["objectWriteTraceId"] = [str(one["objectWriteTraceId"])]
    if problem.existing is not None:
        context["existingId"] = [str(problem.existing)]
    return {**problem.body, "context": context}


def _missing_errors(kind: ObjectType, missing: list[Json]) -> list[Json]:
    """One error for all, or with trace ids one for each."""
    traced = [one for one in missing if one.get("objectWriteTraceId")]
    plain = [str(one.get("id")) for one in missing if not one.get("objectWriteTraceId")]
    errors = []
    for one in traced:
        entry = some_missing(kind, [str(one.get("id"))])
        entry["context"]["objectWriteTraceId"] = [str(one["objectWriteTraceId"])]
        errors.append(entry)
    return [*errors, some_missing(kind, plain)] if plain else errors
