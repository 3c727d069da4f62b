"""What a letter tells of itself and of what is in it, without a broker."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from shared.messaging.dead_letters_content import contents_of
from shared.messaging.dead_letters_reading import MAX_TEXT, Letter, Wanted, letter_of
from shared.messaging.envelope import Envelope, encode

ONE, TWO = UUID(int=1), UUID(int=2)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
CHANGED = "causeway.ingress.ContactChanged.v1"
CHANGE = {
    "side": "hubspot",
    "record_id": "ada@example.com",
    "kind": "updated",
    "origin": "other",
    "occurred_at": "2026-11-24T12:00:00Z",
    "field_hashes": {"email": "00112233445566778899aabbccddeeff", "phone": "+49 30 123456"},
    "complete": True,
    "merged_ids": ["7", "8"],
}
OURS = {"x-causeway-queue": "q.a", "x-causeway-code": "unexpected", "x-causeway-error": "KeyError"}


def envelope(
    subject: str = "contact/1",
    *,
    connection: UUID = ONE,
    type_: str = CHANGED,
    data: dict[str, object] | None = None,
) -> Envelope:
    return Envelope(
        id=UUID(int=9),
        source="ingress",
        type=type_,
        time=NOON,
        subject=subject,
        connection_id=connection,
        data=CHANGE if data is None else data,
    )


def letter(
    *envelopes: Envelope,
    headers: dict[str, object] | None = None,
    message_id: str | None = "m-1",
) -> Letter:
    return letter_of("q.a", encode(envelopes), headers or OURS, message_id=message_id)


def test_a_letter_tells_what_it_is_about_and_why_it_died() -> None:
    told = letter(envelope("contact/1"), envelope("contact/2", connection=TWO))

    assert (told.queue, told.message_id, told.event) == ("q.a", "m-1", CHANGED)
    assert (told.connections, told.subject, told.time) == ((ONE, TWO), "contact/1", NOON)
    assert (told.code, told.error, told.events) == ("unexpected", "KeyError", 2)
    assert told.size == len(encode([envelope("contact/1"), envelope("contact/2", connection=TWO)]))


def test_an_id_belongs_to_the_content() -> None:
    assert letter(envelope()).id == letter(envelope(), message_id="other").id
    assert letter(envelope("contact/1")).id != letter(envelope("contact/2")).id
    assert letter_of("q", b"x", {}).id == "2d711642b726b044"


@pytest.mark.parametrize("body", [b"not json", b"[]", b"\xff\x00", b'[{"specversion":"1.0"}]'])
def test_an_unreadable_body_is_told_by_size_and_hash_only(body: bytes) -> None:
    told = letter_of("q.a", body, OURS, event=CHANGED)

    assert (told.events, told.size, told.event) == (0, len(body), CHANGED)
    assert (told.connections, told.subject, told.time, told.message_id) == ((), "", None, "")
    assert len(told.sha256) == 64
    assert contents_of(body) == ()


@pytest.mark.parametrize("type_", ["ada@example.com", "causeway.x.Y.v1\x1b[31m", "", None])
def test_the_type_of_an_unreadable_message_is_shown_only_if_it_is_one(type_: str | None) -> None:
    assert letter_of("q.a", b"x", OURS, event=type_).event == ""


@pytest.mark.parametrize(
    ("reason", "code", "says"),
    [
        ("delivery_limit", "broker_delivery_limit", "no consumer lived to settle it"),
        ("maxlen", "broker_maxlen", "The queue was full"),
        ("new_reason", "broker_new_reason", "RabbitMQ put it aside"),
    ],
)
def test_a_letter_of_the_brokers_own_says_so(reason: str, code: str, says: str) -> None:
    headers: dict[str, object] = {
        "x-first-death-reason": reason,
        "x-first-death-queue": "q.a.suspect",
    }
    told = letter(envelope(), headers=headers)

    assert told.code == code
    assert says in told.error
    assert told.error.endswith("It came from q.a.suspect.")


def test_our_own_reason_stands_before_the_brokers() -> None:
    headers: dict[str, object] = {**OURS, "x-first-death-reason": "delivery_limit"}
    assert letter(envelope(), headers=headers).code == "unexpected"


def test_a_letter_without_a_reason_says_that() -> None:
    told = letter_of("q.a", b"x", {})
    assert (told.code, told.error) == ("unknown", "Nothing says why it is here.")


def test_a_header_of_any_kind_is_text_with_an_end() -> None:
    headers: dict[str, object] = {"x-causeway-code": b"code", "x-causeway-error": "e" * 9000}
    told = letter_of("q.a", b"x", headers)
    assert told.code == "code"
    assert len(told.error) == MAX_TEXT


@pytest.mark.parametrize(
    ("wanted", "takes"),
    [
        (Wanted(), True),
        (Wanted(connection=TWO), True),
        (Wanted(connection=UUID(int=3)), False),
        (Wanted(code="unexpected"), True),
        (Wanted(code="gave_up"), False),
        (Wanted(ids=frozenset({"m-1", "x"})), True),
        (Wanted(ids=frozenset({"x"})), False),
        (Wanted(connection=ONE, code="gave_up"), False),
        (Wanted(connection=ONE, code="unexpected", ids=frozenset({"m-1"})), True),
    ],
)
def test_every_condition_that_is_given_has_to_hold(wanted: Wanted, *, takes: bool) -> None:
    assert wanted.takes(letter(envelope(), envelope(connection=TWO))) is takes


def test_a_letter_is_wanted_by_its_own_id_too() -> None:
    told = letter(envelope())
    assert Wanted(ids=frozenset({told.id})).takes(told)


def test_no_id_never_means_an_empty_one() -> None:
    unnamed = letter(envelope(), message_id=None)
    assert not Wanted(ids=frozenset({"x"})).takes(unnamed)


def test_letters_stand_by_time_and_those_without_come_first() -> None:
    old, new = letter(envelope()), letter_of("q.a", b"x", {})
    assert sorted([old, new], key=lambda each: each.place) == [new, old]


def test_values_are_shown_only_where_the_contract_closes_what_they_can_be() -> None:
    (content,) = contents_of(encode([envelope()]))

    assert content.envelope.subject == "contact/1"
    assert content.fields == {
        "side": "hubspot",
        "record_id": "text of 15 characters",
        "kind": "updated",
        "origin": "other",
        "occurred_at": "2026-11-24T12:00:00+00:00",
        "field_hashes": "email=00112233445566778899aabbccddeeff, phone=(not a hash)",
        "complete": "True",
        "merged_ids": "list of 2",
    }


def test_what_does_not_fit_is_named_and_never_shown() -> None:
    wrong: dict[str, object] = {
        "side": "ada@example.com",
        "kind": {"ada@example.com": 1, "name": 2},
        "occurred_at": "yesterday",
        "complete": None,
        "record_id": 5,
        "surname": "Lovelace",
        "ada@example.com": 1,
    }
    (content,) = contents_of(encode([envelope(data=wrong)]))

    assert content.fields == {
        "side": "does not fit the contract: text of 15 characters",
        "record_id": "int",
        "kind": "does not fit the contract: object with (a name of 15 characters), name",
        "occurred_at": "does not fit the contract: text of 9 characters",
        "complete": "does not fit the contract: nothing",
        "surname": "not declared by the contract of this version",
        "(a name of 15 characters)": "not declared by the contract of this version",
    }
    assert "Lovelace" not in json.dumps(dict(content.fields))


@pytest.mark.parametrize("value", ["4930123456", 4930123456])
def test_digits_that_are_no_time_are_not_shown_as_they_are(value: object) -> None:
    (content,) = contents_of(encode([envelope(data={**CHANGE, "occurred_at": value})]))
    assert "4930123456" not in content.fields["occurred_at"]


def test_a_missing_field_is_named() -> None:
    (content,) = contents_of(encode([envelope(data={"record_id": "1"})]))
    assert content.fields == {
        "record_id": "text of 1 characters",
        "side": "missing",
        "kind": "missing",
        "occurred_at": "missing",
    }


def test_an_event_of_a_newer_version_is_told_by_its_names() -> None:
    newer = envelope(type_="causeway.ingress.ContactChanged.v2", data={"records": ["ada"]})
    (content,) = contents_of(encode([newer]))
    assert content.fields == {"records": "not declared by the contract of this version"}
