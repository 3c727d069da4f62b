import pytest

from tests.contracts.simulators.salesforce.bulk_driver import Jobs
from tests.contracts.simulators.salesforce.driver import error_of

KEY = "Causeway_Key__c"


def test_line_7_empty_leaves_a_value_alone_and_n_a_empties_it(jobs: Jobs) -> None:
    org = jobs.org
    account = org.create("Account", Name="Acme")
    kept, emptied = (
        org.create("Contact", LastName=name, Phone="1", AccountId=account) for name in "AB"
    )
    info = jobs.run("update", f"Id,Phone,Account.{KEY}\n{kept},,\n{emptied},#N/A,#N/A\n")
    assert info["numberRecordsFailed"] == 0
    assert {one["sf__Created"] for one in jobs.successes(info["id"])} == {"false"}
    assert (org.get("Contact", kept)["Phone"], org.get("Contact", emptied)["Phone"]) == ("1", None)
    assert org.get("Contact", kept)["AccountId"] == account
    assert org.get("Contact", emptied)["AccountId"] is None


def test_line_7_n_a_cannot_empty_a_required_field(jobs: Jobs) -> None:
    made = jobs.org.create("Contact", LastName="A")
    info = jobs.run("update", f"Id,LastName\n{made},#N/A\n")
    failed = jobs.failures(info["id"])[0]
    assert failed["sf__Id"] == made
    assert failed["sf__Error"].startswith("REQUIRED_FIELD_MISSING:")


def test_line_7_unknown_and_hidden_columns_are_dropped_and_missing_in_the_results(
    jobs: Jobs,
) -> None:
    jobs.org.switch(hidden_fields={"Contact": ["Phone"]})
    info = jobs.run("insert", "LastName,Phone,MyKey\nA,1,k1\n")
    assert info["state"] == "JobComplete"
    assert list(jobs.successes(info["id"])[0]) == ["sf__Id", "sf__Created", "LastName"]
    jobs.org.switch(hidden_fields={})
    assert jobs.org.rows("SELECT Phone FROM Contact") == [{"Phone": None}]


def test_line_7_or_an_unknown_column_fails_the_job(jobs: Jobs) -> None:
    jobs.org.switch(bulk_unknown_columns="fail")
    info = jobs.run("insert", "LastName,MyKey\nA,k1\n")
    assert info["state"] == "Failed"
    assert info["errorMessage"] == "InvalidBatch : Field name not found : MyKey"
    assert info["numberRecordsProcessed"] == 0


@pytest.mark.parametrize(
    ("operation", "more", "name"),
    [("update", {}, "Id"), ("delete", {}, "Id"), ("upsert", {"externalIdFieldName": KEY}, KEY)],
)
def test_line_7_a_file_without_its_key_column_fails(
    jobs: Jobs, operation: str, more: dict[str, str], name: str
) -> None:
    info = jobs.run(operation, "LastName\nA\n", **more)
    assert info["errorMessage"] == f"InvalidBatch : Field name not found : {name}"


def test_line_7_a_byte_order_mark_hides_the_first_column(jobs: Jobs) -> None:
    info = jobs.run("update", "\ufeffId,LastName\n003000000000000AAA,A\n")
    assert info["errorMessage"] == "InvalidBatch : Field name not found : Id"


@pytest.mark.parametrize(("ending", "used"), [("LF", "\r\n"), ("CRLF", "\n")])
def test_line_7_line_endings_must_be_those_of_the_job(jobs: Jobs, ending: str, used: str) -> None:
    info = jobs.run("insert", f"LastName{used}A{used}", lineEnding=ending)
    assert info["state"] == "Failed"
    assert info["errorMessage"] == (
        "ClientInputError : LineEnding is invalid on user data. "
        f"Current LineEnding setting is {ending}"
    )
    assert jobs.org.rows("SELECT Id FROM Contact") == []


def test_line_7_the_data_must_be_utf_8(jobs: Jobs) -> None:
    assert jobs.run("insert", "LastName\nMüller\n".encode("latin-1"))["state"] == "Failed"
    assert jobs.run("insert", "LastName\nMüller\n")["state"] == "JobComplete"
    assert jobs.org.rows("SELECT LastName FROM Contact") == [{"LastName": "Müller"}]


@pytest.mark.parametrize(
    ("name", "sign"),
    [
        ("COMMA", ","),
        ("TAB", "\t"),
        ("PIPE", "|"),
        ("SEMICOLON", ";"),
        ("CARET", "^"),
        ("BACKQUOTE", "`"),
    ],
)
def test_line_7_delimiters_and_quotes(jobs: Jobs, name: str, sign: str) -> None:
    text = sign.join(["LastName", "Description"]) + "\r\n"
    text += f'"a{sign}b"{sign}"say ""hi"",\r\nthen go"\r\n'
    info = jobs.run("insert", text, columnDelimiter=name, lineEnding="CRLF")
    assert info["numberRecordsFailed"] == 0
    stored = jobs.org.rows("SELECT LastName, Description FROM Contact")
    assert stored == [{"LastName": f"a{sign}b", "Description": 'say "hi",\r\nthen go'}]


def test_line_7_blanks_outside_quotes_spoil_the_row_and_inside_they_stay(jobs: Jobs) -> None:
    text = 'LastName,Title\nA, x\n"B", "y"\n"C" ,z\n"D"," w"\nE\nF,1,2\n'
    info = jobs.run("insert", text)
    assert sorted(one["Title"] for one in jobs.successes(info["id"])) == [" w", " x"]
    failed = jobs.failures(info["id"])
    assert len(failed) == 4
    assert {one["sf__Error"].partition(":")[0] for one in failed} == {"CLIENT_INPUT_ERROR"}


def test_line_7_a_field_is_at_most_32000_characters(jobs: Jobs) -> None:
    info = jobs.run("insert", f"LastName,Description\nA,{'x' * 32_000}\nB,{'x' * 32_001}\n")
    assert [one["LastName"] for one in jobs.failures(info["id"])] == ["B"]
    assert jobs.failures(info["id"])[0]["sf__Error"].startswith("LIMIT_EXCEEDED:")


def test_line_7_a_job_takes_one_upload_only_and_only_while_it_is_open(jobs: Jobs) -> None:
    job_id = jobs.create("insert")["id"]
    assert jobs.upload(job_id, "LastName\nA\n").status_code == 201
    again = jobs.upload(job_id, "LastName\nB\n")
    assert again.status_code == 400
    assert "Found multiple contents for job" in again.json()[0]["message"]
    jobs.state(job_id, "UploadComplete")
    late = jobs.upload(job_id, "LastName\nC\n")
    assert error_of(late) == (400, "INVALIDJOBSTATE")


def test_line_7_an_upload_is_csv_and_has_a_largest_size(jobs: Jobs) -> None:
    job_id = jobs.create("insert")["id"]
    wrong = jobs.upload(job_id, "LastName\nA\n", "application/json")
    assert error_of(wrong) == (415, "UNSUPPORTED_MEDIA_TYPE")
    jobs.org.switch(bulk_upload_bytes=10)
    assert error_of(jobs.upload(job_id, "LastName\nAB\n"))[0] == 400
    jobs.org.switch(bulk_upload_bytes=12)
    assert jobs.upload(job_id, "LastName\nAB\n").status_code == 201


def test_line_7_a_parent_is_named_by_an_indexed_field_only(jobs: Jobs) -> None:
    jobs.org.create("Account", Name="Acme")
    info = jobs.run("insert", "LastName,Account.Name,Account.Nothing,Nobody.Id\nA,Acme,1,2\n")
    assert list(jobs.successes(info["id"])[0]) == ["sf__Id", "sf__Created", "LastName"]
    assert jobs.org.rows("SELECT AccountId FROM Contact") == [{"AccountId": None}]
