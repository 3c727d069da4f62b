from typing import Any

from tests.contracts.simulators.salesforce.driver import VERSION, Driver, error_of, rows_of


def step(name: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
    found = {"referenceId": name, "method": method, "url": VERSION + path}
    return found if body is None else {**found, "body": body}


def run(org: Driver, *steps: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    answer = org.call("POST", "/composite", {"compositeRequest": list(steps), **more})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["compositeResponse"]
    assert [one["referenceId"] for one in found] == [one["referenceId"] for one in steps]
    return found


def test_later_steps_use_the_results_of_earlier_ones(org: Driver) -> None:
    found = run(
        org,
        step("acc", "POST", "/sobjects/Account", {"Name": "Org"}),
        step("con", "POST", "/sobjects/Contact", {"LastName": "X", "AccountId": "@{acc.id}"}),
        step("get", "GET", "/sobjects/Contact/@{con.id}?fields=AccountId"),
        step("q", "GET", "/query?q=SELECT+Id+FROM+Contact+WHERE+Id='@{con.id}'"),
        step("end", "PATCH", "/sobjects/Contact/@{q.records[0].Id}", {"Title": "of @{acc.id}"}),
    )
    account = found[0]["body"]["id"]
    assert found[0]["httpHeaders"]["Location"].endswith(account)
    assert [one["httpStatusCode"] for one in found] == [201, 201, 200, 200, 204]
    assert found[2]["body"]["AccountId"] == account
    assert found[4]["body"] is None
    contact = found[1]["body"]["id"]
    assert org.get("Contact", contact)["Title"] == f"of {account}"


def test_line_2_everything_failed_is_still_200(org: Driver) -> None:
    bad = step("a", "POST", "/sobjects/Contact", {})
    missing = step("b", "GET", "/sobjects/Contact/@{a.id}")
    first, second = run(org, bad, missing)
    assert first["httpStatusCode"] == 400
    assert first["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert second["body"][0]["errorCode"] == "PROCESSING_HALTED"


def test_line_2_all_or_none_shows_the_root_cause_and_halts_the_rest(org: Driver) -> None:
    good = step("a", "POST", "/sobjects/Contact", {"LastName": "X"})
    bad = step("b", "POST", "/sobjects/Contact", {})
    late = step("c", "POST", "/sobjects/Contact", {"LastName": "Y"})
    found = run(org, good, bad, late, allOrNone=True)
    codes = [one["body"][0]["errorCode"] for one in found]
    assert codes == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]
    assert {one["httpStatusCode"] for one in found} == {400}
    assert org.rows("SELECT Id FROM Contact") == []
    assert org.look("changes") == []


def test_the_outer_all_or_none_reaches_into_collections(org: Driver) -> None:
    rows = rows_of("Contact", [{"LastName": "X"}, {}])
    many = step("m", "POST", "/composite/sobjects", {"allOrNone": False, "records": rows})
    good = step("a", "POST", "/sobjects/Contact", {"LastName": "X"})
    run(org, good, many, allOrNone=True)
    assert org.rows("SELECT Id FROM Contact") == []
    found = run(org, good, many)
    assert [one["httpStatusCode"] for one in found] == [201, 200]
    assert len(org.rows("SELECT Id FROM Contact")) == 2


def test_reference_names_are_case_sensitive(org: Driver) -> None:
    found = run(
        org,
        step("Ref", "POST", "/sobjects/Contact", {"LastName": "X"}),
        step("b", "GET", "/sobjects/Contact/@{ref.id}"),
    )
    assert found[1]["httpStatusCode"] == 400


def test_line_2_the_limits_of_a_composite(org: Driver) -> None:
    query = "/query?q=SELECT+Id+FROM+User"
    six = [step(f"q{number}", "GET", query) for number in range(6)]
    assert error_of(org.call("POST", "/composite", {"compositeRequest": six})) == (
        400,
        "LIMIT_EXCEEDED",
    )
    rows = [step(f"r{number}", "GET", "/sobjects/Contact/describe") for number in range(26)]
    assert error_of(org.call("POST", "/composite", {"compositeRequest": rows})) == (
        400,
        "LIMIT_EXCEEDED",
    )
    assert len(run(org, *rows[:25])) == 25
    twice = [step("x", "GET", "/limits")] * 2
    assert org.call("POST", "/composite", {"compositeRequest": twice}).status_code == 400


def test_composites_do_not_nest(org: Driver) -> None:
    found = run(org, step("a", "POST", "/composite", {"compositeRequest": []}))
    assert found[0]["httpStatusCode"] == 400


def test_headers_reach_the_subrequests(org: Driver) -> None:
    org.switch(assignment_rule=True)
    lead = {"LastName": "L", "Company": "C"}
    keep = {**step("a", "POST", "/sobjects/Lead", lead)}
    keep["httpHeaders"] = {"Sforce-Auto-Assign": "FALSE"}
    run(org, keep, step("b", "POST", "/sobjects/Lead", lead))
    owners = [one["Owner"]["Name"] for one in org.rows("SELECT Owner.Name FROM Lead ORDER BY Id")]
    assert owners == ["Ada Admin", "Rita Routing"]


def test_line_2_the_order_of_a_composite_is_free_unless_references_force_it(org: Driver) -> None:
    org.control("create", {"object": "Lead", "fields": {"LastName": "L", "Company": "C"}})
    lead = org.rows("SELECT Id FROM Lead")[0]["Id"]
    count = step("count", "GET", "/query?q=SELECT+COUNT()+FROM+Contact")
    steps = [
        step("a", "POST", "/sobjects/Contact", {"LastName": "A"}),
        count,
        step("b", "POST", "/sobjects/Contact", {"LastName": "B"}),
        step("c", "PATCH", f"/sobjects/Lead/{lead}", {"Title": "@{b.id}"}),
        step("d", "POST", "/sobjects/Contact", {"LastName": "D", "Title": "after @{count.done}"}),
    ]
    assert run(org, *steps)[1]["body"]["totalSize"] == 2
    before = len(org.rows("SELECT Id FROM Contact"))
    assert run(org, *steps, collateSubrequests=False)[1]["body"]["totalSize"] == before + 1
    old = {"compositeRequest": steps}
    before = len(org.rows("SELECT Id FROM Contact"))
    answer = org.call("POST", "/composite", old, version="/services/data/v48.0")
    assert answer.json()["compositeResponse"][1]["body"]["totalSize"] == before + 1


def batch(org: Driver, steps: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    answer = org.call("POST", "/composite/batch", {"batchRequests": steps, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_line_2_a_batch_runs_each_by_itself(org: Driver) -> None:
    record_id = org.create("Contact", LastName="X")
    url = f"v66.0/sobjects/Contact/{record_id}"
    steps: list[dict[str, Any]] = [
        {"method": "PATCH", "url": url, "richInput": {"Title": "T"}},
        {"method": "PATCH", "url": url, "richInput": {"Nope": "T"}},
        {"method": "GET", "url": f"{url}?fields=Title"},
    ]
    found = batch(org, steps)
    assert found["hasErrors"] is True
    assert [one["statusCode"] for one in found["results"]] == [204, 400, 200]
    assert found["results"][2]["result"]["Title"] == "T"
    halted = batch(org, steps, haltOnError=True)["results"]
    assert [one["statusCode"] for one in halted] == [204, 400, 412]
    assert halted[2]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"


def test_a_batch_takes_no_later_version_and_no_composite(org: Driver) -> None:
    steps: list[dict[str, Any]] = [
        {"method": "GET", "url": "v67.0/limits"},
        {"method": "POST", "url": "v66.0/composite", "richInput": {}},
    ]
    found = batch(org, steps)["results"]
    assert [one["statusCode"] for one in found] == [400, 400]
