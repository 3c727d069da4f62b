from typing import Any

import httpx2
import pytest

from tests.contracts.simulators.salesforce.driver import Driver, error_of
from tests.contracts.simulators.salesforce.pubsub_client import FIVE, Bus, select
from tests.simulators.machinery.launch import running

MEMBERS = "/tooling/sobjects/PlatformEventChannelMember"
CHANNELS = "/tooling/sobjects/PlatformEventChannel"


def member(org: Driver, event: str, channel: str = "ChangeEvents") -> httpx2.Response:
    name = f"{channel.replace('__', '_')}_{event}"
    metadata = {"eventChannel": channel, "selectedEntity": event}
    return org.call("POST", MEMBERS, {"FullName": name, "Metadata": metadata})


def channel(org: Driver, name: str) -> httpx2.Response:
    metadata = {"channelType": "data", "label": "A channel"}
    return org.call("POST", CHANNELS, {"FullName": name, "Metadata": metadata})


def tooling(org: Driver, soql: str) -> list[dict[str, Any]]:
    answer = org.call("GET", "/tooling/query", params={"q": soql}).json()
    return [
        {name: value for name, value in one.items() if name != "attributes"}
        for one in answer["records"]
    ]


def test_line_8_five_objects_are_the_most(org: Driver) -> None:
    for one in FIVE:
        assert member(org, f"{one}ChangeEvent").status_code == 201
    assert error_of(member(org, "UserChangeEvent")) == (400, "LIMIT_EXCEEDED")
    answer = org.http.post("/_control/change-events/select", json={"objects": ["User"]})
    assert answer.status_code == 400
    org.switch(cdc_entity_limit=6)
    assert member(org, "UserChangeEvent").status_code == 201


def test_line_8_an_object_on_two_channels_counts_once(org: Driver) -> None:
    select(org)
    assert channel(org, "My__chn").status_code == 201
    assert member(org, "LeadChangeEvent", "My__chn").status_code == 201
    assert error_of(member(org, "UserChangeEvent", "My__chn")) == (400, "LIMIT_EXCEEDED")


def test_line_8_a_selection_that_is_taken_back_makes_room(org: Driver, bus: Bus) -> None:
    ids = select(org)
    assert org.call("DELETE", f"{MEMBERS}/{ids[0]}").status_code == 204
    assert error_of(org.call("DELETE", f"{MEMBERS}/{ids[0]}")) == (404, "NOT_FOUND")
    assert member(org, "UserChangeEvent").status_code == 201
    path = f"/_control/change-events/members/{ids[1]}"
    assert [org.http.delete(path).status_code for _ in range(2)] == [200, 404]
    with bus.subscribe() as stream:
        org.create("Lead", LastName="L", Company="C")
        account = org.create("Account", Name="A")
        assert stream.event().ids == [account]


def test_selections_are_records_of_the_tooling_api(org: Driver) -> None:
    made = member(org, "LeadChangeEvent").json()
    assert (made["success"], made["errors"], made["id"][:3]) == (True, [], "0v8")
    soql = "SELECT Id, DeveloperName, EventChannel, SelectedEntity FROM PlatformEventChannelMember"
    assert tooling(org, soql) == [
        {
            "Id": made["id"],
            "DeveloperName": "ChangeEvents_LeadChangeEvent",
            "EventChannel": "ChangeEvents",
            "SelectedEntity": "LeadChangeEvent",
        }
    ]
    found = org.call("GET", f"{MEMBERS}/{made['id']}").json()
    assert found["Metadata"] == {
        "eventChannel": "ChangeEvents",
        "selectedEntity": "LeadChangeEvent",
    }
    other = channel(org, "My_Own__chn").json()["id"]
    rows = tooling(org, "SELECT Id, DeveloperName FROM PlatformEventChannel")
    assert rows == [{"Id": other, "DeveloperName": "My_Own"}]


@pytest.mark.parametrize(
    ("event", "where", "code"),
    [
        ("Lead", "ChangeEvents", "INVALID_INPUT"),
        ("ProfileChangeEvent", "ChangeEvents", "INVALID_INPUT"),
        ("LeadChangeEvent", "/data/ChangeEvents", "INVALID_INPUT"),
        ("LeadChangeEvent", "Other__chn", "INVALID_INPUT"),
        ("ContactChangeEvent", "ChangeEvents", "DUPLICATE_VALUE"),
    ],
)
def test_selections_that_cannot_be_made(org: Driver, event: str, where: str, code: str) -> None:
    select(org, "Contact")
    assert error_of(member(org, event, where)) == (400, code)


def test_other_requests_that_the_tooling_api_refuses(org: Driver) -> None:
    assert error_of(org.call("POST", MEMBERS, {"FullName": "x"})) == (400, "REQUIRED_FIELD_MISSING")
    filtered = {
        "eventChannel": "ChangeEvents",
        "selectedEntity": "LeadChangeEvent",
        "filterExpression": "Title != null",
    }
    code = error_of(org.call("POST", MEMBERS, {"FullName": "x", "Metadata": filtered}))
    assert code == (400, "FUNCTIONALITY_NOT_ENABLED")
    assert error_of(channel(org, "My__c")) == (400, "INVALID_INPUT")
    events = {"FullName": "My__chn", "Metadata": {"channelType": "event"}}
    assert error_of(org.call("POST", CHANNELS, events)) == (400, "INVALID_INPUT")
    assert channel(org, "My__chn").status_code == 201
    assert error_of(channel(org, "My__chn")) == (400, "DUPLICATE_DEVELOPER_NAME")
    path = "/tooling/sobjects/PackageInstallRequest/0Hf5g0000000001AAA"
    assert error_of(org.call("DELETE", path))[0] == 400


def test_only_who_may_customize_the_org_selects(org: Driver) -> None:
    org.switch(missing_permissions=["CustomizeApplication"])
    assert member(org, "LeadChangeEvent").status_code == 403
    made = select(org, "Lead")[0]
    assert org.call("DELETE", f"{MEMBERS}/{made}").status_code == 403
    assert org.look("change-events")["members"] != []


def test_a_custom_channel_has_its_own_members(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    made = channel(org, "My__chn").json()["id"]
    assert member(org, "LeadChangeEvent", "My__chn").status_code == 201
    with (
        bus.subscribe("/data/My__chn") as own,
        bus.subscribe("/data/ChangeEvents") as standard,
        bus.subscribe("/data/LeadChangeEvent") as leads,
    ):
        lead = org.create("Lead", LastName="L", Company="C")
        contact = org.create("Contact", LastName="A")
        assert own.event().ids == [lead]
        assert standard.event().ids == [contact]
        assert [one["undelivered"] for one in bus.streams()] == [0, 0, 0]
        select(org, "Lead")
        second = org.create("Lead", LastName="L", Company="C")
        assert leads.event().ids == [second]
    assert org.call("DELETE", f"{CHANNELS}/{made}").status_code == 204
    assert tooling(org, "SELECT EventChannel FROM PlatformEventChannelMember") == [
        {"EventChannel": "ChangeEvents"},
        {"EventChannel": "ChangeEvents"},
    ]


def test_an_object_that_nobody_selected_is_silent(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    with bus.subscribe("/data/LeadChangeEvent"):
        org.create("Lead", LastName="L", Company="C")
        assert org.look("change-events")["retained"] == 0


def test_mistakes_at_the_control_plane(org: Driver) -> None:
    for path, body in (
        ("select", {"objects": ["Nothing"]}),
        ("change-database", {"object": "Task", "id": "00T5g0000000001AAA", "fields": {}}),
        ("change-database", {"object": "Task"}),
        ("deliveries", {}),
    ):
        answer = org.http.post(f"/_control/change-events/{path}", json=body)
        assert answer.status_code == 400, path
        assert answer.json()["detail"]


def test_used_deliveries_can_be_set(org: Driver) -> None:
    org.control("change-events/deliveries", {"used": 24_000})
    shown = org.call("GET", "/limits").json()["DailyDeliveredPlatformEvents"]
    assert shown == {"Max": 25_000, "Remaining": 1_000}


def test_without_a_port_there_is_no_pub_sub_api() -> None:
    with running("tests.simulators.salesforce") as url, httpx2.Client(base_url=url) as http:
        answer = http.get("/_control/change-events")
        assert answer.status_code == 404
        assert "--pubsub-port" in answer.json()["detail"]
