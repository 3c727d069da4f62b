"""What a bulk job is and which way it goes (facts: section 3)."""

from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from tests.simulators.salesforce.bulk.csv_text import Dialect
from tests.simulators.salesforce.errors import SalesforceError
from tests.simulators.salesforce.stamps import stamp
from tests.simulators.salesforce.writer import Author

Json = dict[str, Any]
State = Literal["Open", "UploadComplete", "InProgress", "JobComplete", "Failed", "Aborted"]
TERMINAL = frozenset({"JobComplete", "Failed", "Aborted"})
DELETABLE = TERMINAL | {"UploadComplete"}
QUEUED_SHARE = 0.2
"""The part of its time for which a closed job is still UploadComplete."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row; ``error`` is empty for a success."""

    values: tuple[str, ...]
    record_id: str
    created: bool = False
    error: str = ""


@dataclass(slots=True)
class Job:
    """What ingest and query jobs have alike; times are seconds of the virtual clock."""

    id: str
    object: str
    operation: str
    version: str
    dialect: Dialect
    user_id: str
    created_at: float
    state: State
    touched_at: float = 0.0
    started_at: float = 0.0
    seconds: float = 0.0
    error: str = ""

    def __post_init__(self) -> None:
        self.touched_at = self.touched_at or self.created_at

    def progress(self, now: float) -> float:
        """How much of the processing is due by now: below 0 while queued, 1 at the end."""
        if now - self.started_at >= self.seconds:
            return 1.0
        share = (now - self.started_at) / self.seconds
        return (share - QUEUED_SHARE) / (1 - QUEUED_SHARE)

    def close(self, now: float, seconds: float) -> None:
        """All is there: the job waits for its turn, and takes ``seconds`` in all."""
        self.started_at, self.seconds = now, seconds
        self.go("UploadComplete", now)

    def go(self, state: State, now: float, *, error: str = "") -> None:
        """Enter a state."""
        self.state, self.touched_at, self.error = state, now, error

    def brief(self) -> Json:
        """What the replies to create, close and abort show."""
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.user_id,
            "createdDate": stamp(int(self.created_at * 1_000)),
            "systemModstamp": stamp(int(self.touched_at * 1_000)),
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
            "lineEnding": self.dialect.ending,
            "columnDelimiter": self.dialect.delimiter,
        }

    def timing(self) -> Json:
        """Milliseconds of work; nothing here has Apex."""
        worked = self.state not in {"Open", "UploadComplete"}
        spent = int(max(0.0, self.touched_at - self.started_at) * 1_000) if worked else 0
        return {"retries": 0, "totalProcessingTime": spent}


@dataclass(slots=True)
class IngestJob(Job):
    """A job that writes. ``columns`` are those that name a field, with their place in the file."""

    key_name: str = ""
    assignment_rule: str = ""
    row_fault: str = ""
    data: bytes | None = None
    columns: tuple[tuple[str, int], ...] = ()
    waiting: list[list[tuple[str, ...]]] = field(default_factory=list)
    chunks: int = 0
    done: list[Outcome] = field(default_factory=list)
    doomed: str = ""
    """The message with which the job fails half way, if it is to."""

    def author(self) -> Author:
        """Who writes: no header of a single call reaches the rows, only the job's own rule."""
        return Author(
            user_id=self.user_id,
            auto_assign=bool(self.assignment_rule),
            row_fault=self.row_fault,
            origin=f"com/salesforce/api/bulkapi/{self.version}",
        )

    def shuffled(self) -> Random:
        """Dice of this job: results never come in the order of the file, but always the same."""
        return Random(self.id)

    def brief(self) -> Json:
        """With the address for the data while the job is open."""
        shown = Job.brief(self)
        if self.state == "Open":
            place = f"services/data/v{self.version}/jobs/ingest/{self.id}/batches"
            shown["contentUrl"] = place
        if self.key_name:
            shown["externalIdFieldName"] = self.key_name
        if self.assignment_rule:
            shown["assignmentRuleId"] = self.assignment_rule
        return shown

    def info(self) -> Json:
        """What GET shows."""
        shown = {
            **self.brief(),
            "jobType": "V2Ingest",
            "numberRecordsProcessed": len(self.done),
            "numberRecordsFailed": sum(1 for one in self.done if one.error),
            **self.timing(),
            "apiActiveProcessingTime": 0,
            "apexProcessingTime": 0,
        }
        return {**shown, "errorMessage": self.error} if self.error else shown


@dataclass(slots=True)
class QueryJob(Job):
    """A job that reads. ``rows`` are the results, as text, once it is complete."""

    query: str = ""
    header: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def info(self) -> Json:
        """What GET shows."""
        shown = {
            **self.brief(),
            "jobType": "V2Query",
            "numberRecordsProcessed": len(self.rows),
            **self.timing(),
        }
        return {**shown, "errorMessage": self.error} if self.error else shown


def wrong_state(message: str) -> SalesforceError:
    """A step that the job's state does not allow: 400, as documented for abort."""
    return SalesforceError(400, "INVALIDJOBSTATE", message)


def invalid_job(message: str) -> SalesforceError:
    """A job that cannot be made."""
    return SalesforceError(400, "INVALIDJOB", f"InvalidJob : {message}")


def abort(job: Job, now: float) -> None:
    """Stop a job; what it wrote stays. SalesforceError INVALIDJOBSTATE."""
    if job.state in TERMINAL:
        raise wrong_state("Aborting already Completed Job not allowed")
    job.go("Aborted", now)


def check_deletable(job: Job) -> None:
    """SalesforceError INVALIDJOBSTATE for a job that is open or at work."""
    if job.state not in DELETABLE:
        raise wrong_state(f"Deleting a Job in state {job.state} not allowed")
