import socket
import threading

import pytest

from tests.contracts.simulators.salesforce.driver import Driver
from tests.contracts.simulators.salesforce.soap_listener import (
    ACKED,
    FIELDS,
    Answer,
    Listener,
    define,
    eventually,
    pass_time,
    pending,
    response,
    soap,
)
from tests.simulators.salesforce.outbound.acks import refusal

DAY = 86_400


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Answer(body=response("false")), "Ack is false"),
        (Answer(body='{"Ack": true}', kind="application/json"), "application/json"),
        (Answer(body=response("true"), kind="text/plain"), "text/plain"),
        (Answer(body=response("true", "notifications")), "no notificationsResponse"),
        (Answer(body=soap("<Ack>true</Ack>")), "no notificationsResponse"),
        (Answer(body=""), "no notificationsResponse"),
        (Answer(body=response("true"), status=500), "HTTP 500"),
        (Answer(body=response("true"), status=202), "HTTP 202"),
    ],
)
def test_line_9_without_a_good_ack_the_same_notification_comes_again(
    org: Driver, listener: Listener, answer: Answer, problem: str
) -> None:
    listener.script(answer)
    define(org, listener)
    org.create("Contact", LastName="A")
    first = listener.take()
    waiting = pending(org)
    assert [one["id"] for one in waiting] == first.ids
    assert problem in waiting[0]["last_error"]
    assert org.look("quiet") == {"pending_webhooks": 0, "retries_waiting": 1}
    pass_time(org, 30)
    assert listener.take().ids == first.ids
    eventually(lambda: org.look("quiet") == ACKED)


def test_line_9_one_bad_ack_is_for_the_whole_envelope(org: Driver, listener: Listener) -> None:
    listener.script(Answer(body=response("false")))
    define(org, listener)
    records = [{"LastName": name} for name in "ABC"]
    org.control("create-many", {"object": "Contact", "records": records})
    first = listener.take()
    assert len(pending(org)) == 3
    pass_time(org, 30)
    again = [one for envelope in listener.take_all(org) for one in envelope.ids]
    assert sorted(again) == sorted(first.ids)


def test_line_9_waits_grow_up_to_two_hours(org: Driver, listener: Listener) -> None:
    listener.script(*(Answer(body=response("false")) for _ in range(12)))
    define(org, listener)
    org.create("Contact", LastName="A")
    waits = []
    for attempt in range(1, 13):
        listener.take()
        one = pending(org)[0]
        assert one["attempts"] == attempt
        wait = one["due"] - org.look("clock")["now"] / 1_000
        waits.append(wait)
        pass_time(org, wait)
    longest = [30, 60, 120, 240, 480, 960, 1_920, 3_840, 7_200, 7_200, 7_200, 7_200]
    assert all(most * 0.7 < wait <= most for wait, most in zip(waits, longest, strict=True))
    listener.take()
    eventually(lambda: org.look("quiet") == ACKED)


def test_line_9_what_failed_together_comes_back_apart_and_late_ones_overtake(
    org: Driver, listener: Listener
) -> None:
    listener.script(Answer(body=response("false")))
    define(org, listener)
    records = [{"LastName": f"N{number}"} for number in range(50)]
    org.control("create-many", {"object": "Contact", "records": records})
    first = listener.take()
    dues = {one["due"] for one in pending(org)}
    assert len(dues) == 50
    late = org.create("Contact", LastName="Late")
    assert [record for _, record in listener.take().notifications] == [late]
    pass_time(org, 27)
    some = listener.take()
    assert 0 < len(some.ids) < 50
    pass_time(org, 30)
    rest = [one for envelope in listener.take_all(org) for one in envelope.ids]
    assert sorted([*some.ids, *rest]) == sorted(first.ids)


def test_line_9_a_listener_that_does_not_answer_is_asked_again(
    org: Driver, listener: Listener
) -> None:
    release = threading.Event()
    listener.script(Answer(hold=release))
    org.switch(outbound_timeout_seconds=0.2)
    define(org, listener)
    org.create("Contact", LastName="A")
    first = listener.take()
    assert "no answer" in pending(org)[0]["last_error"]
    release.set()
    org.switch(outbound_timeout_seconds=60)
    pass_time(org, 30)
    assert listener.take().ids == first.ids


def test_line_9_nobody_listens(org: Driver) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/hook"
        body = {"object": "Contact", "fields": FIELDS, "endpoint_url": url}
        org.control("outbound-messages", body)
        org.create("Contact", LastName="A")
        eventually(lambda: org.look("quiet") == {"pending_webhooks": 0, "retries_waiting": 1})
    assert pending(org)[0]["last_error"] == "ConnectError"


def test_line_9_after_24_hours_a_notification_is_dropped(org: Driver, listener: Listener) -> None:
    listener.script(*(Answer(body=response("false")) for _ in range(2)))
    define(org, listener)
    org.create("Contact", LastName="A")
    first = listener.take()
    pending(org)
    pass_time(org, DAY - 60)
    listener.take()
    assert [one["id"] for one in pending(org)] == first.ids
    pass_time(org, 60)
    eventually(lambda: org.look("outbound-messages")["dropped"] == first.ids)
    assert org.look("quiet") == ACKED
    assert org.look("outbound-messages")["delivered"] == 0


def test_line_9_a_notification_can_come_twice_although_it_was_acknowledged(
    org: Driver, listener: Listener
) -> None:
    org.switch(outbound_repeats=1)
    define(org, listener)
    org.create("Contact", LastName="A")
    first = listener.take()
    pending(org)
    pass_time(org, 30)
    assert listener.take().ids == first.ids
    eventually(lambda: org.look("quiet") == ACKED)


@pytest.mark.parametrize(
    "body",
    [
        response("true"),
        response(" 1\n"),
        soap(
            '<n:notificationsResponse xmlns:n="http://soap.sforce.com/2005/09/outbound">\n'
            "<n:Ack>true</n:Ack>\n</n:notificationsResponse>"
        ),
    ],
)
def test_line_9_acks_in_other_words(body: str) -> None:
    assert refusal(200, "text/xml; charset=utf-8", body.encode()) == ""


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"<" * 1_000_000,
        (" " * 70_000 + response("true")).encode(),
        response("yes").encode(),
        response("true").replace("outbound", "other").encode(),
        b"<notificationsResponse" + b" a" * 500_000,
    ],
)
def test_line_9_answers_that_are_no_acks(body: bytes) -> None:
    assert refusal(200, "text/xml", body) != ""
