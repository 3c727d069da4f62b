from typing import Any

import httpx2
import pytest

from shared.crm.errors import CrmFatalError
from shared.crm.hubspot.account import Account
from shared.crm.hubspot.associations import Pair
from shared.crm.hubspot.client import HubSpotClient
from shared.crm.hubspot.owners import Owner
from shared.crm.hubspot.paths import Paths
from shared.crm.hubspot.properties import PropertyDefinition, PropertyOption
from shared.crm.writes import Refused, Written
from tests.unit.crm.fakes import HubSpotLine, in_turn, reply, sent

STAGE = PropertyDefinition(
    name="stage",
    label="Stage",
    type="enumeration",
    field_type="select",
    group_name="causeway",
    description="Where it is",
    options=(PropertyOption("One", "1"), PropertyOption("Two", "2", hidden=True)),
    has_unique_value=False,
    read_only=True,
    calculated=False,
    hidden=False,
    hubspot_defined=False,
)


async def test_properties_are_listed_without_the_archived() -> None:
    found = {
        "name": "stage",
        "label": "Stage",
        "type": "enumeration",
        "fieldType": "select",
        "groupName": "causeway",
        "description": "Where it is",
        "options": [
            {"label": "One", "value": "1", "displayOrder": 0, "hidden": False},
            {"label": "Two", "value": "2", "displayOrder": 1, "hidden": True},
        ],
        "modificationMetadata": {"archivable": True, "readOnlyValue": True},
    }
    line = HubSpotLine(
        lambda _request: reply({"results": [found, {"name": "old", "archived": True}]})
    )
    assert await line.client.properties("contacts") == [STAGE]
    assert line.paths == ["GET /crm/properties/2026-09/contacts"]


async def test_properties_that_exist_are_left_as_they_are() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        name = sent(request)["name"]
        if name == "there":
            return reply({"category": "OBJECT_ALREADY_EXISTS", "message": "exists"}, 409)
        if name == "bad":
            return reply({"category": "VALIDATION_ERROR", "message": "no"}, 400)
        return reply({"name": name}, 201)

    line = HubSpotLine(answer)
    definitions = [
        PropertyDefinition(name, name.title(), "string", "text", "causeway", has_unique_value=True)
        for name in ("new", "there", "bad")
    ]
    results = await line.client.create_properties("contacts", definitions)
    assert results["new"] == Written("new", "new", created=True)
    assert results["there"] == Written("there", "there", created=False)
    assert isinstance(results["bad"], Refused)
    assert line.bodies[0] == {
        "name": "new",
        "label": "New",
        "type": "string",
        "fieldType": "text",
        "groupName": "causeway",
        "description": "",
        "hasUniqueValue": True,
        "hidden": False,
        "options": [],
    }


@pytest.mark.parametrize(
    ("answers", "calls"),
    [
        ([reply({"name": "causeway"})], 1),
        ([reply({"message": "not found"}, 404), reply({}, 201)], 2),
        ([reply({"message": "not found"}, 404), reply({"category": "CONFLICT"}, 409)], 2),
        (
            [
                reply({"message": "not found"}, 404),
                reply({"category": "OBJECT_ALREADY_EXISTS"}, 409),
            ],
            2,
        ),
    ],
)
async def test_a_group_exists_afterwards(answers: list[httpx2.Response], calls: int) -> None:
    line = HubSpotLine(in_turn(answers))
    await line.client.ensure_group("contacts", "causeway", "Causeway")
    assert len(line.requests) == calls


async def test_a_group_that_may_not_be_made_is_an_error() -> None:
    line = HubSpotLine(
        in_turn([reply({"message": "not found"}, 404), reply({"message": "no"}, 400)])
    )
    with pytest.raises(CrmFatalError):
        await line.client.ensure_group("contacts", "causeway", "Causeway")


async def test_owners_of_all_pages() -> None:
    first: dict[str, Any] = {
        "id": "1",
        "email": "ada@x.example",
        "type": "PERSON",
        "firstName": "Ada",
        "lastName": "L",
        "userId": 77,
        "archived": False,
    }
    line = HubSpotLine(
        in_turn(
            [
                reply({"results": [first], "paging": {"next": {"after": "1"}}}),
                reply({"results": [{"id": 2, "type": "QUEUE", "userId": None}]}),
            ]
        )
    )
    assert await line.client.owners() == [
        Owner("1", "ada@x.example", "Ada", "L", "77", archived=False),
        Owner("2", "", "", "", "", archived=False),
    ]
    assert [dict(request.url.params) for request in line.requests] == [
        {"limit": "100"},
        {"limit": "100", "after": "1"},
    ]


async def test_a_list_of_owners_without_end_is_an_error() -> None:
    line = HubSpotLine(lambda _request: reply({"results": [], "paging": {"next": {"after": "1"}}}))
    with pytest.raises(CrmFatalError) as caught:
        await line.client.owners()
    assert caught.value.code == "page_limit_exceeded"
    assert len(line.requests) == 200


async def test_pairs_are_associated_and_a_missing_record_is_refused() -> None:
    done = {"from": {"id": "1"}, "to": {"id": "9"}, "associationSpec": {}}
    back = {"from": {"id": "9"}, "to": {"id": "1"}, "associationSpec": {}}
    missing = {
        "category": "VALIDATION_ERROR",
        "subCategory": "crm.associations.INVALID_IDENTIFIER",
        "context": {"toObjectId": ["8"]},
    }
    line = HubSpotLine(
        lambda _request: reply({"results": [back, done], "numErrors": 1, "errors": [missing]}, 207)
    )
    results = await line.client.associate(
        "contacts", "companies", [Pair("1", "9"), Pair("2", "8"), Pair("1", "9")]
    )
    assert results["1:9"] == Written("1:9", "1:9", created=False)
    assert isinstance(results["2:8"], Refused)
    assert line.paths == [
        "POST /crm/associations/2026-09/contacts/companies/batch/associate/default"
    ]
    assert line.bodies == [
        {
            "inputs": [
                {"from": {"id": "1"}, "to": {"id": "9"}},
                {"from": {"id": "2"}, "to": {"id": "8"}},
            ]
        }
    ]


async def test_associations_are_read_and_none_is_normal() -> None:
    none = {
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "context": {"fromObjectId": ["502"]},
    }
    more = {"next": {"after": "x"}}
    line = HubSpotLine(
        in_turn(
            [
                reply(
                    {
                        "results": [
                            {
                                "from": {"id": "501"},
                                "to": [{"toObjectId": 9001}, {"toObjectId": 9001}],
                                "paging": more,
                            }
                        ],
                        "errors": [none],
                    },
                    207,
                ),
                reply({"results": [{"from": {"id": "501"}, "to": [{"toObjectId": "9002"}]}]}),
            ]
        )
    )
    found = await line.client.associated("tasks", "contacts", ["501", "502"])
    assert found == {"501": ("9001", "9002"), "502": ()}
    assert line.bodies[1] == {"inputs": [{"id": "501", "after": "x"}]}


async def test_the_account() -> None:
    body = {
        "portalId": 111,
        "accountType": "STANDARD",
        "timeZone": "Europe/Zurich",
        "companyCurrency": "CHF",
        "uiDomain": "app-eu1.hubspot.com",
        "dataHostingLocation": "eu1",
    }
    line = HubSpotLine(lambda _request: reply(body))
    assert await line.client.account() == Account(
        "111", "STANDARD", "Europe/Zurich", "CHF", "app-eu1.hubspot.com", "eu1"
    )


def test_paths_of_both_kinds_of_versions() -> None:
    dated, legacy = Paths("2026-03"), Paths("v3")
    assert dated.objects("contacts", "batch", "read") == "/crm/objects/2026-03/contacts/batch/read"
    assert legacy.objects("contacts", "search") == "/crm/v3/objects/contacts/search"
    assert legacy.associations("a", "b", "batch") == "/crm/v4/associations/a/b/batch"
    assert dated.associations("a", "b") == "/crm/associations/2026-03/a/b"
    assert legacy.oauth("revoke") == "/oauth/v3/token/revoke"
    assert legacy.account() == "/account-info/v3/details"
    assert dated.objects("a/../b") == "/crm/objects/2026-03/a%2F..%2Fb"


@pytest.mark.parametrize("version", ["v1", "2026-09/../..", "", "66.0"])
def test_a_version_that_is_none_is_refused_at_the_start(version: str) -> None:
    line = HubSpotLine(in_turn([]))
    with pytest.raises(ValueError, match="API version"):
        HubSpotClient(line.transport, version=version)
