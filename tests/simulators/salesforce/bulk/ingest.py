"""Runs ingest jobs: reads the file, writes its rows by chunks, notes what became of each."""

from typing import TYPE_CHECKING

from tests.simulators.salesforce.bulk.columns import (
    ID,
    Columns,
    JobFailedError,
    sf_error,
    too_big,
)
from tests.simulators.salesforce.bulk.csv_text import CsvRow, WrongLineEndingError
from tests.simulators.salesforce.bulk.jobs import IngestJob, Outcome
from tests.simulators.salesforce.errors import SalesforceError
from tests.simulators.salesforce.rows import comparable, key_came_twice, repeated, target
from tests.simulators.salesforce.schema.objects import ObjectType
from tests.simulators.salesforce.upsert import upsert
from tests.simulators.salesforce.writer import Author

if TYPE_CHECKING:
    from tests.simulators.salesforce.org import Org

CHUNK_ROWS = 200
"""Rows that are written together, as everywhere in the platform."""
BATCH_ROWS = 10_000
"""Rows of an internal batch, of which an org has so many a day."""
MAX_HEADER = 32_000
"""Characters of the header row."""


def advance(org: "Org", job: IngestJob, now: float) -> None:
    """Write the chunks that are due by ``now`` and enter the state that follows."""
    share = job.progress(now)
    if share < 0:
        return
    try:
        if job.state == "UploadComplete":
            job.go("InProgress", now)
            load(org, job)
            _book_batches(org, job, now)
        _write_due(org, job, now, job.chunks if share >= 1 else int(job.chunks * share))
    except JobFailedError as failure:
        job.go("Failed", now, error=str(failure))
        return
    if share >= 1:
        job.go("JobComplete", now)


def load(org: "Org", job: IngestJob) -> None:
    """Read the file into chunks, which are worked on in any order. JobFailedError."""
    rows = _rows(job)
    if not rows:
        return
    columns = Columns(org, job, rows[0].values)
    job.columns = columns.places
    good: list[tuple[str, ...]] = []
    for one in rows[1:]:
        if one.broken or len(one.values) != len(rows[0].values):
            job.done.append(_unreadable(one, len(rows[0].values)))
        else:
            good.append(one.values)
    job.waiting = [good[at : at + CHUNK_ROWS] for at in range(0, len(good), CHUNK_ROWS)]
    job.chunks = len(job.waiting)
    job.shuffled().shuffle(job.waiting)


def _rows(job: IngestJob) -> list[CsvRow]:
    try:
        rows = list(job.dialect.read((job.data or b"").decode()))
    except UnicodeDecodeError as wrong:
        raise JobFailedError("ClientInputError : the data is not UTF-8") from wrong
    except WrongLineEndingError as wrong:
        message = (
            "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is "
            f"{job.dialect.ending}"
        )
        raise JobFailedError(message) from wrong
    if rows and (rows[0].broken or sum(map(len, rows[0].values)) > MAX_HEADER):
        raise JobFailedError("InvalidBatch : the header row cannot be read")
    return rows


def _unreadable(row: CsvRow, width: int) -> Outcome:
    what = row.broken or "the row has another number of columns than the header"
    values = (*row.values, *("" for _ in range(width)))[:width]
    return Outcome(values, "", error=f"CLIENT_INPUT_ERROR:{what}:--")


def _book_batches(org: "Org", job: IngestJob, now: float) -> None:
    needed = -(-sum(map(len, job.waiting)) // BATCH_ROWS)
    if org.bulk.batches.used(now) + needed > org.switches.bulk_daily_batches:
        raise JobFailedError("ExceededQuota : Maximum number of batches in 24 hours exceeded")
    org.bulk.batches.add(now, needed)


def _write_due(org: "Org", job: IngestJob, now: float, due: int) -> None:
    while job.waiting and (done := job.chunks - len(job.waiting)) < due:
        if job.doomed and done >= job.chunks // 2:
            raise JobFailedError(job.doomed)
        size = len(job.waiting[-1])
        if org.bulk.records.used(now) + size > org.switches.bulk_daily_records:
            raise JobFailedError("ExceededQuota : Maximum number of records in 24 hours exceeded")
        org.bulk.records.add(now, size)
        _write_chunk(org, job, job.waiting.pop())
        org.store.commit()


def _write_chunk(org: "Org", job: IngestJob, rows: list[tuple[str, ...]]) -> None:
    kind = org.sight.object(job.object, job.user_id)
    if kind is None:
        raise JobFailedError(f"InvalidEntity : {job.object} is gone")
    writer = _RowWriter(org, job, kind)
    bodies = [writer.body(row) for row in rows]
    writer.note_repeated(bodies)
    job.done += [writer.write(*one) for one in zip(rows, bodies, strict=True)]


class _RowWriter:
    """Writes the rows of one chunk."""

    def __init__(self, org: "Org", job: IngestJob, kind: ObjectType) -> None:
        self._org = org
        self._job = job
        self._kind = kind
        self._author: Author = job.author()
        by_key = job.operation == "upsert" and job.key_name.lower() != ID.lower()
        self._key = kind.field(job.key_name) if by_key else None
        if by_key and self._key is None:
            raise JobFailedError(f"InvalidBatch : Field name not found : {job.key_name}")
        self._twice: set[str] = set()

    def body(self, row: tuple[str, ...]) -> dict[str, object]:
        """The row as a request body: empty is left alone, #N/A is null."""
        return Columns.body(self._kind, self._job.columns, row)

    def note_repeated(self, bodies: list[dict[str, object]]) -> None:
        """Rows of a chunk that have the same external id fail together."""
        if self._key is not None:
            self._twice = repeated(bodies, self._key)

    def write(self, row: tuple[str, ...], body: dict[str, object]) -> Outcome:
        """Write a row; a bad one leaves nothing behind."""
        given = next((str(body[name]) for name in body if name.lower() == ID.lower()), "")
        mark = self._org.store.mark()
        try:
            too_big(row)
            Columns.check_types(self._kind, body)
            record_id, created = self._write(body, given)
        except SalesforceError as problem:
            self._org.store.rollback(mark)
            return Outcome(row, given, error=sf_error(problem))
        return Outcome(row, record_id, created)

    def _write(self, body: dict[str, object], given: str) -> tuple[str, bool]:
        if self._key is not None:
            return self._upsert(body)
        operation = self._job.operation
        fields = {name: one for name, one in body.items() if name.lower() != ID.lower()}
        new = operation == "insert" or (operation == "upsert" and not given)
        if new:
            sent = body if operation == "insert" else fields
            return self._org.writer.insert(self._kind.name, sent, self._author), True
        record = target(self._org, self._kind.name, given)
        if operation == "delete":
            self._org.writer.delete(record, self._author)
        else:
            self._org.writer.update(record, fields, self._author)
        return record.id, False

    def _upsert(self, body: dict[str, object]) -> tuple[str, bool]:
        key = self._key
        assert key is not None
        named = next((name for name in body if name.lower() == key.name.lower()), "")
        value = body.get(named)
        if comparable(value) in self._twice:
            raise key_came_twice(value, key)
        fields = {name: one for name, one in body.items() if name != named}
        done = upsert(
            self._org.writer, self._kind, key=key, value=value, body=fields, author=self._author
        )
        return done.id, done.created
