import pytest

from shared.telemetry.redaction import MASK, mask_named, mask_text


@pytest.mark.parametrize(
    "name",
    [
        "access_token",
        "refreshToken",
        "client_secret",
        "password",
        "Authorization",
        "set-cookie",
        "code_verifier",
        "key_ring",
        "x-hubspot-signature-v3",
        "email",
        "hs_additional_emails",
        "Phone",
        "mobilephone",
        "FirstName",
        "last_name",
        "MailingAddress",
    ],
)
def test_a_sensitive_name_hides_its_text(name: str) -> None:
    assert mask_named(name, "anything at all") == MASK


def test_numbers_and_absence_under_such_names_say_nothing() -> None:
    assert mask_named("tokens", 3) == 3
    assert mask_named("email", None) is None
    assert mask_named("has_token", True) is True  # noqa: FBT003


@pytest.mark.parametrize("name", ["event", "record_id", "connection_id", "code", "lane", "reason"])
def test_words_of_the_trade_stay(name: str) -> None:
    assert mask_named(name, "OBJECT_NOT_FOUND") == "OBJECT_NOT_FOUND"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("mail to ada@example.com failed", f"mail to {MASK} failed"),
        ("<Ada.L+x@sub.example.co.uk>", f"<{MASK}>"),
        ("jürgen@müller.de, x", f"{MASK}, x"),
        ("Authorization: Bearer abcdefgh123", f"Authorization: Bearer {MASK}"),
        ("sid 00D5g000001abcd!AQcAQH0dMH.x_y used", f"sid {MASK} used"),
        ("eyJhbGciOi.eyJzdWIiOi.c2ln end", f"{MASK} end"),
        ("amqp://u:p@host:5672/v", f"amqp://{MASK}@host:5672/v"),
        ("?refresh_token=abc&x=1", f"?refresh_token={MASK}&x=1"),
        ('{"client_secret": "abc", "a": 1}', f'{{"client_secret": {MASK}, "a": 1}}'),
        ("GET /callbacks?code=abc&state=def", f"GET /callbacks?code={MASK}&state={MASK}"),
        ("code=abc&state=def", f"code={MASK}&state={MASK}"),
        ("status_code=404", "status_code=404"),
        ("3 records @ 5 calls", "3 records @ 5 calls"),
        ("https://api.hubapi.com/crm/v3", "https://api.hubapi.com/crm/v3"),
    ],
)
def test_shapes_inside_text(text: str, masked: str) -> None:
    assert mask_text(text) == masked


def test_structures_are_masked_inside() -> None:
    value = {"records": [{"id": "7", "email": "a@b.co"}, "c@d.org"], "raw": b"bytes"}
    assert mask_named("answer", value) == {
        "records": [{"id": "7", "email": MASK}, MASK],
        "raw": MASK,
    }


def test_objects_are_masked_in_their_own_words() -> None:
    assert mask_named("error", ValueError("no such user a@b.co")) == f"no such user {MASK}"


def test_structures_without_end_are_cut() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert MASK in str(mask_named("x", endless))


def test_a_long_line_is_masked_in_time() -> None:
    assert mask_text("a" * 200_000) == "a" * 200_000
