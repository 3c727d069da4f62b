"""Date literals, counted fields, and what else a query may meet (facts: section 2.3)."""

from datetime import date

import pytest

from tests.contracts.simulators.salesforce.driver import Driver, error_of
from tests.simulators.salesforce.soql.days import days_of

WEDNESDAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("word", "number", "first", "last"),
    [
        ("TODAY", 0, "2026-11-25", "2026-11-25"),
        ("YESTERDAY", 0, "2026-11-24", "2026-11-24"),
        ("TOMORROW", 0, "2026-11-26", "2026-11-26"),
        ("THIS_WEEK", 0, "2026-11-22", "2026-11-28"),
        ("LAST_WEEK", 0, "2026-11-15", "2026-11-21"),
        ("NEXT_WEEK", 0, "2026-11-29", "2026-12-05"),
        ("THIS_MONTH", 0, "2026-11-01", "2026-11-30"),
        ("LAST_MONTH", 0, "2026-10-01", "2026-10-31"),
        ("NEXT_MONTH", 0, "2026-12-01", "2026-12-31"),
        ("THIS_QUARTER", 0, "2026-10-01", "2026-12-31"),
        ("LAST_QUARTER", 0, "2026-07-01", "2026-09-30"),
        ("NEXT_QUARTER", 0, "2027-01-01", "2027-03-31"),
        ("THIS_YEAR", 0, "2026-01-01", "2026-12-31"),
        ("LAST_YEAR", 0, "2025-01-01", "2025-12-31"),
        ("NEXT_YEAR", 0, "2027-01-01", "2027-12-31"),
        ("LAST_90_DAYS", 0, "2026-08-27", "2026-11-25"),
        ("NEXT_90_DAYS", 0, "2026-11-26", "2027-02-23"),
        ("LAST_N_DAYS", 3, "2026-11-22", "2026-11-25"),
        ("NEXT_N_DAYS", 3, "2026-11-26", "2026-11-28"),
        ("N_DAYS_AGO", 3, "2026-11-22", "2026-11-22"),
    ],
)
def test_line_6_what_date_literals_stand_for(word: str, number: int, first: str, last: str) -> None:
    found = days_of(word, number, WEDNESDAY)
    assert [one.isoformat() for one in found] == [first, last]


def test_line_6_a_sunday_begins_its_own_week() -> None:
    assert days_of("THIS_WEEK", 0, date(2026, 11, 22))[0] == date(2026, 11, 22)
    assert days_of("THIS_WEEK", 0, date(2026, 11, 28))[0] == date(2026, 11, 22)


def test_line_6_date_literals_in_queries(org: Driver) -> None:
    org.create("Contact", LastName="Now")
    org.control("clock", {"advance_seconds": 40 * 86_400})
    org.grant()
    org.create("Contact", LastName="Later")

    def found(where: str) -> list[str]:
        soql = f"SELECT LastName FROM Contact WHERE {where} ORDER BY CreatedDate"  # noqa: S608
        return [row["LastName"] for row in org.rows(soql)]

    assert found("CreatedDate >= LAST_N_DAYS:50") == ["Now", "Later"]
    assert found("CreatedDate = LAST_N_DAYS:30") == ["Later"]
    assert found("CreatedDate = THIS_MONTH") == ["Later"]
    assert found("CreatedDate < TODAY") == ["Now"]
    assert found("CreatedDate = LAST_90_DAYS") == ["Now", "Later"]
    for bad in ("THIS_DECADE", "LAST_N_DAYS", "TODAY:3"):
        soql = {"q": f"SELECT Id FROM Contact WHERE CreatedDate = {bad}"}  # noqa: S608
        assert error_of(org.call("GET", "/query", params=soql)) == (400, "MALFORMED_QUERY")


def test_line_6_a_counted_field_is_one_row(org: Driver) -> None:
    for address in ("a@example.com", "A@example.com", None):
        org.control("create", {"object": "Contact", "fields": {"LastName": "X", "Email": address}})
    found = org.query("SELECT COUNT(Id) FROM Contact")
    row = {"attributes": {"type": "AggregateResult"}, "expr0": 3}
    assert found == {"totalSize": 1, "done": True, "records": [row]}
    assert org.rows("SELECT COUNT(Email) known FROM Contact") == [{"known": 2}]
    assert org.rows("SELECT COUNT_DISTINCT(Email) FROM Contact WHERE Email != null") == [
        {"expr0": 1}
    ]
    answer = org.call("GET", "/query", params={"q": "SELECT COUNT(No) FROM Contact"})
    assert error_of(answer) == (400, "INVALID_FIELD")


def test_line_6_each_page_is_one_call_and_the_hint_has_bounds(org: Driver) -> None:
    org.control("create-many", {"object": "Contact", "records": [{"LastName": "X"}] * 450})
    found = org.query("SELECT Id FROM Contact", **{"Sforce-Query-Options": "batchSize=1"})
    assert (len(found["records"]), found["totalSize"]) == (200, 450)
    pages = 1
    headers = {"Authorization": f"Bearer {org.token}"}
    while not found["done"]:
        found = org.http.get(found["nextRecordsUrl"], headers=headers).json()
        pages += 1
    assert (pages, len(found["records"])) == (3, 50)
    assert "nextRecordsUrl" not in found
    assert org.used() == 3


def test_line_6_what_is_deleted_between_pages_is_missing(org: Driver) -> None:
    rows = [{"LastName": "X"}] * 300
    ids = org.control("create-many", {"object": "Contact", "records": rows})["ids"]
    options = {"Sforce-Query-Options": "batchSize=200"}
    first = org.query("SELECT Id FROM Contact ORDER BY Id", **options)
    org.control("delete", {"object": "Contact", "id": ids[250]})
    headers = {"Authorization": f"Bearer {org.token}"}
    second = org.http.get(first["nextRecordsUrl"], headers=headers).json()
    assert len(second["records"]) == 99
