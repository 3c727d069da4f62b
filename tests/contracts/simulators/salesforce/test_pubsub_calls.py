import json

import grpc
import pytest

from tests.contracts.simulators.salesforce.driver import Driver
from tests.contracts.simulators.salesforce.pubsub_client import ORG_ID, Bus, refused, select

UNAUTHENTICATED = grpc.StatusCode.UNAUTHENTICATED
BAD_HEADERS = (UNAUTHENTICATED, "service.auth.headers.invalid")
NOT_FOUND = grpc.StatusCode.NOT_FOUND
INVALID = grpc.StatusCode.INVALID_ARGUMENT
LEADS = "/data/LeadChangeEvent"


def test_the_bytes_of_the_wire_are_salesforces(bus: Bus) -> None:
    kinds = bus.kinds
    request = kinds.FetchRequest(
        topic_name="/data/A", replay_preset=2, replay_id=b"\1\2", num_requested=7, auth_refresh="r"
    )
    assert (
        request.SerializeToString() == b"\x0a\x07/data/A\x10\x02\x1a\x02\x01\x02\x20\x07\x2a\x01r"
    )
    header = kinds.EventHeader(key="k", value=b"v")
    event = kinds.ProducerEvent(id="i", schema_id="s", payload=b"p", headers=[header])
    consumed = kinds.ConsumerEvent(event=event, replay_id=b"\3")
    assert consumed.SerializeToString() == (
        b"\x0a\x11\x0a\x01i\x12\x01s\x1a\x01p\x22\x06\x0a\x01k\x12\x01v\x12\x01\x03"
    )
    response = kinds.FetchResponse(
        events=[kinds.ConsumerEvent()], latest_replay_id=b"l", rpc_id="r", pending_num_requested=9
    )
    assert response.SerializeToString() == b"\x0a\x00\x12\x01l\x1a\x01r\x20\x09"
    topic = kinds.TopicInfo(
        topic_name="n", tenant_guid="t", can_publish=True, can_subscribe=True, schema_id="s",
        rpc_id="r",
    )  # fmt: skip
    assert topic.SerializeToString() == b"\x0a\x01n\x12\x01t\x18\x01\x20\x01\x2a\x01s\x32\x01r"
    schema = kinds.SchemaInfo(schema_json="j", schema_id="s", rpc_id="r")
    assert schema.SerializeToString() == b"\x0a\x01j\x12\x01s\x1a\x01r"


def test_topics(org: Driver, bus: Bus) -> None:
    info = bus.topic(LEADS)
    assert (info.topic_name, info.can_subscribe, info.can_publish) == (LEADS, True, False)
    assert info.tenant_guid.endswith(ORG_ID)
    assert info.rpc_id
    assert bus.schema_info(info.schema_id).schema_id == info.schema_id
    assert bus.schema(info.schema_id)["name"] == "LeadChangeEvent"
    assert bus.topic("/data/ChangeEvents").schema_id == ""
    assert refused(bus.topic, "") == (INVALID, "topic.validation.empty")
    for name in ("/data/NothingChangeEvent", "/data/My__chn", "LeadChangeEvent", "/event/X__e"):
        assert refused(bus.topic, name) == (NOT_FOUND, "topic.not.found")
    assert refused(bus.schema_info, "") == (INVALID, "schema.validation.failed")
    assert refused(bus.schema_info, "x") == (NOT_FOUND, "schema.meta.permission")


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        ({"accesstoken": ""}, BAD_HEADERS),
        ({"instanceurl": ""}, BAD_HEADERS),
        ({"instanceurl": "example.my.salesforce.com"}, BAD_HEADERS),
        ({"tenantid": ""}, BAD_HEADERS),
        ({"tenantid": ORG_ID[:15]}, BAD_HEADERS),
        ({"tenantid": "00D5g0000000002EAA"}, BAD_HEADERS),
        ({"accesstoken": "wrong"}, (UNAUTHENTICATED, "service.auth.error")),
    ],
)
def test_every_call_needs_three_good_headers(
    bus: Bus, headers: dict[str, str], refusal: tuple[grpc.StatusCode, str]
) -> None:
    assert refused(bus.topic, LEADS, **headers) == refusal
    with bus.stream(bus.fetch(LEADS), **headers) as stream:
        assert stream.refusal() == refusal


def test_an_access_token_can_be_dead_or_good_for_something_else(org: Driver, bus: Bus) -> None:
    no = (UNAUTHENTICATED, "service.auth.error")
    org.grant(scope="id")
    assert refused(bus.topic, LEADS) == no
    org.grant()
    org.control("clock", {"advance_seconds": 7_200})
    assert refused(bus.topic, LEADS) == no
    org.grant()
    org.switch(api_disabled=True)
    assert refused(bus.topic, LEADS) == no
    org.switch(api_disabled=False, missing_permissions=["ApiEnabled"])
    assert refused(bus.topic, LEADS) == no


def test_an_edition_can_be_without_change_events(org: Driver, bus: Bus) -> None:
    for edition, allowed in (("Unlimited", 50_000), ("Developer", 10_000), ("Enterprise", 25_000)):
        org.switch(edition=f"{edition} Edition")
        assert bus.topic(LEADS).can_subscribe is True
        assert org.look("change-events")["deliveries"]["allowed"] == allowed
    org.switch(edition="Professional Edition", api_addon=True)
    license_missing = (grpc.StatusCode.PERMISSION_DENIED, "service.tenant.license")
    assert refused(bus.topic, LEADS) == license_missing


def test_change_events_are_not_published_by_clients(bus: Bus) -> None:
    kinds = bus.kinds
    event = kinds.ProducerEvent(id="1", schema_id="s", payload=b"")
    request = kinds.PublishRequest(topic_name=LEADS, events=[event])
    no = (grpc.StatusCode.PERMISSION_DENIED, "publish.topic.cannot.publish")
    assert refused(bus.call, "Publish", request, "PublishResponse") == no
    with bus.stream(request, method="PublishStream") as stream:
        assert stream.refusal() == no
    empty = kinds.PublishRequest(topic_name=LEADS)
    nothing = (INVALID, "publish.event.count.invalid")
    assert refused(bus.call, "Publish", empty, "PublishResponse") == nothing
    managed = kinds.ManagedFetchRequest(developer_name="D", num_requested=1)
    with bus.stream(managed, method="ManagedSubscribe") as stream:
        assert stream.refusal() == (grpc.StatusCode.UNIMPLEMENTED, "")


def test_the_schema_of_an_object(bus: Bus) -> None:
    schema = bus.schema(bus.topic("/data/AccountChangeEvent").schema_id)
    columns = {one["name"]: one for one in schema["fields"]}
    header = schema["fields"][0]["type"]
    assert [one["name"] for one in header["fields"]] == [
        "entityName",
        "recordIds",
        "changeType",
        "changeOrigin",
        "transactionKey",
        "sequenceNumber",
        "commitTimestamp",
        "commitNumber",
        "commitUser",
        "nulledFields",
        "diffFields",
        "changedFields",
    ]
    assert not {"Id", "IsDeleted", "SystemModstamp", "BillingCity"} & set(columns)
    assert columns["Name"]["type"][:2] == ["null", "string"]
    assert columns["Name"]["type"][2]["name"] == "Switchable_PersonName"
    assert columns["BillingAddress"]["type"][1]["name"] == "Address"
    assert columns["ShippingAddress"]["type"] == ["null", "Address"]
    assert columns["CreatedDate"]["type"] == ["null", "long"]
    assert columns["AnnualRevenue"]["type"] == ["null", "double"]


def test_a_new_field_gives_a_new_schema_and_old_events_keep_theirs(org: Driver, bus: Bus) -> None:
    select(org, "Lead")
    with bus.subscribe(LEADS) as stream:
        org.create("Lead", LastName="L", Company="C")
        old = stream.event()
        org.control("fields", {"object": "Lead", "name": "Score__c", "type": "double"})
        made = org.create("Lead", LastName="L", Company="C", Score__c=7)
        new = stream.event()
    assert old.schema_id == old.schema_id != new.schema_id == bus.topic(LEADS).schema_id
    assert (new.ids, new.values["Score__c"]) == ([made], 7.0)
    assert json.loads(bus.schema_info(old.schema_id).schema_json) == old.schema
    assert "Score__c" not in old.content


def test_deliveries_and_calls_by_grpc_are_no_api_calls(org: Driver, bus: Bus) -> None:
    select(org, "Lead")
    with bus.subscribe(LEADS) as stream:
        org.create("Lead", LastName="L", Company="C")
        stream.event()
    assert org.used() == 1
