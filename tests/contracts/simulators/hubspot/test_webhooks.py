import threading
from collections.abc import Iterator

import pytest
from hubspot.utils.signature import Signature

from tests.contracts.simulators.hubspot.driver import Json, Sim, driving
from tests.contracts.simulators.hubspot.receiver import Delivery, Receiver, receiving
from tests.simulators.hubspot.signatures import signature_v1, signature_v3
from tests.simulators.machinery.launch import running

SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
BODY = b"{'example_field':'example_value'}"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture(scope="module")
def sending_url(receiver: Receiver) -> Iterator[str]:
    options = ["--webhook-url", receiver.url, "--client-secret", SECRET, "--burst-limit", "100000"]
    with running("tests.simulators.hubspot", options) as url:
        yield url


@pytest.fixture
def sim(sending_url: str, receiver: Receiver) -> Iterator[Sim]:
    with driving(sending_url) as driver:
        driver.control("reset")
        receiver.wait(lambda: driver.look("quiet")["pending_webhooks"] == 0)
        receiver.deliveries.clear()
        receiver.statuses.clear()
        yield driver
        driver.control("reset")


def _quiet(sim: Sim, receiver: Receiver) -> None:
    def nothing_waits() -> bool:
        found = sim.look("quiet")
        return bool(found["pending_webhooks"] == 0 and found["retries_waiting"] == 0)

    receiver.wait(nothing_waits)


def _without_accidents(event: Json) -> Json:
    return {name: value for name, value in event.items() if name not in {"eventId", "occurredAt"}}


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        ("1693657560000", "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="),
        ("1700000300000", "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw="),
    ],
)
def test_the_vectors_of_signature_v3(timestamp: str, expected: str) -> None:
    uri = "https://www.example.com/webhook_uri"
    assert signature_v3(SECRET, "POST", uri, BODY, timestamp) == expected


def test_only_the_listed_escapes_are_undone_before_signing() -> None:
    escaped = "https://x.example/a%3Ab%2f?q=%20%26"
    plain = "https://x.example/a:b/?q=%20%26"
    assert signature_v3("s", "POST", escaped, b"", "1") == signature_v3(
        "s", "POST", plain, b"", "1"
    )


def _check_signatures(delivery: Delivery, uri: str) -> None:
    headers = delivery.headers
    assert headers["X-HubSpot-Signature-Version"] == "v1"
    assert headers["X-HubSpot-Signature"] == signature_v1(SECRET, delivery.body)
    assert Signature.is_valid(
        signature=headers["X-HubSpot-Signature-v3"],
        client_secret=SECRET,
        request_body=delivery.body.decode(),
        http_uri=uri,
        http_method="POST",
        timestamp=headers["X-HubSpot-Request-Timestamp"],
        signature_version="v3",
    )


def test_line_7_a_delivery_is_signed_twice(sim: Sim, receiver: Receiver) -> None:
    sim.contact(email="ada@example.com")
    receiver.wait(lambda: len(receiver.deliveries) >= 1)
    _check_signatures(receiver.deliveries[0], receiver.url)


def test_line_7_our_own_writes_come_back_as_events(sim: Sim, receiver: Receiver) -> None:
    record_id = sim.contact(email="ada@example.com")
    receiver.wait(lambda: len(receiver.of("contact.creation")) == 1)
    event = receiver.of("contact.creation")[0]
    assert _without_accidents(event) == {
        "subscriptionId": 1001,
        "portalId": 111,
        "appId": 222,
        "subscriptionType": "contact.creation",
        "attemptNumber": 0,
        "objectId": int(record_id),
        "changeFlag": "CREATED",
        "changeSource": "INTEGRATION",
        "sourceId": "222",
    }


def test_line_7_a_creation_bursts_into_one_event_a_property(sim: Sim, receiver: Receiver) -> None:
    sim.contact(email="ada@example.com", firstname="Ada")
    _quiet(sim, receiver)
    changes = {
        one["propertyName"]: one["propertyValue"] for one in receiver.of("contact.propertyChange")
    }
    assert changes["email"] == "ada@example.com"
    assert changes["firstname"] == "Ada"
    assert len({one["occurredAt"] for one in receiver.events}) == 1


def test_an_edit_by_a_user_says_so_and_only_what_changed_is_told(
    sim: Sim, receiver: Receiver
) -> None:
    record_id = sim.contact(email="ada@example.com", city="Rīga")
    _quiet(sim, receiver)
    receiver.deliveries.clear()
    fields = {"city": "Rīga", "closedate": "2026-01-01T00:00:00Z"}
    sim.control("edit", {"object": "contacts", "id": record_id, "fields": fields})
    receiver.wait(lambda: len(receiver.events) == 1)
    event = receiver.events[0]
    assert event["propertyName"] == "closedate"
    assert event["propertyValue"] == "1767225600000"
    assert event["changeSource"] == "CRM_UI"


def test_tasks_are_told_as_objects(sim: Sim, receiver: Receiver) -> None:
    task = sim.task(hs_task_subject="Call")
    sim.control("edit", {"object": "tasks", "id": task, "fields": {"hs_task_status": "COMPLETED"}})
    sim.control("delete", {"object": "tasks", "id": task})
    _quiet(sim, receiver)
    assert {one["objectTypeId"] for one in receiver.events} == {"0-27"}
    assert len(receiver.of("object.creation")) == 1
    assert len(receiver.of("object.deletion")) == 1
    assert "COMPLETED" in {one["propertyValue"] for one in receiver.of("object.propertyChange")}


def test_line_6_a_merge_is_told_with_the_new_id(sim: Sim, receiver: Receiver) -> None:
    primary, other = (
        sim.contact(email="a@example.com"),
        sim.contact(email="b@example.com", phone="1"),
    )
    merged = sim.control("merge", {"object": "contacts", "id": primary, "other_id": other})["id"]
    receiver.wait(lambda: len(receiver.of("contact.merge")) == 1)
    event = receiver.of("contact.merge")[0]
    assert event["primaryObjectId"] == int(primary)
    assert event["mergedObjectIds"] == [int(other)]
    assert event["newObjectId"] == int(merged)
    assert event["numberOfPropertiesMoved"] == 1


def test_a_privacy_deletion_is_a_deletion_too(sim: Sim, receiver: Receiver) -> None:
    record_id = sim.contact(email="ada@example.com")
    sim.post("/crm/v3/objects/contacts/gdpr-delete", {"objectId": record_id})
    receiver.wait(lambda: len(receiver.of("contact.privacyDeletion")) == 1)
    receiver.wait(lambda: len(receiver.of("contact.deletion")) == 1)


def test_line_7_a_delivery_has_at_most_100_events_in_any_order(
    sim: Sim, receiver: Receiver
) -> None:
    sim.control("seed", {"people": 40, "seed": 7, "notify": True})
    _quiet(sim, receiver)
    assert max(len(one.events) for one in receiver.deliveries) == 100
    ids = [event["objectId"] for event in receiver.events]
    assert ids != sorted(ids)
    assert len(receiver.of("contact.creation")) == 40


def test_a_silent_seed_is_silent(sim: Sim, receiver: Receiver) -> None:
    sim.control("seed", {"people": 40, "seed": 7})
    assert sim.look("quiet") == {"pending_webhooks": 0, "retries_waiting": 0, "given_up": 0}
    assert receiver.deliveries == []


def test_line_7_duplicates_and_losses_on_request(sim: Sim, receiver: Receiver) -> None:
    sim.control("webhooks", {"duplicates": 1})
    sim.contact(email="ada@example.com")
    _quiet(sim, receiver)
    assert len(receiver.of("contact.creation")) == 2
    receiver.deliveries.clear()
    sim.control("webhooks", {"lost": 1})
    sim.contact(email="bob@example.com")
    _quiet(sim, receiver)
    assert receiver.deliveries == []


def test_line_7_a_refused_delivery_is_repeated_with_a_higher_attempt_number(
    sim: Sim, receiver: Receiver
) -> None:
    receiver.statuses[:] = [500]
    sim.control(
        "create", {"object": "deals", "fields": {"dealname": "B", "dealstage": "closedwon"}}
    )
    sim.contact(lastname="Ada")
    receiver.wait(lambda: sim.look("quiet")["retries_waiting"] > 0)
    sim.control("clock", {"advance_seconds": 60})
    receiver.wait(lambda: bool([one for one in receiver.events if one["attemptNumber"] == 1]))
    first = [
        _without_accidents(one) | {"attemptNumber": 1} for one in receiver.deliveries[0].events
    ]
    again = [_without_accidents(one) for one in receiver.events if one["attemptNumber"] == 1]
    assert sorted(map(str, again)) == sorted(map(str, first))


def test_line_7_ten_deliveries_at_once_at_most(sim: Sim, receiver: Receiver) -> None:
    receiver.hold, receiver.most_at_once = threading.Event(), 0
    sim.control("seed", {"people": 200, "seed": 7, "notify": True})
    receiver.wait(lambda: receiver.most_at_once == 10)
    receiver.hold.set()
    _quiet(sim, receiver)
    receiver.hold = None
    assert receiver.most_at_once == 10
    assert len(receiver.of("contact.creation")) == 200


def test_line_7_no_answer_within_five_seconds_is_a_failure(sim: Sim, receiver: Receiver) -> None:
    receiver.hold = threading.Event()
    sim.contact(lastname="Ada")
    receiver.wait(lambda: sim.look("quiet")["retries_waiting"] > 0)
    receiver.hold.set()
    receiver.hold = None


def test_submitting_a_form_converts_a_contact(sim: Sim, receiver: Receiver) -> None:
    form = {"email": "Ada@example.com", "form_name": "Newsletter", "fields": {"firstname": "Ada"}}
    record_id = sim.control("submit-form", form)["id"]
    again = sim.control("submit-form", {**form, "form_name": "Demo", "fields": {"phone": "1"}})
    assert again["id"] == record_id
    values = sim.values("contacts", record_id)
    assert values["firstname"] == "Ada"
    assert values["phone"] == "1"
    assert values["recent_conversion_event_name"] == "Demo"
    assert values["first_conversion_event_name"] == "Newsletter"
    assert values["num_conversion_events"] == "2"
    _quiet(sim, receiver)
    assert {one["changeSource"] for one in receiver.events} == {"FORM"}
    assert "recent_conversion_date" in {one.get("propertyName") for one in receiver.events}
