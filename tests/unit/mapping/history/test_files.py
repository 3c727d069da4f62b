"""Settings as files, through the routes."""

from typing import Any

import httpx2
import pytest

from services.mapping.domain.lists import HubSpotList
from services.mapping.ports import People
from shared.kernel.plain_yaml import read_yaml, write_yaml
from shared.kernel.records import ObjectType
from shared.security.tokens import Role
from tests.unit.mapping.advanced.walking import begin, finish, put
from tests.unit.mapping.office import DRAFT, SETTINGS, SETUP, Office, etag, fields, kind

YAML = {"Content-Type": "application/yaml"}
IMPORT = f"{SETTINGS}/import"
DRY = f"{IMPORT}?dry_run=true"
HEAD = "causeway_settings: 1\n"


async def exported(client: httpx2.AsyncClient) -> tuple[dict[str, Any], dict[str, str]]:
    """The file as data, and the header that goes on from it."""
    answer = await client.get(f"{SETTINGS}/export")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/yaml")
    data = read_yaml(answer.text)
    assert isinstance(data, dict)
    return data, etag(answer)


async def send(
    client: httpx2.AsyncClient, path: str, data: object, **headers: str
) -> httpx2.Response:
    text = data if isinstance(data, str) else write_yaml(data)
    return await client.post(path, content=text, headers={**YAML, **headers})


def texts(answer: httpx2.Response) -> list[str]:
    return [one["text"] for part in answer.json()["parts"] for one in part["changes"]]


@pytest.fixture
async def running(client: httpx2.AsyncClient, office: Office) -> httpx2.AsyncClient:
    """A sync with a list, deals and a pair of owners."""
    office.lookups.people_known = People({"1": "ada@example.org"}, {"005A": "ada@example.org"})
    await begin(client)
    await put(client, "contacts", {"inclusion_list": {"list_id": "7"}})
    await put(client, "companies", {"enabled": True})
    await put(client, "deals", {"enabled": True})
    owner = {"hubspot_owner_id": "1", "salesforce_user_id": "005A"}
    await put(client, "owners", {"owners": [owner]})
    assert (await finish(client)).status_code == 200
    return client


async def test_a_file_has_names_beside_the_ids(running: httpx2.AsyncClient) -> None:
    data, match = await exported(running)
    assert match == {"If-Match": '"1"'}
    assert list(data) == [
        "causeway_settings",
        "contacts",
        "companies",
        "deals",
        "activities",
        "mappings",
        "owners",
        "daily_salesforce_calls",
    ]
    assert data["contacts"]["inclusion_list"] == {"name": "Customers", "list_id": "7"}
    [pipeline] = data["deals"]["pipelines"]
    assert pipeline["hubspot"] == {"label": "Sales", "id": "default"}
    assert pipeline["salesforce"] == {"label": "Sales process", "id": ""}
    assert pipeline["stages"] == [
        {
            "hubspot": {"label": "Closed won", "id": "closedwon"},
            "salesforce": {"label": "Closed Won", "id": "Closed Won"},
        }
    ]
    assert data["owners"] == [
        {
            "hubspot": {"email": "ada@example.org", "id": "1"},
            "salesforce": {"email": "ada@example.org", "id": "005A"},
        }
    ]
    assert data["mappings"][0] == {
        "object_type": "contact",
        "hubspot_property": "address",
        "salesforce_field": "MailingStreet",
        "salesforce_objects": ["Contact"],
        "rule": "prefer_salesforce_unless_blank",
    }


async def test_what_was_exported_changes_nothing(running: httpx2.AsyncClient) -> None:
    data, match = await exported(running)
    for path, headers in ((DRY, {}), (IMPORT, match)):
        answer = await send(running, path, data, **headers)
        body = answer.json()
        assert (body["same"], body["stored"], body["unresolved"]) == (True, "nothing", [])
        assert answer.headers["etag"] == '"1"'


async def test_a_dry_run_tells_and_stores_nothing_and_the_import_is_a_version(
    running: httpx2.AsyncClient, office: Office
) -> None:
    data, match = await exported(running)
    data["contacts"]["create_in_salesforce"] = "lead"
    told = await send(running, DRY, data)
    text = "What a new HubSpot contact becomes in Salesforce: changed from contact to lead."
    assert (texts(told), told.json()["stored"], told.json()["dry_run"]) == ([text], "nothing", True)
    assert (await running.get(SETTINGS)).headers["etag"] == '"1"'
    done = await send(running, IMPORT, data, **match)
    assert (done.json()["stored"], done.headers["etag"]) == ("version", '"2"')
    assert office.sent[-1] == "SettingsPublished"
    again = await send(running, IMPORT, data, **match)
    assert kind(again) == (412, "version-outdated")
    same = await send(running, IMPORT, data, **etag(done))
    assert same.json()["stored"] == "nothing"


async def test_a_part_that_is_left_out_stays_as_it_is(running: httpx2.AsyncClient) -> None:
    told = await send(running, DRY, HEAD + "daily_salesforce_calls: 500\n")
    assert texts(told) == [
        "Salesforce calls that Causeway may make in a day: changed from no limit to 500."
    ]


async def test_names_count_where_the_ids_are_those_of_another_account(
    running: httpx2.AsyncClient, office: Office
) -> None:
    data, _ = await exported(running)
    data["contacts"]["inclusion_list"]["list_id"] = "4711"
    pipeline = data["deals"]["pipelines"][0]
    pipeline["hubspot"]["id"], pipeline["salesforce"]["id"] = "p9", "012000000000001"
    pipeline["stages"][0]["hubspot"]["id"] = "s9"
    data["owners"][0]["hubspot"]["id"] = "99"
    data["owners"][0]["salesforce"] = {"email": "Ada@example.org.invalid", "id": "005Z"}
    told = await send(running, DRY, data)
    assert (told.json()["unresolved"], told.json()["same"]) == ([], True)


async def test_names_that_mean_nothing_here_are_listed_and_stop_the_import(
    running: httpx2.AsyncClient,
) -> None:
    data, match = await exported(running)
    data["contacts"]["inclusion_list"] = {"name": "Fair 2025"}
    data["deals"]["pipelines"][0]["stages"][0]["hubspot"] = {"label": "Lost"}
    data["owners"][0]["hubspot"] = {"email": "bob@example.org"}
    told = (await send(running, DRY, data)).json()
    assert {one["where"]: one["what"] for one in told["unresolved"]} == {
        "deals.pipelines[0].stages[0].hubspot": "Nothing is called Lost here.",
        "owners[0].hubspot": "Nothing is called bob@example.org here.",
        "contacts.inclusion_list": "List Fair 2025: The list Fair 2025 is static: its members do "
        "not change as records do.",
    }
    assert all(one["fix"] for one in told["unresolved"])
    refused = await send(running, IMPORT, data, **match)
    assert kind(refused) == (422, "names-unresolved")
    assert sorted(fields(refused)) == sorted(one["where"] for one in told["unresolved"])


async def test_two_of_one_name_have_to_be_told_apart_by_the_id(
    running: httpx2.AsyncClient, office: Office
) -> None:
    office.lookups.known["70"] = HubSpotList("70", "customers", ObjectType.CONTACT, "DYNAMIC", 1)
    text = HEAD + "contacts: {inclusion_list: {name: CUSTOMERS}}"
    told = (await send(running, DRY, text)).json()
    assert told["unresolved"][0]["what"] == "2 lists are called CUSTOMERS."
    by_id = (await send(running, DRY, HEAD + "contacts: {inclusion_list: {list_id: 70}}")).json()
    assert by_id["unresolved"] == []


async def test_before_the_start_a_file_becomes_the_draft(client: httpx2.AsyncClient) -> None:
    assert kind(await send(client, DRY, HEAD)) == (409, "no-settings")
    await begin(client)
    _, match = await exported(client)
    text = HEAD + "mappings: [{hubspot_property: nope, salesforce_field: Email}]"
    done = await send(client, IMPORT, text, **match)
    assert (done.json()["stored"], done.headers["etag"]) == ("draft", '"2"')
    assert [one["code"] for one in done.json()["problems"]] == ["mapping-impossible"]
    draft = (await client.get(DRAFT)).json()
    assert [one["hubspot_property"] for one in draft["settings"]["mappings"]] == ["nope"]
    assert (await client.get(SETUP)).json()["version"] == 0


async def test_after_the_start_what_is_impossible_is_refused(running: httpx2.AsyncClient) -> None:
    _, match = await exported(running)
    text = HEAD + "mappings: [{hubspot_property: nope, salesforce_field: Email}]"
    refused = await send(running, IMPORT, text, **match)
    assert kind(refused) == (422, "settings-invalid")


@pytest.mark.parametrize(
    ("text", "expected", "says"),
    [
        ("", 422, "Field required"),
        ("a: &a [1]\nb: *a", 422, "Anchors"),
        ("a: !!python/object:os.system x", 422, "Tags"),
        (HEAD + "contacts: {}\ncontacts: {}", 422, "Line 3: 'contacts' is there twice"),
        ("[" * 5000, 422, "no YAML"),
        ("contacts: {}", 422, "body.causeway_settings"),
        ("causeway_settings: 2", 422, "body.causeway_settings"),
        (HEAD + "contact: {}", 422, "body.contact"),
        (HEAD + "deals: {close_date_days: soon}", 422, "body.deals.close_date_days"),
        (HEAD + "owners: 7", 422, "body.owners"),
        ("- 1", 422, "body"),
        (HEAD + "x: " + "y" * 1_100_000, 413, "split the body"),
    ],
)
async def test_a_file_that_is_none_is_refused_with_the_place(
    running: httpx2.AsyncClient, text: str, expected: int, says: str
) -> None:
    answer = await send(running, DRY, text)
    assert answer.status_code == expected, answer.text
    assert says in answer.text


@pytest.mark.parametrize(
    ("headers", "expected"),
    [({}, (428, "if-match-missing")), ({"If-Match": '"9"'}, (412, "version-outdated"))],
)
async def test_a_file_is_stored_only_over_what_was_seen(
    running: httpx2.AsyncClient, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    text = HEAD + "daily_salesforce_calls: 500\n"
    assert kind(await send(running, IMPORT, text, **headers)) == expected


async def test_roles(office: Office) -> None:
    async with office.client(Role.OPERATOR) as client:
        assert kind(await send(client, DRY, HEAD)) == (403, "role-too-small")
    async with office.client(Role.VIEWER) as client:
        assert kind(await client.get(f"{SETTINGS}/export")) == (403, "role-too-small")
