from tests.contracts.simulators.salesforce.bulk_driver import Jobs

KEY = "Causeway_Key__c"


def test_line_7_a_complete_job_may_have_failed_rows_and_results_lose_the_order(
    jobs: Jobs,
) -> None:
    names = [f"N{number}" if number % 5 else "" for number in range(30)]
    rows = "".join(f"{name},key-{place}\n" for place, name in enumerate(names))
    info = jobs.run("insert", f"LastName,{KEY}\n{rows}")
    assert info["state"] == "JobComplete"
    assert (info["numberRecordsProcessed"], info["numberRecordsFailed"]) == (30, 6)
    good, bad = jobs.successes(info["id"]), jobs.failures(info["id"])
    assert list(good[0]) == ["sf__Id", "sf__Created", "LastName", KEY]
    assert {one["sf__Created"] for one in good} == {"true"}
    keys = [one[KEY] for one in good]
    assert sorted(keys) == sorted(f"key-{place}" for place, name in enumerate(names) if name)
    assert keys != [f"key-{place}" for place, name in enumerate(names) if name]
    assert keys == [one[KEY] for one in jobs.successes(info["id"])]
    stored = {
        one[KEY]: one["Id"] for one in jobs.org.rows("SELECT Id, Causeway_Key__c FROM Contact")
    }
    assert {one[KEY]: one["sf__Id"] for one in good} == stored
    assert list(bad[0]) == ["sf__Id", "sf__Error", "LastName", KEY]
    assert {one["sf__Id"] for one in bad} == {""}
    assert {one["sf__Error"] for one in bad} == {
        "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"
    }
    assert jobs.results(info["id"], "unprocessedrecords") == []


def test_line_7_upsert_by_an_external_id_and_parents_by_theirs(jobs: Jobs) -> None:
    org = jobs.org
    account = org.create("Account", Name="Acme", **{KEY: "a1"})
    known = org.create("Contact", LastName="Old", **{KEY: "c1"})
    info = jobs.run(
        "upsert",
        f"{KEY},LastName,Account.{KEY}\nc1,New,a1\nc2,Born,nobody\nc3,Born,\nc4,X,\nC4,Y,\n,Z,\n",
        externalIdFieldName=KEY,
    )
    assert info["externalIdFieldName"] == KEY
    created = {one[KEY]: one["sf__Created"] for one in jobs.successes(info["id"])}
    assert created == {"c1": "false", "c3": "true"}
    contact = org.get("Contact", known)
    assert (contact["LastName"], contact["AccountId"]) == ("New", account)
    errors = {one[KEY]: one["sf__Error"] for one in jobs.failures(info["id"])}
    assert errors == {
        "c2": "INVALID_FIELD:Foreign key external ID: nobody not found for field "
        "Causeway_Key__c in entity Account:--",
        "c4": f"DUPLICATE_VALUE:Duplicate external id specified: c4:{KEY} --",
        "C4": f"DUPLICATE_VALUE:Duplicate external id specified: C4:{KEY} --",
        "": f"MISSING_ARGUMENT:{KEY} not specified:{KEY} --",
    }


def test_line_7_upsert_with_several_matches_writes_nothing(jobs: Jobs) -> None:
    ids = [jobs.org.create("Contact", LastName="T", Email="t@example.com") for _ in range(2)]
    info = jobs.run("upsert", "Email,LastName\nt@example.com,N\n", externalIdFieldName="Email")
    error = jobs.failures(info["id"])[0]["sf__Error"]
    assert error.startswith("DUPLICATE_EXTERNAL_ID:Email: more than one record found")
    assert {jobs.org.get("Contact", one)["LastName"] for one in ids} == {"T"}


def test_line_7_upsert_by_id(jobs: Jobs) -> None:
    made = jobs.org.create("Contact", LastName="Old")
    text = f"Id,LastName\n{made},New\n,Born\n003000000000000AAA,Lost\n"
    info = jobs.run("upsert", text, externalIdFieldName="Id")
    created = {one["LastName"]: one["sf__Created"] for one in jobs.successes(info["id"])}
    assert created == {"New": "false", "Born": "true"}
    assert jobs.failures(info["id"])[0]["sf__Error"] == (
        "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--"
    )


def test_line_7_delete_takes_ids_only(jobs: Jobs) -> None:
    first, gone = (jobs.org.create("Contact", LastName=name) for name in "AB")
    jobs.org.control("delete", {"object": "Contact", "id": gone})
    info = jobs.run("delete", f"Id\n{first}\n{gone}\nnonsense\n")
    assert jobs.successes(info["id"]) == [{"sf__Id": first, "sf__Created": "false", "Id": first}]
    errors = {one["Id"]: one["sf__Error"] for one in jobs.failures(info["id"])}
    assert errors == {
        gone: "ENTITY_IS_DELETED:entity is deleted:--",
        "nonsense": "MALFORMED_ID:malformed id nonsense:Id --",
    }
    info = jobs.run("delete", f"Id,LastName\n{first},A\n")
    assert info["state"] == "Failed"
    assert info["errorMessage"] == "InvalidBatch : The 'delete' batch must contain only ids"


def test_line_7_rows_meet_the_same_rules_as_single_records(jobs: Jobs) -> None:
    org = jobs.org
    org.create("Contact", LastName="First", Email="twin@example.com")
    org.switch(
        duplicate_rule="alert",
        validation_rule={"object": "Contact", "field": "LastName", "value": "Bad", "message": "No"},
        read_only_fields={"Contact": ["Fax"]},
    )
    rows = [
        "twin,twin@example.com,,,",
        "nomail,nomail,,,",
        "Bad,,,,",
        "fax,,1,,",
        "date,,,tomorrow,",
        f"long,,,,{'x' * 41}",
    ]
    text = "LastName,Email,Fax,Birthdate,MailingCity\n" + "\n".join(rows)
    info = jobs.run("insert", text)
    found = {one["LastName"]: one["sf__Error"] for one in jobs.failures(info["id"])}
    assert {name: error.partition(":")[0] for name, error in found.items()} == {
        "twin": "DUPLICATES_DETECTED",
        "nomail": "INVALID_EMAIL_ADDRESS",
        "Bad": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "fax": "INVALID_FIELD_FOR_INSERT_UPDATE",
        "date": "INVALID_TYPE_ON_FIELD_IN_RECORD",
        "long": "STRING_TOO_LONG",
    }
    assert found["date"].endswith("value not of required type: tomorrow:Birthdate --")
    assert "003" not in found["twin"]


def test_line_7_rows_can_meet_locks(jobs: Jobs) -> None:
    made = [jobs.org.create("Contact", LastName=name) for name in "AB"]
    jobs.org.switch(locked_ids=[made[0]])
    info = jobs.run("update", f"Id,LastName\n{made[0]},X\n{made[1]},Y\n")
    assert jobs.failures(info["id"])[0]["sf__Error"] == (
        "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 1 records: "
        f"{made[0]}:--"
    )
    assert len(jobs.successes(info["id"])) == 1
    fault = {"match": "PATCH */jobs/ingest/*", "kind": "http", "code": "UNABLE_TO_LOCK_ROW"}
    jobs.org.control("faults", fault)
    assert jobs.run("update", f"Id,LastName\n{made[1]},Z\n")["numberRecordsFailed"] == 1


def test_line_7_no_assignment_rule_runs_unless_the_job_names_one(jobs: Jobs) -> None:
    jobs.org.switch(assignment_rule=True)
    text = "LastName,Company\nL,C\n"
    jobs.run("insert", text, object_name="Lead")
    jobs.run("insert", text, object_name="Lead", assignmentRuleId="01Q5g0000000001AAA")
    owners = [row["OwnerId"] for row in jobs.org.rows("SELECT OwnerId FROM Lead ORDER BY Id")]
    assert owners[0] == jobs.org.user_id
    assert owners[1] != jobs.org.user_id
