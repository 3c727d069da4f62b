"""What becomes of each record of a bulk write."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

RECORD_OMITTED = "RECORD_OMITTED"
"""The CRM answered without a word about this record, so nobody knows whether it was written.
HubSpot does so in a batch update for records that were merged away (facts: hubspot-api 3)."""


@dataclass(frozen=True, slots=True)
class Written:
    """The record was written; `key` is the caller's, `id` the CRM's."""

    key: str
    id: str
    created: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """The record was not written, or nobody knows (RECORD_OMITTED, a call that broke).

    `code` is the CRM's own, or one of ours where it gave none. `message` is for a person and
    holds no value of the record. `existing_id` is the record that has the unique value already,
    `duplicate_ids` are the ones that a duplicate rule pointed at. `retriable`: the same write may
    succeed later without anybody's help.
    """

    key: str
    code: str
    message: str
    field: str | None
    existing_id: str | None
    retriable: bool
    duplicate_ids: tuple[str, ...] = ()


WriteResult = Written | Refused


def omitted(key: str, crm: str) -> Refused:
    """The result of a record that the CRM's answer does not mention."""
    return Refused(
        key=key,
        code=RECORD_OMITTED,
        message=f"{crm} answered without saying what became of this record; it may have been "
        "merged into another one. Read it again before the next try.",
        field=None,
        existing_id=None,
        retriable=True,
    )


def merged(parts: Iterable[Mapping[str, WriteResult]]) -> dict[str, WriteResult]:
    """The results of several calls; a key that was refused once stays refused."""
    results: dict[str, WriteResult] = {}
    for part in parts:
        for key, result in part.items():
            if not isinstance(results.get(key), Refused):
                results[key] = result
    return results
