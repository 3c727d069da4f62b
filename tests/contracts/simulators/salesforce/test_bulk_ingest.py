import pytest

from tests.contracts.simulators.salesforce.bulk_driver import INGEST, Jobs, bulk2
from tests.contracts.simulators.salesforce.driver import Driver, error_of

KEY = "Causeway_Key__c"


def test_line_7_a_job_walks_through_all_its_states(jobs: Jobs) -> None:
    created = jobs.create("insert")
    job_id = created["id"]
    assert job_id.startswith("750")
    assert created == {
        "id": job_id,
        "operation": "insert",
        "object": "Contact",
        "createdById": jobs.org.user_id,
        "createdDate": created["createdDate"],
        "systemModstamp": created["createdDate"],
        "state": "Open",
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": 66.0,
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
        "contentUrl": f"services/data/v66.0/jobs/ingest/{job_id}/batches",
    }
    answer = jobs.upload(job_id, "LastName\nSmith\n")
    assert (answer.status_code, answer.content) == (201, b"")
    closed = jobs.state(job_id, "UploadComplete").json()
    assert closed["state"] == "UploadComplete"
    assert "contentUrl" not in closed
    assert jobs.info(job_id)["state"] == "UploadComplete"
    jobs.pass_time(0.5)
    assert jobs.info(job_id)["state"] == "InProgress"
    jobs.pass_time(0.5)
    info = jobs.info(job_id)
    assert info["state"] == "JobComplete"
    assert info["jobType"] == "V2Ingest"
    assert (info["numberRecordsProcessed"], info["numberRecordsFailed"]) == (1, 0)
    timing = ("retries", "totalProcessingTime", "apiActiveProcessingTime", "apexProcessingTime")
    assert all(isinstance(info[name], int) for name in timing)
    assert "errorMessage" not in info


def test_line_7_nothing_runs_until_the_job_is_closed(jobs: Jobs) -> None:
    job_id = jobs.create("insert")["id"]
    jobs.upload(job_id, "LastName\nSmith\n")
    jobs.pass_time(10)
    assert jobs.info(job_id)["state"] == "Open"
    assert jobs.org.rows("SELECT Id FROM Contact") == []


def test_line_7_steps_that_the_state_forbids(jobs: Jobs) -> None:
    done = jobs.run("insert", "LastName\nA\n")["id"]
    abort = jobs.state(done, "Aborted")
    assert error_of(abort) == (400, "INVALIDJOBSTATE")
    assert abort.json()[0]["message"] == "Aborting already Completed Job not allowed"
    assert error_of(jobs.state(done, "UploadComplete")) == (400, "INVALIDJOBSTATE")
    assert jobs.state(done, "InProgress").status_code == 400
    running = jobs.start("insert", "LastName\nB\n")
    for which in ("successfulResults", "failedResults", "unprocessedrecords"):
        answer = jobs.org.call("GET", f"{INGEST}/{running}/{which}")
        assert error_of(answer) == (400, "INVALIDJOBSTATE")
    jobs.pass_time(0.5)
    assert error_of(jobs.org.call("DELETE", f"{INGEST}/{running}")) == (400, "INVALIDJOBSTATE")


def test_line_7_an_aborted_job_keeps_what_it_wrote(jobs: Jobs) -> None:
    rows = "".join(f"N{number}\n" for number in range(1_000))
    job_id = jobs.start("insert", "LastName\n" + rows)
    jobs.pass_time(0.6)
    assert 0 < jobs.info(job_id)["numberRecordsProcessed"] < 1_000
    assert jobs.state(job_id, "Aborted").json()["state"] == "Aborted"
    jobs.pass_time(1)
    written = jobs.org.query("SELECT COUNT() FROM Contact")["totalSize"]
    rest = jobs.results(job_id, "unprocessedrecords")
    assert list(rest[0]) == ["LastName"]
    assert len(jobs.successes(job_id)) == written
    assert written + len(rest) == 1_000


def test_line_7_a_job_aborted_before_its_start_has_only_unprocessed_rows(jobs: Jobs) -> None:
    job_id = jobs.start("insert", 'LastName\nA\n"B" \n')
    jobs.state(job_id, "Aborted")
    assert len(jobs.results(job_id, "unprocessedrecords")) == 2
    assert jobs.successes(job_id) == jobs.failures(job_id) == []
    open_job = jobs.create("insert")["id"]
    assert jobs.state(open_job, "Aborted").json()["state"] == "Aborted"
    assert jobs.results(open_job, "unprocessedrecords") == []


def test_line_7_a_job_can_fail_half_way(jobs: Jobs) -> None:
    jobs.org.switch(bulk_failures=["InternalServerError : Timeout"])
    rows = "".join(f"N{number}\n" for number in range(1_000))
    info = jobs.run("insert", "LastName\n" + rows)
    assert info["state"] == "Failed"
    assert info["errorMessage"] == "InternalServerError : Timeout"
    assert info["numberRecordsProcessed"] == 400
    assert len(jobs.results(info["id"], "unprocessedrecords")) == 600
    assert jobs.run("insert", "LastName\nA\n")["state"] == "JobComplete"


def test_line_7_the_allowances_of_24_hours(jobs: Jobs) -> None:
    jobs.org.switch(bulk_daily_records=200)
    rows = "".join(f"N{number}\n" for number in range(400))
    info = jobs.run("insert", "LastName\n" + rows)
    assert info["state"] == "Failed"
    assert info["errorMessage"].startswith("ExceededQuota")
    assert len(jobs.results(info["id"], "unprocessedrecords")) == 200
    left = jobs.org.call("GET", "/limits").json()["DailyBulkApiBatches"]
    assert left == {"Max": 15_000, "Remaining": 14_999}
    jobs.org.switch(bulk_daily_batches=1)
    assert jobs.run("insert", "LastName\nA\n")["state"] == "Failed"


def test_line_7_jobs_are_listed_deleted_and_forgotten_after_seven_days(jobs: Jobs) -> None:
    first, second = (jobs.start("insert", "LastName\nA\n") for _ in range(2))
    listed = jobs.org.call("GET", INGEST).json()
    assert {one["id"] for one in listed["records"]} == {first, second}
    assert (listed["done"], listed["nextRecordsUrl"]) == (True, None)
    answer = jobs.org.call("DELETE", f"{INGEST}/{first}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert error_of(jobs.org.call("GET", f"{INGEST}/{first}")) == (404, "NOT_FOUND")
    jobs.org.control("clock", {"advance_seconds": 7 * 86_400 + 1})
    jobs.org.grant()
    assert error_of(jobs.org.call("GET", f"{INGEST}/{second}")) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"operation": "insert"}, "REQUIRED_FIELD_MISSING"),
        ({"object": "Contact"}, "REQUIRED_FIELD_MISSING"),
        ({"object": "Nothing", "operation": "insert"}, "INVALIDENTITY"),
        ({"object": "Contact", "operation": "merge"}, "JSON_PARSER_ERROR"),
        ({"object": "Contact", "operation": "upsert"}, "INVALIDJOB"),
        (
            {"object": "Contact", "operation": "upsert", "externalIdFieldName": "Phone"},
            "INVALIDJOB",
        ),
        ({"object": "Contact", "operation": "hardDelete"}, "FEATURENOTENABLED"),
        (
            {"object": "Contact", "operation": "insert", "columnDelimiter": "DOT"},
            "JSON_PARSER_ERROR",
        ),
        ({"object": "Contact", "operation": "insert", "lineEnding": "CR"}, "JSON_PARSER_ERROR"),
        ({"object": "Contact", "operation": "insert", "contentType": "XML"}, "JSON_PARSER_ERROR"),
    ],
)
def test_line_7_jobs_that_cannot_be_made(org: Driver, body: dict[str, str], code: str) -> None:
    assert error_of(org.call("POST", INGEST, body)) == (400, code)


def test_line_7_each_request_is_one_call_and_rows_are_none(jobs: Jobs) -> None:
    rows = "".join(f"N{number}\n" for number in range(500))
    before = jobs.org.used()
    job_id = jobs.start("insert", "LastName\n" + rows)
    jobs.pass_time()
    jobs.info(job_id)
    jobs.successes(job_id)
    assert jobs.org.used() - before == 5
    answer = jobs.org.call("GET", f"{INGEST}/{job_id}/failedResults")
    assert answer.headers["sforce-limit-info"] == "api-usage=6/100000"


def test_line_7_simple_salesforce_inserts_updates_upserts_and_deletes(org: Driver) -> None:
    org.install()
    org.switch(bulk_seconds=0)
    with bulk2(org, "Contact") as contacts:
        people = [{"LastName": f"N{number}", KEY: f"k{number}"} for number in range(25)]
        made = contacts.insert(records=[*people, {"LastName": "", KEY: "bad"}], wait=0)
        assert made[0]["numberRecordsProcessed"] == made[0]["numberRecordsTotal"] == 26
        assert made[0]["numberRecordsFailed"] == 1
        results = contacts.get_all_ingest_records(made[0]["job_id"])
        ids = {one[KEY]: one["sf__Id"] for one in results["successfulRecords"]}
        assert len(ids) == 25
        assert [one[KEY] for one in results["failedRecords"]] == ["bad"]
        assert results["unprocessedRecords"] == []
        contacts.update(records=[{"Id": ids["k1"], "Phone": "1"}], wait=0)
        assert org.get("Contact", ids["k1"])["Phone"] == "1"
        rows = [{KEY: "k1", "Phone": "#N/A"}, {KEY: "k99", "Phone": "9"}]
        done = contacts.upsert(records=rows, external_id_field=KEY, wait=0)
        assert done[0]["numberRecordsFailed"] == 1
        assert org.get("Contact", ids["k1"])["Phone"] is None
        done = contacts.delete(records=[{"Id": one} for one in ids.values()], wait=0)
        assert done[0]["numberRecordsFailed"] == 0
    assert org.query("SELECT COUNT() FROM Contact")["totalSize"] == 0


def test_line_7_simple_salesforce_sends_files_in_several_jobs(org: Driver) -> None:
    org.switch(bulk_seconds=0)
    people = [{"LastName": f"N{number}"} for number in range(30)]
    with bulk2(org, "Contact") as contacts:
        made = contacts.insert(
            records=people,
            batch_size=10,
            column_delimiter="PIPE",
            line_ending="CRLF",
            wait=0,
        )
    assert [one["numberRecordsProcessed"] for one in made] == [10, 10, 10]
    assert org.query("SELECT COUNT() FROM Contact")["totalSize"] == 30
