"""A world in either CRM: what belongs together does, and the seed can be told again."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.simulators.machinery.launch import running

Json = dict[str, Any]
WORLD: Json = {
    "people": 60,
    "companies": 9,
    "deals": 12,
    "tasks": 15,
    "notes": 4,
    "calls": 5,
    "emails": 6,
    "meetings": 7,
    "duplicates": 3,
    "dirty": 0.6,
    "seed": 5,
}
MADE = {
    "ids": 63,
    "companies": 9,
    "deals": 12,
    "tasks": 15,
    "notes": 4,
    "calls": 5,
    "emails": 6,
    "meetings": 7,
}


class Crm:
    """A simulator by its control plane, and its API with a token."""

    def __init__(self, http: httpx2.Client) -> None:
        self.http = http

    def control(self, path: str, body: Json, status: int = 200) -> Any:
        answer = self.http.post(f"/_control/{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def records(self, name: str) -> dict[str, Json]:
        answer = self.http.get(f"/_control/records/{name}")
        assert answer.status_code == 200, answer.text
        return {one["id"]: one["fields"] for one in answer.json()}

    def api(self, path: str) -> Any:
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def hubspot_process() -> Iterator[Crm]:
    with running("tests.simulators.hubspot") as url, httpx2.Client(base_url=url) as http:
        yield Crm(http)


@pytest.fixture
def hubspot(hubspot_process: Crm) -> Crm:
    hubspot_process.control("reset", {})
    scopes = [f"crm.objects.{one}.read" for one in ("contacts", "companies", "deals")]
    token = hubspot_process.control("token", {"scopes": scopes})["access_token"]
    hubspot_process.http.headers["Authorization"] = f"Bearer {token}"
    return hubspot_process


@pytest.fixture(scope="module")
def salesforce_process() -> Iterator[Crm]:
    with running("tests.simulators.salesforce") as url, httpx2.Client(base_url=url) as http:
        yield Crm(http)


@pytest.fixture
def salesforce(salesforce_process: Crm) -> Crm:
    salesforce_process.control("reset", {})
    token = salesforce_process.control("grant", {})["access_token"]
    salesforce_process.http.headers["Authorization"] = f"Bearer {token}"
    return salesforce_process


def test_hubspot_takes_a_whole_world(hubspot: Crm) -> None:
    made = hubspot.control("seed", WORLD)
    assert {name: len(ids) for name, ids in made.items()} == MADE
    for name, count in MADE.items():
        assert len(hubspot.records("contacts" if name == "ids" else name)) == count


def test_salesforce_takes_a_whole_world(salesforce: Crm) -> None:
    made = salesforce.control("seed", WORLD)
    assert {name: len(ids) for name, ids in made.items()} == MADE
    counts = {"Contact": 63, "Account": 9, "Opportunity": 12, "Task": 15 + 4 + 5 + 6 + 7}
    assert {name: len(salesforce.records(name)) for name in counts} == counts


@pytest.mark.parametrize("name", ["hubspot", "salesforce"])
def test_a_world_is_reproducible(name: str, request: pytest.FixtureRequest) -> None:
    crm: Crm = request.getfixturevalue(name)
    kinds = ("contacts", "deals", "tasks") if name == "hubspot" else ("Contact", "Task", "Account")

    def told() -> list[Json]:
        return [without_times(crm.records(kind)) for kind in kinds]

    ids = crm.control("seed", WORLD)
    first = told()
    crm.control("reset", {})
    assert crm.control("seed", WORLD) == ids
    assert told() == first


def without_times(records: dict[str, Json]) -> Json:
    moving = ("date", "Date", "DateTime", "Modstamp", "ModifiedById")
    return {
        record_id: {name: one for name, one in fields.items() if not name.endswith(moving)}
        for record_id, fields in records.items()
    }


def test_hubspot_associates_what_belongs_together(hubspot: Crm) -> None:
    made = hubspot.control("seed", {**WORLD, "dirty": 0})
    contacts, companies = hubspot.records("contacts"), hubspot.records("companies")
    person = made["ids"][0]
    asked = f"/crm/v3/objects/contacts/{person}?associations=companies"
    found = hubspot.api(asked)["associations"]["companies"]["results"]
    assert {one["type"] for one in found} == {"contact_to_company", "contact_to_company_unlabeled"}
    (company,) = {one["id"] for one in found}
    assert contacts[person]["company"] == companies[company]["name"]
    deal = made["deals"][0]
    shown = hubspot.api(f"/crm/v3/objects/deals/{deal}?associations=contacts,companies")
    assert set(shown["associations"]) == {"contacts", "companies"}
    for kind in ("tasks", "notes", "calls", "emails", "meetings"):
        asked = f"/crm/v3/objects/{kind}/{made[kind][0]}?associations=contacts,deals"
        assert set(hubspot.api(asked)["associations"]) == {"contacts", "deals"}


def test_salesforce_looks_up_what_belongs_together(salesforce: Crm) -> None:
    made = salesforce.control("seed", WORLD)
    contacts, tasks = salesforce.records("Contact"), salesforce.records("Task")
    people, twins = made["ids"][:60], made["ids"][60:]
    assert {contacts[one]["AccountId"] for one in (*people, *twins)} <= set(made["companies"])
    deals = salesforce.records("Opportunity").values()
    assert {one["AccountId"] for one in deals} <= set(made["companies"])
    assert {tasks[one]["WhoId"] for one in made["tasks"]} <= set(people)
    assert {tasks[one]["WhatId"] for one in made["tasks"]} - {None} <= set(made["deals"])
    assert {tasks[one]["TaskSubtype"] for one in made["calls"]} == {"Call"}
    assert {tasks[one]["TaskSubtype"] for one in made["emails"]} == {"Email"}


def test_leads_have_tasks_but_no_deals_in_them(salesforce: Crm) -> None:
    order = {"people": 4, "object": "Lead", "tasks": 4, "deals": 2, "companies": 1}
    made = salesforce.control("seed", order)
    tasks = salesforce.records("Task").values()
    assert {one["WhoId"] for one in tasks} <= set(made["ids"])
    assert {one["WhatId"] for one in tasks} == {None}


def test_dirt_arrives_as_it_was_typed(hubspot: Crm, salesforce: Crm) -> None:
    order = {"people": 200, "seed": 1, "dirty": 1.0}
    for crm, name, last in ((hubspot, "contacts", "lastname"), (salesforce, "Contact", "LastName")):
        crm.control("seed", order)
        names = {one.get(last) for one in crm.records(name).values()}
        assert "<script>alert(1)</script>" in names
        assert "🚀" in names
        assert "x" * 80 in names
    emails = {one["Email"] for one in salesforce.records("Contact").values() if one["Email"]}
    assert any(one.isupper() for one in emails)
    kept = {one["email"] for one in hubspot.records("contacts").values() if "email" in one}
    assert not any(one.isupper() for one in kept)
    assert any(one["lastname"] != one["lastname"].strip() for one in hubspot_named(hubspot))
    assert all(one["LastName"] == one["LastName"].strip() for one in salesforce_named(salesforce))


def hubspot_named(crm: Crm) -> list[Json]:
    return [one for one in crm.records("contacts").values() if "lastname" in one]


def salesforce_named(crm: Crm) -> list[Json]:
    return list(crm.records("Contact").values())


@pytest.mark.parametrize("name", ["hubspot", "salesforce"])
@pytest.mark.parametrize(
    "order", [{"people": -1}, {"dirty": 7}, {"people": 999_999, "deals": 2}, {"tasks": "some"}]
)
def test_a_seed_that_cannot_be_makes_nothing(
    name: str, order: Json, request: pytest.FixtureRequest
) -> None:
    crm: Crm = request.getfixturevalue(name)
    crm.control("seed", {"people": 0, **order}, 400)
    assert crm.records("contacts" if name == "hubspot" else "Contact") == {}
