from collections.abc import Iterator

import pytest

from tests.contracts.simulators.hubspot.driver import Sim, driving
from tests.contracts.simulators.hubspot.receiver import Receiver, receiving
from tests.simulators.machinery.launch import running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def sim(receiver: Receiver) -> Iterator[Sim]:
    options = ["--webhook-url", receiver.url]
    with running("tests.simulators.hubspot", options) as url, driving(url) as driver:
        yield driver


ROOTS = ["/webhooks/v3/222", "/webhooks/2026-03/222", "/app-webhooks/2026-09/222"]


@pytest.mark.parametrize("root", ROOTS)
def test_subscriptions_are_managed_with_the_developer_key(
    sim: Sim, receiver: Receiver, root: str
) -> None:
    with sim.anonymous() as developer:
        assert developer.get(f"{root}/subscriptions").status_code == 401
        developer.params = {"hapikey": "any"}
        body = {"eventType": "company.creation", "active": False}
        made = developer.post(f"{root}/subscriptions", json=body)
        assert made.status_code == 201
        number = made.json()["id"]
        sim.post("/crm/v3/objects/companies", {"properties": {"name": "Acme"}})
        on = developer.patch(f"{root}/subscriptions/{number}", json={"active": True})
        assert on.json()["active"] is True
        sim.post("/crm/v3/objects/companies", {"properties": {"name": "Bolt"}})
        told = receiver.of
        receiver.wait(
            lambda: (
                [str(one["subscriptionId"]) for one in told("company.creation")].count(number) == 1
            )
        )
        inputs = [{"id": number, "active": False}, {"id": "1", "active": False}]
        batch = developer.post(f"{root}/subscriptions/batch/update", json={"inputs": inputs})
        assert batch.status_code == 207
        assert developer.delete(f"{root}/subscriptions/{number}").status_code == 204
        found = developer.get(f"{root}/subscriptions").json()["results"]
        assert number not in {one["id"] for one in found}


def test_settings_of_the_webhooks(sim: Sim, receiver: Receiver) -> None:
    with sim.anonymous() as developer:
        developer.params = {"hapikey": "any"}
        settings = developer.get(f"{ROOTS[0]}/settings").json()
        assert settings["targetUrl"] == receiver.url
        assert settings["throttling"]["maxConcurrentRequests"] == 10
        low = {"targetUrl": receiver.url, "throttling": {"maxConcurrentRequests": 5}}
        assert developer.put(f"{ROOTS[0]}/settings", json=low).status_code == 400
        insecure = {"targetUrl": "http://example.com/hook"}
        assert developer.put(f"{ROOTS[0]}/settings", json=insecure).status_code == 400
        same = {"targetUrl": receiver.url, "throttling": {"maxConcurrentRequests": 10}}
        assert developer.put(f"{ROOTS[0]}/settings", json=same).status_code == 200


def test_associations_are_told_once_a_direction(sim: Sim, receiver: Receiver) -> None:
    with sim.anonymous() as developer:
        developer.params = {"hapikey": "any"}
        body = {"eventType": "contact.associationChange", "active": True}
        number = developer.post(f"{ROOTS[0]}/subscriptions", json=body).json()["id"]
        contact, task = sim.contact(lastname="Ada"), sim.task()
        sim.api.put(f"/crm/v4/objects/contacts/{contact}/associations/default/tasks/{task}")
        receiver.wait(lambda: len(receiver.of("contact.associationChange")) == 1)
        developer.delete(f"{ROOTS[0]}/subscriptions/{number}")
    event = receiver.of("contact.associationChange")[0]
    assert event["associationType"] == "CONTACT_TO_TASK"
    assert (event["fromObjectId"], event["toObjectId"]) == (int(contact), int(task))
    assert event["associationRemoved"] is False


def test_subscriptions_given_at_the_start(receiver: Receiver) -> None:
    wanted = ["contact.propertyChange:email", "object.creation:0-46"]
    options = [part for one in wanted for part in ("--subscribe", one)]
    options += ["--webhook-url", receiver.url]
    with running("tests.simulators.hubspot", options) as url, driving(url) as sim:
        sim.contact(email="ada@example.com", firstname="Ada")
        note = {"hs_timestamp": "1767225600000", "hs_note_body": "Hm"}
        sim.post("/crm/v3/objects/notes", {"properties": note})
        receiver.wait(lambda: len(receiver.events) == 2)
    assert {one["subscriptionType"] for one in receiver.events} == {
        "contact.propertyChange",
        "object.creation",
    }


def test_line_6_a_record_comes_back_from_the_bin_and_the_app_is_told(
    sim: Sim, receiver: Receiver
) -> None:
    with sim.anonymous() as developer:
        body = {"eventType": "contact.restore", "active": True}
        params = {"hapikey": "any"}
        made = developer.post(f"{ROOTS[0]}/subscriptions", json=body, params=params)
        assert made.status_code == 201
    record_id = sim.contact(email="ada@example.com")
    sim.api.delete(f"/crm/v3/objects/contacts/{record_id}")
    sim.control("restore", {"object": "contacts", "id": record_id})
    receiver.wait(lambda: len(receiver.of("contact.restore")) == 1)
    event = receiver.of("contact.restore")[0]
    assert (event["objectId"], event["changeSource"]) == (int(record_id), "CRM_UI")
    read = sim.api.get(f"/crm/v3/objects/contacts/{record_id}").json()
    assert (read["archived"], read["properties"]["email"]) == (False, "ada@example.com")


def test_line_6_a_restore_needs_the_address_to_be_free(sim: Sim) -> None:
    record_id = sim.contact(email="ada@example.com")
    sim.api.delete(f"/crm/v3/objects/contacts/{record_id}")
    sim.contact(email="ada@example.com")
    body = {"object": "contacts", "id": record_id}
    assert sim.api.post("/_control/restore", json=body).status_code == 400
    body["id"] = "424242"
    assert sim.api.post("/_control/restore", json=body).status_code == 404
