import csv
import io
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.contracts.simulators.salesforce.bulk_driver import QUERY, Jobs, bulk2
from tests.contracts.simulators.salesforce.driver import Driver, error_of

SOQL = "SELECT Id, LastName FROM Contact ORDER BY LastName"


def ask(org: Driver, soql: str = SOQL, **more: str) -> httpx2.Response:
    return org.call("POST", QUERY, {"operation": "query", "query": soql, **more})


def complete(jobs: Jobs, soql: str = SOQL, **more: str) -> str:
    response = ask(jobs.org, soql, **more)
    assert response.status_code == 200, response.text
    jobs.pass_time()
    job_id: str = response.json()["id"]
    assert info(jobs.org, job_id)["state"] == "JobComplete"
    return job_id


def info(org: Driver, job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = org.call("GET", f"{QUERY}/{job_id}").json()
    return found


def page(org: Driver, job_id: str, **params: str) -> httpx2.Response:
    response = org.call("GET", f"{QUERY}/{job_id}/results", params=params)
    assert response.status_code == 200, response.text
    return response


def rows(response: httpx2.Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.text)))


def people(org: Driver, count: int) -> None:
    records = [{"LastName": f"N{number:03}"} for number in range(count)]
    org.control("create-many", {"object": "Contact", "records": records})


def test_line_7_a_query_job_begins_as_upload_complete(jobs: Jobs) -> None:
    created = ask(jobs.org).json()
    assert created == {
        "id": created["id"],
        "operation": "query",
        "object": "Contact",
        "createdById": jobs.org.user_id,
        "createdDate": created["createdDate"],
        "systemModstamp": created["createdDate"],
        "state": "UploadComplete",
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": 66.0,
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }
    people(jobs.org, 3)
    jobs.pass_time(0.5)
    assert info(jobs.org, created["id"])["state"] == "InProgress"
    jobs.pass_time(0.5)
    done = info(jobs.org, created["id"])
    assert (done["state"], done["jobType"]) == ("JobComplete", "V2Query")
    assert done["numberRecordsProcessed"] == 3


def test_line_7_pages_end_with_the_locator_null(jobs: Jobs) -> None:
    people(jobs.org, 25)
    job_id = complete(jobs)
    first = page(jobs.org, job_id, maxRecords="10")
    assert first.headers["content-type"].startswith("text/csv")
    assert first.headers["sforce-numberofrecords"] == "10"
    locator = first.headers["sforce-locator"]
    assert locator != "null"
    second = page(jobs.org, job_id, maxRecords="10", locator=locator)
    third = page(jobs.org, job_id, maxRecords="10", locator=second.headers["sforce-locator"])
    assert third.headers["sforce-numberofrecords"] == "5"
    assert third.headers["sforce-locator"] == "null"
    pages = [rows(one) for one in (first, second, third)]
    assert [one[0] for one in pages] == [["Id", "LastName"]] * 3
    names = [row[1] for one in pages for row in one[1:]]
    assert names == [f"N{number:03}" for number in range(25)]
    again = page(jobs.org, job_id, maxRecords="10", locator=locator)
    assert again.content == second.content


def test_line_7_a_page_may_be_smaller_than_asked(jobs: Jobs) -> None:
    people(jobs.org, 5)
    jobs.org.switch(bulk_query_page_size=2)
    first = page(jobs.org, complete(jobs), maxRecords="1000")
    assert first.headers["sforce-numberofrecords"] == "2"
    assert first.headers["sforce-locator"] != "null"


def test_line_7_a_query_without_rows_is_its_header(jobs: Jobs) -> None:
    empty = page(jobs.org, complete(jobs))
    assert empty.text == '"Id","LastName"\n'
    assert empty.headers["sforce-numberofrecords"] == "0"
    assert empty.headers["sforce-locator"] == "null"


def test_line_7_results_are_asked_for_in_the_version_of_the_job(jobs: Jobs) -> None:
    job_id = complete(jobs)
    for path in ("results", "resultPages"):
        other = jobs.org.call("GET", f"{QUERY}/{job_id}/{path}", version="/services/data/v67.0")
        assert other.status_code == 409
        assert isinstance(other.json(), list)
    looked = jobs.org.call("GET", f"{QUERY}/{job_id}", version="/services/data/v67.0")
    assert looked.json()["apiVersion"] == 66.0


def test_line_7_results_wait_for_the_end_of_the_job(jobs: Jobs) -> None:
    job_id = ask(jobs.org).json()["id"]
    for path in ("results", "resultPages"):
        early = jobs.org.call("GET", f"{QUERY}/{job_id}/{path}")
        assert error_of(early) == (400, "INVALIDJOBSTATE")


def test_line_7_result_pages_come_by_five(jobs: Jobs) -> None:
    people(jobs.org, 13)
    job_id = complete(jobs)
    base = f"/services/data/v66.0/jobs/query/{job_id}"
    first = jobs.org.call("GET", f"{QUERY}/{job_id}/resultPages?maxRecords=2").json()
    assert first["done"] is False
    assert len(first["resultPages"]) == 5
    assert first["nextRecordsUrl"].startswith(f"{base}/resultPages?locator=")
    second = jobs.org.call("GET", first["nextRecordsUrl"], version="").json()
    assert second["done"] is True
    assert "nextRecordsUrl" not in second
    urls = [one["resultUrl"] for one in (*first["resultPages"], *second["resultPages"])]
    assert all(url.startswith(f"{base}/results?locator=") for url in urls)
    found = [rows(jobs.org.call("GET", url, version=""))[1:] for url in urls]
    assert [row[1] for one in found for row in one] == [f"N{number:03}" for number in range(13)]
    old = jobs.org.call("GET", f"{QUERY}/{job_id}/resultPages", version="/services/data/v57.0")
    assert error_of(old) == (404, "NOT_FOUND")


def test_line_7_values_in_the_file(jobs: Jobs) -> None:
    org = jobs.org
    account = org.create("Account", Name='A "quoted", name')
    org.create("Contact", LastName="L", AccountId=account, Description="two\nlines")
    job_id = complete(
        jobs,
        "SELECT account.name, Description, Phone, IsDeleted, CreatedDate FROM Contact",
        columnDelimiter="SEMICOLON",
        lineEnding="CRLF",
    )
    lines = page(org, job_id).content.decode()
    header, _, rest = lines.partition("\r\n")
    assert header == '"Account.Name";"Description";"Phone";"IsDeleted";"CreatedDate"'
    assert rest.startswith('"A ""quoted"", name";"two\nlines";"";"false";"20')
    assert rest.endswith('.000Z"\r\n')


def test_line_7_query_all_has_deleted_rows(jobs: Jobs) -> None:
    gone = jobs.org.create("Contact", LastName="Gone")
    jobs.org.control("delete", {"object": "Contact", "id": gone})
    assert len(rows(page(jobs.org, complete(jobs)))) == 1
    both = complete(jobs, operation="queryAll")
    assert rows(page(jobs.org, both))[1:] == [[gone, "Gone"]]


def test_line_7_a_field_that_gets_hidden_meanwhile_fails_the_job(jobs: Jobs) -> None:
    job_id = ask(jobs.org, "SELECT Id, Phone FROM Contact").json()["id"]
    jobs.org.switch(hidden_fields={"Contact": ["Phone"]})
    jobs.pass_time()
    failed = info(jobs.org, job_id)
    assert failed["state"] == "Failed"
    assert failed["errorMessage"].startswith("INVALID_FIELD: ")


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Id, Nothing FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("SELECT FROM", "MALFORMED_QUERY"),
        ("SELECT COUNT() FROM Contact", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT Id FROM Contact LIMIT 5 OFFSET 5", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT Id, MailingAddress FROM Contact", "FUNCTIONALITY_NOT_ENABLED"),
        ("", "REQUIRED_FIELD_MISSING"),
    ],
)
def test_line_7_queries_that_no_job_runs(org: Driver, soql: str, code: str) -> None:
    assert error_of(ask(org, soql)) == (400, code)
    assert org.call("GET", QUERY).json()["records"] == []


def test_line_7_a_query_job_is_aborted_or_deleted(jobs: Jobs) -> None:
    waiting, done = ask(jobs.org).json()["id"], complete(jobs)
    waiting = ask(jobs.org).json()["id"]
    body = {"state": "Aborted"}
    assert jobs.org.call("PATCH", f"{QUERY}/{waiting}", body).json()["state"] == "Aborted"
    late = jobs.org.call("PATCH", f"{QUERY}/{done}", body)
    assert error_of(late) == (400, "INVALIDJOBSTATE")
    assert late.json()[0]["message"] == "Aborting already Completed Job not allowed"
    assert jobs.org.call("DELETE", f"{QUERY}/{done}").status_code == 204
    assert error_of(jobs.org.call("GET", f"{QUERY}/{done}")) == (404, "NOT_FOUND")
    jobs.org.control("clock", {"advance_seconds": 7 * 86_400 + 1})
    jobs.org.grant()
    assert jobs.org.call("GET", QUERY).json()["records"] == []


@pytest.mark.parametrize("params", [{"locator": "MTAwMDA"}, {"locator": "!"}, {"maxRecords": "0"}])
def test_line_7_pages_that_do_not_exist(jobs: Jobs, params: dict[str, str]) -> None:
    people(jobs.org, 1)
    answer = jobs.org.call("GET", f"{QUERY}/{complete(jobs)}/results", params=params)
    assert answer.status_code == 400


def test_line_7_query_jobs_of_a_day_are_counted(org: Driver) -> None:
    org.switch(bulk_daily_query_jobs=2)
    assert [ask(org).status_code for _ in range(2)] == [200, 200]
    assert error_of(ask(org)) == (400, "EXCEEDEDQUOTA")
    left = org.call("GET", "/limits").json()["DailyBulkV2QueryJobs"]
    assert left == {"Max": 2, "Remaining": 0}


def test_line_7_each_query_request_is_one_call(jobs: Jobs) -> None:
    people(jobs.org, 50)
    job_id = complete(jobs)
    before = jobs.org.used()
    page(jobs.org, job_id, maxRecords="10")
    page(jobs.org, job_id)
    assert jobs.org.used() - before == 2


def test_line_7_simple_salesforce_reads_pages(org: Driver) -> None:
    org.switch(bulk_seconds=0)
    people(org, 25)
    with bulk2(org, "Contact") as contacts:
        pages = list(contacts.query(SOQL, max_records=10, wait=0))
        everything = list(contacts.query_all("SELECT Id FROM Contact", wait=0))
    counts = [len(list(csv.reader(io.StringIO(one)))) - 1 for one in pages]
    assert counts == [10, 10, 5]
    assert len(everything[0].splitlines()) == 26


def test_line_7_simple_salesforce_downloads_files(org: Driver, tmp_path: Path) -> None:
    org.switch(bulk_seconds=0)
    people(org, 5)
    with bulk2(org, "Contact") as contacts:
        found = contacts.download(SOQL, path=str(tmp_path), max_records=3, wait=0)
    assert [one["number_of_records"] for one in found] == [3, 2]
    texts = [Path(one["file"]).read_text(encoding="utf-8") for one in found]
    assert [len(text.splitlines()) for text in texts] == [4, 3]
