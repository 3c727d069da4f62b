"""Composite graphs and trees (facts: section 2.5)."""

from typing import Any

import pytest

from tests.contracts.simulators.salesforce.driver import VERSION, Driver, error_of

Node = dict[str, Any]


def node(name: str, method: str, path: str, body: Any = None) -> Node:
    found = {"referenceId": name, "method": method, "url": VERSION + path}
    return found if body is None else {**found, "body": body}


def contact(name: str, **fields: Any) -> Node:
    return node(name, "POST", "/sobjects/Contact", {"LastName": name, **fields})


def graphs(org: Driver, **named: list[Node]) -> dict[str, Any]:
    body = {"graphs": [{"graphId": key, "compositeRequest": one} for key, one in named.items()]}
    answer = org.call("POST", "/composite/graph", body)
    assert answer.status_code == 200, answer.text
    found = answer.json()["graphs"]
    assert [one["graphId"] for one in found] == list(named)
    return {one["graphId"]: one for one in found}


def codes(graph: dict[str, Any]) -> list[Any]:
    items = graph["graphResponse"]["compositeResponse"]
    return [
        one["body"][0]["errorCode"] if isinstance(one["body"], list) else one["httpStatusCode"]
        for one in items
    ]


def test_line_2_each_graph_is_a_transaction_and_all_count_once(org: Driver) -> None:
    account = node("acc", "POST", "/sobjects/Account", {"Name": "Org"})
    good = [account, contact("Below", AccountId="@{acc.id}")]
    bad = [contact("Gone"), node("b", "POST", "/sobjects/Contact", {}), contact("Late")]
    found = graphs(org, good=good, bad=bad)
    assert found["good"]["isSuccessful"] is True
    assert codes(found["good"]) == [201, 201]
    assert found["bad"]["isSuccessful"] is False
    assert codes(found["bad"]) == [
        "PROCESSING_HALTED",
        "REQUIRED_FIELD_MISSING",
        "PROCESSING_HALTED",
    ]
    rows = org.rows("SELECT LastName, Account.Name FROM Contact")
    assert [(row["LastName"], row["Account"]["Name"]) for row in rows] == [("Below", "Org")]
    assert org.look("calls")["by_endpoint"]["POST /composite/graph"] == 1


def test_line_2_a_graph_takes_records_only(org: Driver) -> None:
    org.install()
    ids = node("u", "PATCH", "/sobjects/Contact/Causeway_Key__c/k1", {"LastName": "Keyed"})
    read = node("r", "GET", "/sobjects/Contact/@{u.id}")
    query = node("q", "GET", "/query?q=SELECT+Id+FROM+Contact")
    found = graphs(org, rows=[ids, read], queries=[query])
    assert codes(found["rows"]) == [201, 200]
    assert codes(found["queries"]) == ["INVALID_INPUT"]


def test_line_2_after_14_failed_graphs_the_rest_is_not_processed(org: Driver) -> None:
    bad = [node("b", "POST", "/sobjects/Contact", {})]
    named = {f"g{number}": bad for number in range(14)}
    found = graphs(org, **named, late=[contact("Late")])
    assert codes(found["late"]) == ["PROCESSING_HALTED"]
    assert org.rows("SELECT Id FROM Contact") == []


def test_line_2_the_limits_of_graphs(org: Driver) -> None:
    def refused(*lists: list[Node]) -> tuple[int, str]:
        named = [{"graphId": str(key), "compositeRequest": one} for key, one in enumerate(lists)]
        return error_of(org.call("POST", "/composite/graph", {"graphs": named}))

    one = [contact("x")]
    assert refused(*[one] * 76) == (400, "LIMIT_EXCEEDED")
    assert refused([contact(f"c{number}") for number in range(501)]) == (400, "LIMIT_EXCEEDED")
    assert refused([contact("x"), contact("x")]) == (400, "INVALID_INPUT")
    chain = [node("n0", "POST", "/sobjects/Account", {"Name": "0"})]
    for number in range(1, 16):
        body = {"Name": str(number), "ParentId": f"@{{n{number - 1}.id}}"}
        chain.append(node(f"n{number}", "POST", "/sobjects/Account", body))
    assert set(codes(graphs(org, deep=chain)["deep"])) == {"INVALID_INPUT"}
    assert set(codes(graphs(org, fits=chain[:15])["fits"])) == {201}


def rows(object_name: str, *names: str, **fields: Any) -> list[dict[str, Any]]:
    named = {"Account": "Name", "Contact": "LastName", "Opportunity": "Name"}[object_name]
    return [
        {"attributes": {"type": object_name, "referenceId": one}, named: one, **fields}
        for one in names
    ]


def tree(*records: dict[str, Any]) -> dict[str, Any]:
    return {"records": list(records)}


def test_line_2_a_tree_creates_children_below_their_parents(org: Driver) -> None:
    below = tree(*rows("Contact", "c1", "c2"))
    body = tree(*rows("Account", "a1", Contacts=below), *rows("Account", "a2"))
    answer = org.call("POST", "/composite/tree/Account", body)
    assert answer.status_code == 201
    found = answer.json()
    assert found["hasErrors"] is False
    assert [one["referenceId"] for one in found["results"]] == ["a1", "c1", "c2", "a2"]
    parents = org.rows("SELECT LastName, Account.Name FROM Contact ORDER BY LastName")
    assert [(one["LastName"], one["Account"]["Name"]) for one in parents] == [
        ("c1", "a1"),
        ("c2", "a1"),
    ]
    assert org.look("calls")["by_endpoint"]["POST /composite/tree/{object}"] == 1


def test_line_2_a_tree_is_all_or_nothing_and_lists_only_failures(org: Driver) -> None:
    bad = [{"attributes": {"type": "Contact", "referenceId": "c2"}, "FirstName": "No"}]
    body = tree(*rows("Account", "a1", Contacts=tree(*rows("Contact", "c1"), *bad)))
    answer = org.call("POST", "/composite/tree/Account", body)
    assert answer.status_code == 400
    found = answer.json()
    assert (found["hasErrors"], len(found["results"])) == (True, 1)
    assert found["results"][0]["referenceId"] == "c2"
    assert found["results"][0]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert org.rows("SELECT Id FROM Account") == []


@pytest.mark.parametrize(
    ("records", "code"),
    [
        (rows("Account", *map(str, range(201))), "LIMIT_EXCEEDED"),
        (rows("Account", "same", "same"), "INVALID_INPUT"),
        (rows("Contact", "other type"), "INVALID_INPUT"),
        ([{"Name": "no reference"}], "INVALID_INPUT"),
        (rows("Account", "a", Nothing=tree()), "INVALID_FIELD"),
    ],
)
def test_line_2_trees_that_are_refused(org: Driver, records: list[Any], code: str) -> None:
    answer = org.call("POST", "/composite/tree/Account", {"records": records})
    assert error_of(answer) == (400, code)
