"""How a catalogue is put together: stages of record types, and what the user may not see."""

from typing import Any

import httpx2
import pytest

from services.mapping.domain.model import Pipeline, Stage
from services.mapping.gateways.reading import MAX_RECORD_TYPES, read_catalogue
from shared.crm.errors import CrmAuthError, CrmFatalError
from shared.kernel.records import ObjectType, Side
from tests.unit.crm.fakes import HubSpotLine, SalesforceLine, reply, sent

STAGES = [
    {"ApiName": "Open", "MasterLabel": "Open", "DefaultProbability": 10, "SortOrder": 1},
    {
        "ApiName": "Won",
        "MasterLabel": "Won",
        "DefaultProbability": 100,
        "SortOrder": 2,
        "IsClosed": True,
        "IsWon": True,
    },
]
OPEN = Stage("Open", "Open", 0.1)
WON = Stage("Won", "Won", 1.0, closed=True, won=True)
MISSING = {"category": "MISSING_SCOPES", "message": "scopes"}
NOT_FOUND = [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]
NO_TYPE = [{"errorCode": "INVALID_TYPE", "message": "sObject type 'OpportunityStage'"}]


def hubspot(refused: frozenset[str] = frozenset(), status: int = 403) -> HubSpotLine:
    """A portal that refuses what is about some objects."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        area, _, name = request.url.path.split("/")[2:5]
        if f"{area}/{name}" in refused:
            return reply(MISSING, status)
        return reply({"results": []})

    return HubSpotLine(answer)


def described(name: str, record_types: list[dict[str, Any]]) -> dict[str, Any]:
    values = [
        {"value": "Open", "label": "Open", "active": True},
        {"value": "Old", "label": "Old", "active": False},
    ]
    field = {"name": "StageName", "label": "Stage", "type": "picklist", "picklistValues": values}
    return {"name": name, "label": name, "fields": [field], "recordTypeInfos": record_types}


def kind(number: str, **more: Any) -> dict[str, Any]:
    return {"recordTypeId": number, "name": f"Type {number}", "active": True, **more}


class Org:
    """An org with record types; `refused` objects, and `offers` the stages of a record type."""

    def __init__(
        self, *record_types: dict[str, Any], refused: frozenset[str] = frozenset()
    ) -> None:
        self.record_types = list(record_types)
        self.refused = refused
        self.offers: dict[str, list[str]] = {}
        self.stages: list[dict[str, Any]] | None = STAGES
        self.line = SalesforceLine(self.answer)

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        if "/ui-api/" in request.url.path:
            number = request.url.path.split("/")[-2]
            if number not in self.offers:
                return reply(NOT_FOUND, 404)
            return reply({"values": [{"value": value} for value in self.offers[number]]})
        items = [self.item(one) for one in sent(request)["compositeRequest"]]
        return reply({"compositeResponse": items})

    def item(self, asked: dict[str, Any]) -> dict[str, Any]:
        name = asked["url"].split("/")[-2]
        status = 200
        body: Any = described(name, self.record_types)
        if "query" in asked["url"]:
            status, body = 200, {"done": True, "records": self.stages}
            if self.stages is None:
                status, body = 400, NO_TYPE
        elif name in self.refused:
            status, body = 404, NOT_FOUND
        return {"referenceId": asked["referenceId"], "httpStatusCode": status, "body": body}


async def test_each_record_type_has_the_stages_of_its_process() -> None:
    org = Org(kind("012A"), kind("012B"), kind("0120", master=True))
    org.offers = {"012A": ["Won", "Open", "Unknown"], "012B": ["Open"]}
    found = await read_catalogue(hubspot().client, org.line.client)
    assert found.record_types == (
        Pipeline("012A", "Type 012A", (OPEN, WON)),
        Pipeline("012B", "Type 012B", (OPEN,)),
    )
    assert len(org.line.requests) == 4


async def test_all_stages_where_nobody_tells_which_a_record_type_has() -> None:
    found = await read_catalogue(hubspot().client, Org(kind("012A")).line.client)
    assert found.record_types == (Pipeline("012A", "Type 012A", (OPEN, WON)),)


async def test_an_org_without_record_types_has_one_process() -> None:
    org = Org(kind("0120", master=True))
    found = await read_catalogue(hubspot().client, org.line.client)
    assert found.record_types == (Pipeline("", "Opportunity", (OPEN, WON)),)
    assert len(org.line.requests) == 2


async def test_the_picklist_tells_the_stages_that_the_user_may_not_ask_for() -> None:
    org = Org()
    org.stages = None
    found = await read_catalogue(hubspot().client, org.line.client)
    assert found.record_types == (Pipeline("", "Opportunity", (Stage("Open", "Open"),)),)


async def test_record_types_are_bounded() -> None:
    org = Org(*(kind(f"012{n}") for n in range(MAX_RECORD_TYPES + 5)))
    found = await read_catalogue(hubspot().client, org.line.client)
    assert len(found.record_types) == MAX_RECORD_TYPES


async def test_what_may_not_be_seen_is_left_unread() -> None:
    portal = hubspot(frozenset({"properties/deals", "properties/tasks"}))
    org = Org(refused=frozenset({"Lead", "Opportunity"}))
    found = await read_catalogue(portal.client, org.line.client)
    assert set(found.hubspot) == {ObjectType.CONTACT, ObjectType.COMPANY}
    assert set(found.salesforce) == {"Contact", "Account", "Task"}
    assert [(one.side, one.object_name) for one in found.unread] == [
        (Side.HUBSPOT, "deal"),
        (Side.HUBSPOT, "task"),
        (Side.SALESFORCE, "Lead"),
        (Side.SALESFORCE, "Opportunity"),
    ]
    assert all(one.why for one in found.unread)
    assert (found.pipelines, found.record_types) == ((), ())


async def test_pipelines_that_may_not_be_read_are_none() -> None:
    found = await read_catalogue(hubspot(frozenset({"pipelines/deals"})).client, Org().line.client)
    assert found.pipelines == ()
    assert ObjectType.DEAL in found.hubspot


async def test_without_contacts_there_is_nothing_to_map() -> None:
    with pytest.raises(CrmFatalError) as refused:
        await read_catalogue(hubspot(frozenset({"properties/contacts"})).client, Org().line.client)
    assert refused.value.code == "MISSING_SCOPES"
    org = Org(refused=frozenset({"Contact"}))
    with pytest.raises(CrmFatalError) as unseen:
        await read_catalogue(hubspot().client, org.line.client)
    assert unseen.value.code == "NOT_FOUND"


async def test_a_dead_grant_is_no_missing_scope() -> None:
    portal = hubspot(frozenset({"properties/deals"}), status=401)
    with pytest.raises(CrmAuthError):
        await read_catalogue(portal.client, Org().line.client)
