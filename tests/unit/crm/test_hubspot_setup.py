from typing import Any

import httpx2
import pytest

from shared.crm.errors import CrmFatalError, CrmRetriableError
from shared.crm.hubspot.account import Account
from shared.crm.hubspot.associations import Pair
from shared.crm.hubspot.client import HubSpotClient
from shared.crm.hubspot.owners import Owner
from shared.crm.hubspot.paths import Paths
from shared.crm.hubspot.pipelines import DealPipeline, PipelineStage
from shared.crm.hubspot.property_list import PropertyDefinition, PropertyOption
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


def definition(name: str, *, unique: bool = False) -> PropertyDefinition:
    return PropertyDefinition(
        name, name.title(), "string", "text", "causeway", has_unique_value=unique
    )


def failed(category: str, *names: str) -> dict[str, Any]:
    return {"status": "error", "category": category, "message": "no", "context": {"name": names}}


async def test_archived_properties_are_asked_for() -> None:
    found = [{"name": "old", "archived": True}, {"name": "live"}]
    line = HubSpotLine(lambda _request: reply({"results": found}))
    (old,) = await line.client.properties("contacts", archived=True)
    assert (old.name, old.archived) == ("old", True)
    assert line.requests[0].url.query == b"archived=true"


@pytest.mark.parametrize("body", [[], {"results": [{"name": 7}]}, {"results": {}}, {}])
async def test_a_list_that_is_none_is_asked_for_again(body: Any) -> None:
    line = HubSpotLine(lambda _request: reply(body))
    with pytest.raises(CrmRetriableError) as caught:
        await line.client.properties("contacts")
    assert caught.value.code == "crm_answer_unreadable"


async def test_properties_that_exist_are_left_as_they_are() -> None:
    answer = {
        "status": "COMPLETE",
        "results": [{"name": "new"}],
        "errors": [failed("OBJECT_ALREADY_EXISTS", "there"), failed("VALIDATION_ERROR", "bad")],
    }
    line = HubSpotLine(lambda _request: reply(answer, 207))
    definitions = [definition(name, unique=True) for name in ("new", "there", "bad")]
    results = await line.client.create_properties("contacts", definitions)
    assert results["new"] == Written("new", "new", created=True)
    assert results["there"] == Written("there", "there", created=False)
    assert isinstance(results["bad"], Refused)
    assert line.paths == ["POST /crm/properties/2026-09/contacts/batch/create"]
    assert line.bodies[0]["inputs"][0] == {
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


async def test_properties_are_made_a_hundred_at_a_time() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return reply({"results": [{"name": one["name"]} for one in sent(request)["inputs"]]}, 201)

    line = HubSpotLine(answer)
    results = await line.client.create_properties(
        "contacts", [definition(f"p{n}") for n in range(201)]
    )
    assert sorted(len(body["inputs"]) for body in line.bodies) == [1, 100, 100]
    assert sum(isinstance(one, Written) and one.created for one in results.values()) == 201


@pytest.mark.parametrize(
    "refusal",
    [
        reply({"category": "OBJECT_ALREADY_EXISTS", "message": "exists"}, 409),
        reply({"category": "VALIDATION_ERROR", "message": "no"}, 400),
        reply({"results": [], "errors": [{"category": "VALIDATION_ERROR", "message": "no"}]}, 207),
    ],
)
async def test_a_whole_batch_that_is_refused_is_tried_in_halves(refusal: httpx2.Response) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        names = [one["name"] for one in sent(request)["inputs"]]
        if "bad" in names:
            return httpx2.Response(refusal.status_code, content=refusal.content)
        return reply({"results": [{"name": name} for name in names]}, 201)

    line = HubSpotLine(answer)
    results = await line.client.create_properties(
        "contacts", [definition(name) for name in ("a", "b", "bad", "c")]
    )
    assert [isinstance(results[n], Written) for n in ("a", "b", "c")] == [True] * 3
    bad = results["bad"]
    assert isinstance(bad, Refused) or not bad.created


async def test_pipelines_in_the_order_of_the_board() -> None:
    def stage(name: str, order: int, **told: Any) -> dict[str, Any]:
        return {"id": name, "label": name.title(), "displayOrder": order, "metadata": told}

    body = {
        "results": [
            {
                "id": "b",
                "label": "B",
                "displayOrder": 1,
                "stages": [
                    stage("won", 2, probability="1.0", isClosed="true"),
                    stage("open", 1, probability="0.2", isClosed="false"),
                    {**stage("gone", 0), "archived": True},
                    stage("odd", 3, probability="much"),
                ],
            },
            {"id": "a", "label": "A", "displayOrder": 0, "stages": []},
            {"id": "c", "label": "C", "archived": True},
        ]
    }
    line = HubSpotLine(lambda _request: reply(body))
    assert await line.client.pipelines("deals") == [
        DealPipeline("a", "A", ()),
        DealPipeline(
            "b",
            "B",
            (
                PipelineStage("open", "Open", 0.2, closed=False),
                PipelineStage("won", "Won", 1.0, closed=True),
                PipelineStage("odd", "Odd", None, closed=False),
            ),
        ),
    ]
    assert line.paths == ["GET /crm/pipelines/2026-09/deals"]


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
