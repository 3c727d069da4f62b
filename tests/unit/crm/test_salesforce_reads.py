from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from shared.crm.errors import CrmFatalError, CrmLimitError, CrmRetriableError
from shared.crm.salesforce.describe import PicklistValue
from shared.crm.salesforce.org import ApiVersion, Identity, OrgLimit
from shared.crm.salesforce.soql import select
from tests.unit.crm.fakes import SalesforceLine, in_turn, reply, sent

ROOT = "/services/data/v66.0"


def item(reference: str, body: Any, status: int = 200) -> dict[str, Any]:
    return {"body": body, "httpHeaders": {}, "httpStatusCode": status, "referenceId": reference}


def rows(*names: str, **more: Any) -> dict[str, Any]:
    records = [{"attributes": {"type": "Lead"}, "Name": name} for name in names]
    return {"totalSize": len(names), "done": True, "records": records, **more}


def names(found: list[dict[str, Any]]) -> list[str]:
    return [row["Name"] for row in found]


async def test_five_queries_are_one_call_and_answers_come_in_any_order() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        asked = sent(request)["compositeRequest"]
        items = [
            item(one["referenceId"], rows(parse_qs(urlsplit(one["url"]).query)["q"][0]))
            for one in asked
        ]
        return reply({"compositeResponse": items[::-1]})

    line = SalesforceLine(answer)
    soqls = [select(["Name"], "Lead", f"Name = 'a&b=c+d%{n}'") for n in range(6)]
    found = await line.client.queries(soqls)
    assert [names(one) for one in found] == [[soql] for soql in soqls]
    assert line.paths == [f"POST {ROOT}/composite"] * 2
    assert sorted(len(body["compositeRequest"]) for body in line.bodies) == [1, 5]


async def test_deleted_rows_are_asked_for_by_another_resource() -> None:
    line = SalesforceLine(lambda _request: reply({"compositeResponse": [item("q0", rows())]}))
    await line.client.queries(["SELECT Id FROM Lead"], include_deleted=True)
    assert line.bodies[0]["compositeRequest"][0]["url"] == (
        f"{ROOT}/queryAll?q=SELECT%20Id%20FROM%20Lead"
    )


async def test_pages_smaller_than_asked_are_followed_to_the_end() -> None:
    next_url = f"{ROOT}/query/0r8000000000001-2"
    line = SalesforceLine(
        in_turn(
            [
                reply(
                    {
                        "compositeResponse": [
                            item("q0", rows("a", "b", done=False, nextRecordsUrl=next_url)),
                            item("q1", rows("z")),
                        ]
                    }
                ),
                reply({"compositeResponse": [item("q0", rows("c"))]}),
            ]
        )
    )
    found = await line.client.queries(["SELECT Name FROM Lead", "SELECT Name FROM Contact"])
    assert [names(one) for one in found] == [["a", "b", "c"], ["z"]]
    assert line.bodies[1]["compositeRequest"] == [
        {"method": "GET", "url": next_url, "referenceId": "q0"}
    ]


async def test_a_query_without_end_is_an_error() -> None:
    endless = rows("a", done=False, nextRecordsUrl=f"{ROOT}/query/0r8")
    line = SalesforceLine(lambda _request: reply({"compositeResponse": [item("q0", endless)]}))
    with pytest.raises(CrmFatalError) as caught:
        await line.client.query("SELECT Name FROM Lead")
    assert caught.value.code == "page_limit_exceeded"
    assert len(line.requests) == 100


@pytest.mark.parametrize(
    ("status", "code", "family"),
    [
        (400, "MALFORMED_QUERY", CrmFatalError),
        (400, "INVALID_QUERY_LOCATOR", CrmRetriableError),
        (403, "REQUEST_LIMIT_EXCEEDED", CrmLimitError),
        (503, "SERVER_UNAVAILABLE", CrmRetriableError),
    ],
)
async def test_a_composite_that_answers_200_can_have_failed_all_the_same(
    status: int, code: str, family: type[Exception]
) -> None:
    failure = item("q0", [{"errorCode": code, "message": "x"}], status)
    line = SalesforceLine(lambda _request: reply({"compositeResponse": [failure]}))
    with pytest.raises(family) as caught:
        await line.client.query("SELECT Name FROM Lead")
    assert getattr(caught.value, "code", "") == code


async def test_a_query_without_an_answer_is_retriable() -> None:
    line = SalesforceLine(lambda _request: reply({"compositeResponse": []}))
    with pytest.raises(CrmRetriableError):
        await line.client.query("SELECT Name FROM Lead")


async def test_no_queries_are_no_call() -> None:
    line = SalesforceLine(in_turn([]))
    assert await line.client.queries([]) == []


async def test_describe() -> None:
    field = {
        "name": "Status",
        "label": "Lead Status",
        "type": "picklist",
        "length": 255,
        "nillable": False,
        "createable": True,
        "updateable": True,
        "defaultedOnCreate": False,
        "restrictedPicklist": True,
        "picklistValues": [
            {"active": True, "defaultValue": True, "label": "Open", "value": "open"}
        ],
        "referenceTo": ["User", "Group"],
        "relationshipName": None,
    }
    key = {
        "name": "Causeway_Key__c",
        "externalId": True,
        "unique": True,
        "idLookup": True,
        "nillable": True,
        "custom": True,
    }
    line = SalesforceLine(
        lambda _request: reply(
            {
                "name": "Lead",
                "label": "Lead",
                "keyPrefix": "00Q",
                "createable": True,
                "fields": [field, key],
            }
        )
    )
    lead = await line.client.describe("Lead")
    assert line.paths == [f"GET {ROOT}/sobjects/Lead/describe"]
    assert (lead.key_prefix, lead.createable, lead.updateable) == ("00Q", True, False)
    status = lead.fields["Status"]
    assert status.required_on_create
    assert status.picklist == (PicklistValue("open", "Open", active=True, default=True),)
    assert status.reference_to == ("User", "Group")
    assert lead.fields["Causeway_Key__c"].external_id
    assert not lead.fields["Causeway_Key__c"].required_on_create


async def test_limits_versions_and_identity() -> None:
    line = SalesforceLine(
        in_turn(
            [
                reply(
                    {"DailyApiRequests": {"Max": 15000, "Remaining": 14998}, "Odd": {"Max": "x"}}
                ),
                reply([{"label": "Spring '26", "url": "/services/data/v66.0", "version": "66.0"}]),
                reply(
                    {
                        "user_id": "005000000000001",
                        "organization_id": "00D000000000001",
                        "preferred_username": "sync@org.example",
                        "language": "en_US",
                    }
                ),
            ]
        )
    )
    assert await line.client.limits() == {"DailyApiRequests": OrgLimit(15_000, 14_998)}
    assert await line.client.versions() == [ApiVersion("66.0", "Spring '26")]
    assert await line.client.identity() == Identity(
        "005000000000001AAA", "00D000000000001EAA", "sync@org.example", "en_US"
    )
