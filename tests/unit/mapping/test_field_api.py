"""The routes about fields, drift, properties and suggestions."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from prometheus_client import CollectorRegistry

from services.mapping.api import routes
from services.mapping.domain.model import Option, Pipeline, Stage, Unread
from services.mapping.domain.setup import Setup
from services.mapping.handlers.choice import choose_recommended
from services.mapping.handlers.refresh import read_fields
from shared.kernel.records import ObjectType, Side
from shared.security.tokens import Role
from shared.web.app import create_app
from shared.web.guard import Guard
from tests.unit.mapping.catalogues import ordinary
from tests.unit.mapping.fakes import FakeCrms, FakeStore
from tests.unit.mapping.lookups import FakeLookups
from tests.unit.mapping.test_api import KEY, MAPPINGS, SETTINGS, SETUP, Noon, bearer, kind
from tests.unit.mapping.test_handlers import ADMIN, ESTABLISHED, ID, hear
from tests.unit.mapping.test_refresh import without

NOON = "2026-11-24T12:00:00Z"
PROPERTIES = f"{MAPPINGS}/properties"
SCORE = {"salesforce_object": "Contact", "field": "Score__c"}
BODY: dict[str, Any] = {"object_type": "contact", "fields": [SCORE]}


@pytest.fixture
async def store() -> FakeStore:
    made = FakeStore()
    await hear(made, ESTABLISHED)
    return made


@pytest.fixture
def crms(store: FakeStore) -> FakeCrms:
    return FakeCrms(store, ordinary())


@pytest.fixture
async def client(store: FakeStore, crms: FakeCrms) -> AsyncIterator[httpx2.AsyncClient]:
    guard = Guard(KEY, audience="mapping", clock=Noon())
    router = routes(store, crms, FakeLookups(store), guard=guard, clock=Noon())
    app = create_app(title="mapping", routers=[router], checks={}, registry=CollectorRegistry())
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app),
        base_url="http://mapping",
        headers=bearer(Role.ADMIN),
    ) as made:
        yield made


@pytest.fixture
async def chosen(
    store: FakeStore, crms: FakeCrms, client: httpx2.AsyncClient
) -> httpx2.AsyncClient:
    await choose_recommended(store, crms, ID, ADMIN)
    return client


async def test_fields_of_another_type_with_what_was_not_read(
    chosen: httpx2.AsyncClient, crms: FakeCrms
) -> None:
    stage = Stage("won", "Won", 1.0, closed=True, won=True)
    crms.catalogue = replace(
        crms.catalogue,
        pipelines=(Pipeline("default", "Sales", (stage,)),),
        record_types=(Pipeline("012", "New business"),),
        unread=(Unread(Side.HUBSPOT, "deal", "No scope."), Unread(Side.SALESFORCE, "Task", "No.")),
    )
    found = (await chosen.post(f"{MAPPINGS}/fields?object_type=deal")).json()
    assert found == {
        "hubspot": [],
        "salesforce": {"Opportunity": []},
        "pipelines": [
            {
                "id": "default",
                "label": "Sales",
                "stages": [
                    {"id": "won", "label": "Won", "probability": 1.0, "closed": True, "won": True}
                ],
            }
        ],
        "record_types": [{"id": "012", "label": "New business", "stages": []}],
        "unread": [{"side": "hubspot", "object_name": "deal", "why": "No scope."}],
    }
    contacts = (await chosen.get(f"{MAPPINGS}/fields")).json()
    assert (contacts["pipelines"], contacts["record_types"], contacts["unread"]) == ([], [], [])


async def test_one_field_with_its_values(chosen: httpx2.AsyncClient, store: FakeStore) -> None:
    catalogue = store.state.catalogues[ID]
    nasty = Option("it's", 'مرحبا "x"', hidden=True)
    colours = replace(
        catalogue.salesforce["Contact"]["Colours__c"], options=(nasty,), restricted=True
    )
    contact = {**catalogue.salesforce["Contact"], "Colours__c": colours}
    store.state.catalogues[ID] = replace(catalogue, salesforce={"Contact": contact})
    found = (await chosen.get(f"{MAPPINGS}/fields/salesforce/Contact/Colours__c")).json()
    assert found["values"] == [{"value": "it's", "label": 'مرحبا "x"', "hidden": True}]
    assert (found["restricted"], found["left_out"], found["field"]["options"]) == (True, 0, 1)
    there = (await chosen.get(f"{MAPPINGS}/fields/hubspot/contact/colour")).json()
    assert (there["restricted"], there["field"]["type"]) == (True, "enumeration")


@pytest.mark.parametrize("path", ["salesforce/Contact/Nope", "salesforce/X/Y", "hubspot/x/email"])
async def test_a_field_that_is_none(chosen: httpx2.AsyncClient, path: str) -> None:
    answer = await chosen.get(f"{MAPPINGS}/fields/{path}")
    assert kind(answer) == (404, "unknown-field")


async def test_drift_is_shown_as_a_warning_and_page_by_page(
    chosen: httpx2.AsyncClient, store: FakeStore, crms: FakeCrms
) -> None:
    whole = crms.catalogue
    empty = (await chosen.get(f"{MAPPINGS}/drift")).json()
    assert (empty["read_at"], empty["items"], empty["standing"]) == (NOON, [], [])
    for catalogue in (without(whole, "Email"), whole, without(whole, "Phone")):
        crms.catalogue = catalogue
        await read_fields(store, crms, ID)
    first = (await chosen.get(f"{MAPPINGS}/drift?limit=2")).json()
    assert len(first["items"]) == 2
    assert first["read_at"] == NOON
    assert first["next_at"] == "2026-11-25T12:00:00Z"
    (standing,) = first["standing"]
    assert (standing["side"], standing["object_name"], standing["name"], standing["change"]) == (
        "salesforce",
        "Contact",
        "Phone",
        "removed",
    )
    (hit,) = standing["hits"]
    assert (hit["effect"], hit["hubspot_property"]) == ("refused", "phone")
    rest = (await chosen.get(f"{MAPPINGS}/drift?limit=2&cursor={first['next_cursor']}")).json()
    assert [one["findings"][0]["name"] for one in rest["items"]] == ["Email"]
    assert rest["next_cursor"] is None
    settings = (await chosen.get(SETTINGS)).json()
    setup = (await chosen.get(SETUP)).json()
    assert settings["warnings"] == setup["warnings"] == [hit["text"]]


async def test_a_plan_then_the_properties_then_their_list(
    chosen: httpx2.AsyncClient, crms: FakeCrms
) -> None:
    plan = (await chosen.post(PROPERTIES, json={**BODY, "dry_run": True})).json()
    expected = {
        "field": "Score__c",
        "salesforce_objects": ["Contact"],
        "outcome": "planned",
        "property": "salesforce_score__c",
        "label": "Score__c",
        "type": "number",
        "field_type": "number",
        "options": 0,
        "reason": "",
        "notes": [],
    }
    assert plan == {"dry_run": True, "outcomes": [expected]}
    assert (await chosen.get(PROPERTIES)).json() == {"items": [], "next_cursor": None}
    made = (await chosen.post(PROPERTIES, json=BODY)).json()
    assert made == {"dry_run": False, "outcomes": [{**expected, "outcome": "created"}]}
    again = (await chosen.post(PROPERTIES, json=BODY)).json()
    assert again["outcomes"][0]["outcome"] == "exists"
    page = (await chosen.get(f"{PROPERTIES}?limit=1")).json()
    (item,) = page["items"]
    assert item == {
        "object_type": "contact",
        "name": "salesforce_score__c",
        "label": "Score__c",
        "type": "number",
        "field_type": "number",
        "salesforce_field": "Score__c",
        "salesforce_objects": ["Contact"],
        "restored": False,
        "author": item["author"],
        "made_at": "2026-11-24T12:00:00Z",
    }
    assert item["author"]
    rest = (await chosen.get(f"{PROPERTIES}?limit=1&cursor={page['next_cursor']}")).json()
    assert rest["items"] == []
    assert crms.portal.calls.count("create") == 1


async def test_fields_that_are_none_are_named(chosen: httpx2.AsyncClient) -> None:
    fields = [SCORE, {"salesforce_object": "Contact", "field": "Nope__c"}]
    answer = await chosen.post(PROPERTIES, json={**BODY, "fields": fields})
    assert kind(answer) == (422, "settings-invalid")
    assert [error["field"] for error in answer.json()["errors"]] == ["fields[1].field"]


@pytest.mark.parametrize(
    "body",
    [
        {**BODY, "fields": []},
        {**BODY, "object_type": "ticket"},
        {**BODY, "more": 1},
        {**BODY, "fields": [{"salesforce_object": "", "field": "x"}]},
        {**BODY, "fields": [SCORE] * 1_001},
    ],
)
async def test_a_body_that_is_wrong(chosen: httpx2.AsyncClient, body: dict[str, Any]) -> None:
    assert (await chosen.post(PROPERTIES, json=body)).status_code == 422


async def test_suggestions(chosen: httpx2.AsyncClient) -> None:
    answer = await chosen.post(f"{MAPPINGS}/suggestions", json={"object_type": "contact"})
    found = {one["field"]: one for one in answer.json()["suggestions"]}
    assert found["Score__c"]["planned"]["property"] == "salesforce_score__c"
    assert found["Score__c"]["rule"] == "always_salesforce"
    assert found["AccountId"]["planned"]["outcome"] == "refused"
    assert "Email" not in found


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER, Role.SERVICE])
async def test_only_an_admin_makes_properties(chosen: httpx2.AsyncClient, role: Role) -> None:
    answer = await chosen.post(PROPERTIES, json=BODY, headers=bearer(role))
    assert answer.status_code == 403


@pytest.mark.parametrize("path", [f"{MAPPINGS}/drift", PROPERTIES])
@pytest.mark.parametrize("cursor", ["x", "WyJhIl0", "WyJcdWQ4MDAiLCJhIl0", "WyJcdTAwMDAiLCJhIl0"])
async def test_cursors_that_no_list_made(
    chosen: httpx2.AsyncClient, path: str, cursor: str
) -> None:
    answer = await chosen.get(f"{path}?cursor={cursor}")
    assert kind(answer) == (400, "bad-cursor")


async def test_an_unknown_connection(client: httpx2.AsyncClient, store: FakeStore) -> None:
    store.state.setups.clear()
    for path in (f"{MAPPINGS}/drift", PROPERTIES, f"{MAPPINGS}/fields/hubspot/contact/email"):
        assert kind(await client.get(path)) == (404, "unknown-connection")
    assert kind(await client.post(PROPERTIES, json=BODY)) == (404, "unknown-connection")
    suggestions = {"object_type": ObjectType.CONTACT.value}
    answer = await client.post(f"{MAPPINGS}/suggestions", json=suggestions)
    assert kind(answer) == (404, "unknown-connection")
    store.state.setups[ID] = Setup(ID)
    assert kind(await client.post(PROPERTIES, json=BODY)) == (409, "not-connected")
