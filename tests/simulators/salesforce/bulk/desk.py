"""All bulk jobs of the org, what they used up, and their progress over the virtual time."""

from typing import TYPE_CHECKING, TypeVar

from tests.simulators.salesforce.bulk.ingest import advance
from tests.simulators.salesforce.bulk.jobs import IngestJob, Job, QueryJob
from tests.simulators.salesforce.bulk.query import finish
from tests.simulators.salesforce.errors import SalesforceError, not_found
from tests.simulators.salesforce.ids import long_form
from tests.simulators.salesforce.limits import BulkUse, DailyLimit

if TYPE_CHECKING:
    from tests.simulators.salesforce.org import Org

PREFIX = "750"
LIFE_SECONDS = 7 * 86_400
"""Jobs that are older are gone, whatever their state."""
AnyJob = TypeVar("AnyJob", bound=Job)


class BulkDesk:
    """The jobs of the org, by id, and its bulk allowances of the last 24 hours."""

    def __init__(self, org: "Org") -> None:
        self._org = org
        self.ingest: dict[str, IngestJob] = {}
        self.query: dict[str, QueryJob] = {}
        self.batches = DailyLimit()
        self.records = DailyLimit()
        self.query_jobs = DailyLimit()
        self.result_bytes = DailyLimit()

    def new_id(self) -> str:
        """An id for a job."""
        return self._org.ids.next(PREFIX)

    def find(self, jobs: dict[str, AnyJob], job_id: str) -> AnyJob:
        """A job. SalesforceError NOT_FOUND."""
        found = jobs.get(long_form(job_id) or "")
        if found is None:
            raise not_found()
        return found

    def count_query_job(self) -> None:
        """One more query job. SalesforceError EXCEEDEDQUOTA when there were too many."""
        now = self._org.clock.seconds()
        if self.query_jobs.used(now) >= self._org.switches.bulk_daily_query_jobs:
            message = "ExceededQuota : Maximum number of query jobs in 24 hours exceeded"
            raise SalesforceError(400, "EXCEEDEDQUOTA", message)
        self.query_jobs.add(now, 1)

    def use(self) -> BulkUse:
        """What GET /limits needs."""
        now, switches = self._org.clock.seconds(), self._org.switches
        return BulkUse(
            batches=self.batches.used(now),
            max_batches=switches.bulk_daily_batches,
            query_jobs=self.query_jobs.used(now),
            max_query_jobs=switches.bulk_daily_query_jobs,
            result_bytes=self.result_bytes.used(now),
        )

    def settle(self) -> None:
        """Do what the jobs would have done by now, and forget the old ones."""
        now = self._org.clock.seconds()
        for jobs in (self.ingest, self.query):
            for old in [one for one in jobs.values() if now - one.created_at > LIFE_SECONDS]:
                del jobs[old.id]
        for one in self.ingest.values():
            if one.state in {"UploadComplete", "InProgress"}:
                advance(self._org, one, now)
        for query in self.query.values():
            if query.state in {"UploadComplete", "InProgress"}:
                finish(self._org, query, now)
