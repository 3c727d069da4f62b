from typing import Any

import pytest

from tests.contracts.simulators.salesforce.driver import Driver, error_of

PEOPLE = (
    {"LastName": "Adler", "FirstName": "Eva", "Email": "Eva@Example.com", "Title": "CEO"},
    {"LastName": "Berg", "FirstName": "Ole", "Email": "ole@example.com", "Phone": "1"},
    {"LastName": "O'Hara", "DoNotCall": True, "Birthdate": "1990-05-01"},
    {"LastName": "100%_\\", "FirstName": "ole", "Title": "cto"},
)


@pytest.fixture
def crowd(org: Driver) -> Driver:
    org.control("create-many", {"object": "Contact", "records": PEOPLE})
    return org


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Email = 'eva@EXAMPLE.com'", ["Adler"]),
        ("Email IN ('EVA@example.com', 'OLE@example.com')", ["Adler", "Berg"]),
        ("Email NOT IN ('eva@example.com')", ["Berg", "O'Hara", "100%_\\"]),
        ("Email = null", ["O'Hara", "100%_\\"]),
        ("Email != null", ["Adler", "Berg"]),
        ("Title != 'ceo'", ["Berg", "O'Hara", "100%_\\"]),
        ("FirstName = 'OLE' AND Title = null", ["Berg"]),
        ("FirstName = 'Ole' OR Title = 'CEO'", ["Adler", "Berg", "100%_\\"]),
        ("(Title = 'CEO' OR Title = 'CTO') AND NOT FirstName = 'ole'", ["Adler"]),
        ("NOT (Email != null)", ["O'Hara", "100%_\\"]),
        ("DoNotCall = true", ["O'Hara"]),
        ("DoNotCall != TRUE", ["Adler", "Berg", "100%_\\"]),
        ("Birthdate < 1991-01-01", ["O'Hara"]),
        ("Birthdate >= 1990-05-02", []),
        ("Birthdate = LAST_N_DAYS:30", []),
        ("LastName = 'O\\'Hara'", ["O'Hara"]),
        ("LastName LIKE 'a%'", ["Adler"]),
        ("LastName LIKE '%e_'", ["Adler"]),
        ("LastName LIKE '100\\%\\_%'", ["100%_\\"]),
        ("LastName LIKE 'A\\%'", []),
        ("LastName = '100%_\\\\'", ["100%_\\"]),
        ("LastName > 'berg' AND LastName <= 'P'", ["O'Hara"]),
        ("CreatedDate = TODAY", ["Adler", "Berg", "O'Hara", "100%_\\"]),
        ("CreatedDate = LAST_N_DAYS:1", ["Adler", "Berg", "O'Hara", "100%_\\"]),
        ("CreatedDate < TODAY", []),
        ("CreatedDate > 2020-01-01T00:00:00Z", ["Adler", "Berg", "O'Hara", "100%_\\"]),
        ("CreatedDate > 2020-01-01T00:00:00.000+01:00 AND Phone = '1'", ["Berg"]),
        ("SystemModstamp >= 2999-01-01T00:00:00Z", []),
        ("SystemModstamp = 2999-01-01T00:00:00Z", []),
        ("SystemModstamp < 2020-01-01T00:00:00Z", []),
        ("SystemModstamp < 2999-01-01T00:00:00Z AND Phone = '1'", ["Berg"]),
        ("LastModifiedDate <= 2999-01-01T00:00:00Z AND Title = 'ceo'", ["Adler"]),
        ("SystemModstamp >= 2020-01-01T00:00:00Z AND NOT Title = null", ["Adler", "100%_\\"]),
        ("Owner.Name = 'selma sales' AND LastName = 'berg'", ["Berg"]),
        ("Owner.Email = 'nobody@example.com'", []),
        ("Account.Name = null AND LastName = 'Adler'", ["Adler"]),
    ],
)
def test_line_6_where(crowd: Driver, where: str, expected: list[str]) -> None:
    rows = crowd.rows(f"SELECT LastName FROM Contact WHERE {where} ORDER BY Id")  # noqa: S608
    assert [row["LastName"] for row in rows] == expected


def test_line_6_ids_are_found_in_either_length(crowd: Driver) -> None:
    first, second = (row["Id"] for row in crowd.rows("SELECT Id FROM Contact LIMIT 2"))
    listed = f"'{first[:15]}','{second}','003000000000000AAA'"
    rows = crowd.rows(f"SELECT Id FROM Contact WHERE Id IN ({listed}) ORDER BY Id")  # noqa: S608
    assert rows == [{"Id": first}, {"Id": second}]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("LastName", ["100%_\\", "Adler", "Berg", "O'Hara"]),
        ("LastName DESC", ["O'Hara", "Berg", "Adler", "100%_\\"]),
        ("Title, LastName DESC", ["O'Hara", "Berg", "Adler", "100%_\\"]),
        ("Title NULLS LAST, LastName", ["Adler", "100%_\\", "Berg", "O'Hara"]),
        ("FirstName DESC NULLS LAST, LastName ASC", ["100%_\\", "Berg", "Adler", "O'Hara"]),
        ("LastName LIMIT 2", ["100%_\\", "Adler"]),
        ("LastName LIMIT 2 OFFSET 1", ["Adler", "Berg"]),
        ("LastName OFFSET 3", ["O'Hara"]),
    ],
)
def test_line_6_order_limit_offset(crowd: Driver, order: str, expected: list[str]) -> None:
    rows = crowd.rows(f"SELECT LastName FROM Contact ORDER BY {order}")  # noqa: S608
    assert [row["LastName"] for row in rows] == expected


def test_line_6_counting(crowd: Driver) -> None:
    found = crowd.query("SELECT COUNT() FROM Contact WHERE Email != null")
    assert found == {"totalSize": 2, "done": True, "records": []}


def test_line_6_relationships_are_nested_objects(org: Driver) -> None:
    account = org.create("Account", Name="Org", BillingCity="Köln")
    contact = org.create("Contact", LastName="X", AccountId=account)
    lead = org.create("Lead", LastName="L", Company="C")
    org.create("Task", Subject="1", WhoId=contact, WhatId=account)
    org.create("Task", Subject="2", WhoId=lead)
    org.create("Task", Subject="3")
    soql = "SELECT Subject, Who.Type, Who.Name, What.Name, owner.email FROM Task ORDER BY Subject"
    first, second, third = org.query(soql)["records"]
    assert first["Who"] == {
        "attributes": {"type": "Name", "url": f"/services/data/v66.0/sobjects/Contact/{contact}"},
        "Type": "Contact",
        "Name": "X",
    }
    assert first["What"]["Name"] == "Org"
    assert first["Owner"]["Email"] == "admin@example.com"
    assert second["Who"]["Type"] == "Lead"
    assert third["Who"] is None
    soql = "SELECT Contact.Name, Account.Owner.Name, Account.BillingAddress FROM Contact"
    row = org.rows(soql)[0]
    assert row["Name"] == "X"
    assert row["Account"]["Owner"]["Name"] == "Ada Admin"
    assert row["Account"]["BillingAddress"]["city"] == "Köln"


def refusal(org: Driver, soql: str) -> dict[str, Any]:
    answer = org.call("GET", "/query", params={"q": soql})
    assert answer.status_code == 400
    found: dict[str, Any] = answer.json()[0]
    return found


@pytest.mark.parametrize(
    ("soql", "code", "message"),
    [
        ("SELECT Nope FROM Contact", "INVALID_FIELD", "No such column 'Nope' on entity 'Contact'"),
        ("SELECT Id FROM Nope", "INVALID_TYPE", "sObject type 'Nope' is not supported"),
        ("SELECT Boss.Name FROM Contact", "INVALID_FIELD", "Didn't understand relationship 'Boss'"),
        ("SELECT Id FROM Contact WHERE Nope = 1", "INVALID_FIELD", "No such column 'Nope'"),
        ("SELECT Id FROM Contact ORDER BY Nope", "INVALID_FIELD", "No such column 'Nope'"),
        ("SELECT Causeway_Key__c FROM Contact", "INVALID_FIELD", "No such column"),
        (
            "SELECT Id FROM Contact WHERE SystemModstamp > '2026-01-01T00:00:00Z'",
            "INVALID_FIELD",
            "must be of type dateTime and should not be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Contact WHERE SystemModstamp > 2026-01-01",
            "INVALID_FIELD",
            "must be of type dateTime",
        ),
        (
            "SELECT Id FROM Contact WHERE LastName = 1",
            "INVALID_FIELD",
            "must be of type string and should be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Contact WHERE Description = 'x'",
            "INVALID_FIELD",
            "field 'Description' can not be filtered in a query call",
        ),
        (
            "SELECT Id FROM Contact WHERE Id = 'x'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid ID field: x",
        ),
        ("SELECT Id FROM Contact WHERE DoNotCall > true", "INVALID_QUERY_FILTER_OPERATOR", ""),
        ("SELECT Id FROM Contact WHERE DoNotCall LIKE 'x'", "INVALID_QUERY_FILTER_OPERATOR", ""),
        ("SELECT Id, Id FROM Contact", "MALFORMED_QUERY", "duplicate field selected: Id"),
        ("SELECT Id FROM Contact OFFSET 2001", "MALFORMED_QUERY", "between 0 to 2000"),
        ("SELECT FROM Contact", "MALFORMED_QUERY", "unexpected token: 'FROM'"),
        (" ", "MALFORMED_QUERY", "A query string has to be specified"),
        ("SELECT Id FROM Contact WHERE LastName = 'x", "MALFORMED_QUERY", "unclosed string"),
        (
            "SELECT Id FROM Contact WHERE Id = null AND Id = null OR Id = null",
            "MALFORMED_QUERY",
            "unexpected token: 'OR'",
        ),
    ],
)
def test_line_4_bad_queries(org: Driver, soql: str, code: str, message: str) -> None:
    found = refusal(org, soql)
    assert found["errorCode"] == code
    assert message in found["message"]


def test_line_6_the_place_of_an_error_is_shown(org: Driver) -> None:
    found = refusal(org, "SELECT Id, Nme FROM Contact")
    assert found["message"].startswith(
        "\nSELECT Id, Nme FROM Contact\n           ^\nERROR at Row:1:Column:12\nNo such column"
    )


def pages(org: Driver, first: dict[str, Any]) -> list[list[dict[str, Any]]]:
    found = [first]
    while not found[-1]["done"]:
        answer = org.http.get(
            found[-1]["nextRecordsUrl"], headers={"Authorization": f"Bearer {org.token}"}
        )
        assert answer.status_code == 200
        found.append(answer.json())
    assert "nextRecordsUrl" not in found[-1]
    return [page["records"] for page in found]


def test_line_6_a_query_of_more_than_2000_rows_comes_in_pages(org: Driver) -> None:
    org.control("seed", {"people": 4_100, "seed": 3})
    first = org.query("SELECT Id FROM Contact")
    assert first["totalSize"] == 4_100
    found = pages(org, first)
    assert [len(page) for page in found] == [2_000, 2_000, 100]
    assert len({row["Id"] for page in found for row in page}) == 4_100
    assert org.used() == 3


def test_line_6_pages_may_be_smaller_than_asked(org: Driver) -> None:
    org.control("seed", {"people": 450, "seed": 3})
    hint = {"Sforce-Query-Options": "batchSize=250"}
    found = pages(org, org.query("SELECT Id FROM Contact", **hint))
    assert [len(page) for page in found] == [250, 200]
    tiny = {"Sforce-Query-Options": "batchSize=1"}
    assert len(org.query("SELECT Id FROM Contact", **tiny)["records"]) == 200
    org.switch(query_page_size=100)
    found = pages(org, org.query("SELECT Id FROM Contact", **hint))
    assert [len(page) for page in found] == [100, 100, 100, 100, 50]


def test_line_6_a_locator_is_known_by_its_prefix_and_lives_two_days(org: Driver) -> None:
    org.control("seed", {"people": 300})
    org.switch(query_page_size=200)
    url = org.query("SELECT Id FROM Contact")["nextRecordsUrl"]
    locator, _, offset = url.removeprefix("/services/data/v66.0/query/").partition("-")
    assert (locator[:3], len(locator), offset) == ("0r8", 18, "200")
    org.control("clock", {"advance_seconds": 172_801})
    org.grant()
    answer = org.call("GET", f"/query/{locator}-200")
    assert error_of(answer) == (400, "INVALID_QUERY_LOCATOR")
    assert error_of(org.call("GET", "/query/0r8-1")) == (400, "INVALID_QUERY_LOCATOR")


def test_line_6_query_all_shows_deleted_rows(org: Driver) -> None:
    kept = org.create("Contact", LastName="Kept")
    gone = org.create("Contact", LastName="Gone")
    org.call("DELETE", f"/sobjects/Contact/{gone}")
    assert org.rows("SELECT Id FROM Contact") == [{"Id": kept}]
    soql = "SELECT Id FROM Contact WHERE IsDeleted = true"
    assert org.query(soql)["records"] == []
    found = org.query(soql, resource="queryAll")["records"]
    assert [row["Id"] for row in found] == [gone]


def test_line_6_a_cursor_by_modstamp_finds_what_changed(org: Driver) -> None:
    ids = org.control("seed", {"people": 20})["ids"]
    org.control("clock", {"advance_seconds": 60})
    org.control("edit", {"object": "Contact", "id": ids[7], "fields": {"Title": "New"}})
    since = org.get("Contact", ids[7])["SystemModstamp"].replace("+0000", "Z")
    soql = f"SELECT Id FROM Contact WHERE SystemModstamp >= {since} ORDER BY SystemModstamp, Id"  # noqa: S608
    assert org.rows(soql) == [{"Id": ids[7]}]
