"""Bulk writes in which one bad record never fails its neighbours.

Both CRMs have answers that refuse a whole batch for one record without naming it (facts:
hubspot-api 3, salesforce-api 2.5). Such a batch is halved until the culprit stands alone: one bad
record among 100 costs at most 15 calls, and a batch of n never more than 2n - 1.
"""

from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from shared.crm.errors import Complaint, CrmError, complaint_of
from shared.crm.gather import chunks, together
from shared.crm.writes import WriteResult, merged, omitted
from shared.kernel.errors import CausewayError, RetriableError

ABOUT_RECORDS = frozenset({400, 409, 413})
"""Statuses of a refusal that may be the fault of a single record (413: half is half as large)."""
ABOUT_A_FIELD = frozenset(
    {"INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE", "PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE"}
)
"""Refusals that every record with that field will get: no need to try each of them."""


class Keyed(Protocol):
    """A row of a bulk write."""

    @property
    def key(self) -> str:
        """The caller's name for the row."""
        ...

    @property
    def fields(self) -> Collection[str]:
        """The names of the fields that the row writes."""
        ...


Row = TypeVar("Row", bound=Keyed)


@dataclass(frozen=True, slots=True)
class Answered(Generic[Row]):
    """What one call settled; `unsettled` rows failed, but the answer does not say which why."""

    results: Mapping[str, WriteResult]
    unsettled: Sequence[Row] = ()


Send = Callable[[Sequence[Row]], Awaitable[Answered[Row]]]


@dataclass(slots=True)
class _Ledger(Generic[Row]):
    """What is known of one chunk: results of answers, and rows whose call broke."""

    results: dict[str, WriteResult] = field(default_factory=dict)
    broken: list[Row] = field(default_factory=list)
    error: CausewayError | None = None


async def write_all(
    rows: Sequence[Row],
    send: Send[Row],
    *,
    size: int,
    crm: str,
    identity: Callable[[Row], Hashable] = lambda row: row.key,
) -> dict[str, WriteResult]:
    """A result for the key of every row, from as few calls of `send` as possible.

    Rows with one identity go in separate rounds, as if they were written one after the other
    (both CRMs refuse a batch that names a record twice). When every call broke, the first error
    is raised; when only some did, their rows are Refused and the others' results are kept. A row
    that no answer mentions is Refused with RECORD_OMITTED.
    """
    ledgers: list[_Ledger[Row]] = []
    for wave in rounds(rows, identity):
        ledgers += await together(lambda chunk: _settle(chunk, send), chunks(wave, size))
    errors = [ledger.error for ledger in ledgers if ledger.error is not None]
    if errors and not any(ledger.results for ledger in ledgers):
        raise errors[0]
    results = merged(part for ledger in ledgers for part in (ledger.results, _as_refused(ledger)))
    return {row.key: results.get(row.key) or omitted(row.key, crm) for row in rows}


def rounds(rows: Sequence[Row], identity: Callable[[Row], Hashable] | None) -> list[Sequence[Row]]:
    """The rows in as few groups as keep rows of one identity apart, earlier ones first."""
    if identity is None:
        return [rows] if rows else []
    waves: list[list[Row]] = []
    seen: dict[Hashable, int] = {}
    for row in rows:
        name = identity(row)
        turn = seen.get(name, 0)
        seen[name] = turn + 1
        if turn == len(waves):
            waves.append([])
        waves[turn].append(row)
    return list(waves)


async def _settle(rows: Sequence[Row], send: Send[Row]) -> _Ledger[Row]:
    ledger: _Ledger[Row] = _Ledger()
    waiting: list[Sequence[Row]] = [rows]
    while waiting:
        part = waiting.pop()
        try:
            answered = await send(part)
        except CausewayError as failed:
            if _is_about_records(failed):
                waiting.extend(_narrowed(part, complaint_of(failed), ledger))
                continue
            # No use in sending the rest now: it is the call that failed, not a record.
            ledger.error = failed
            ledger.broken.extend(row for left in (part, *waiting) for row in left)
            break
        ledger.results.update(answered.results)
        if len(part) > 1:
            waiting.extend(_halves(answered.unsettled))
    return ledger


def _is_about_records(error: CausewayError) -> bool:
    if isinstance(error, RetriableError) or not isinstance(error, CrmError):
        return False
    return error.status in ABOUT_RECORDS


def _narrowed(
    part: Sequence[Row], complaint: Complaint, ledger: _Ledger[Row]
) -> list[Sequence[Row]]:
    """The parts to try next; rows whose fault is certain get their result here."""
    guilty: Sequence[Row] = part if len(part) == 1 else ()
    if complaint.code in ABOUT_A_FIELD and complaint.field and not guilty:
        name = complaint.field.casefold()
        guilty = [row for row in part if name in {known.casefold() for known in row.fields}]
    if not guilty:
        return _halves(part)
    ledger.results.update((row.key, complaint.refused(row.key)) for row in guilty)
    accused = {id(row) for row in guilty}
    innocent = [row for row in part if id(row) not in accused]
    return [innocent] if innocent else []


def _halves(part: Sequence[Row]) -> list[Sequence[Row]]:
    middle = len(part) // 2
    return [half for half in (part[middle:], part[:middle]) if half]


def _as_refused(ledger: _Ledger[Row]) -> dict[str, WriteResult]:
    if ledger.error is None:
        return {}
    complaint = complaint_of(ledger.error)
    return {row.key: complaint.refused(row.key) for row in ledger.broken}
