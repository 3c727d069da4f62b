import base64
from decimal import Decimal
from uuid import UUID

import pytest

from shared.kernel.records import Side
from shared.security.hashing import HashKeyError, field_hash, parse_hash_key, wire_text

KEY = bytes(range(32))
CONNECTION = UUID("0191a2b3-0000-7000-8000-000000000001")


def hashed(**other: object) -> str:
    place: dict[str, object] = {
        "connection_id": CONNECTION,
        "side": Side.HUBSPOT,
        "record_id": "51",
        "field": "email",
        "value": "ada@example.com",
    }
    return field_hash(KEY, **(place | other))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        (" as is ", " as is "),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (42, "42"),
        (42.0, "42"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1e16, "10000000000000000"),
        (1e-7, "0.0000001"),
        (Decimal("12.50"), "12.5"),
        (Decimal(100), "100"),
    ],
)
def test_wire_text(value: object, text: str) -> None:
    assert wire_text(value) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_none_has_no_wire_text(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        wire_text(value)


def test_another_type_is_named_without_its_value() -> None:
    with pytest.raises(TypeError, match="type dict has no wire text") as caught:
        wire_text({"FirstName": "Ada"})
    assert "Ada" not in str(caught.value)


def test_the_hash_is_stable_across_releases() -> None:
    # Worked out with `openssl dgst -sha256 -mac HMAC` over the length-prefixed parts.
    assert hashed() == "e6c1629c00d3aeb07de0e5d2b1c17147"


@pytest.mark.parametrize(
    "other",
    [
        {"connection_id": UUID("0191a2b3-0000-7000-8000-000000000002")},
        {"side": Side.SALESFORCE},
        {"record_id": "52"},
        {"field": "phone"},
        {"value": "ada@example.org"},
        {"record_id": "5", "field": "1email"},
    ],
)
def test_every_part_of_the_place_counts(other: dict[str, object]) -> None:
    assert hashed(**other) != hashed()


def test_values_that_look_alike_on_the_wire_hash_alike() -> None:
    assert hashed(value=None) == hashed(value="")
    assert hashed(value=12.0) == hashed(value="12")


def test_the_hash_key_is_read() -> None:
    assert parse_hash_key(base64.b64encode(KEY).decode() + "\n") == KEY


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", "äöü"])
def test_a_wrong_hash_key_is_refused(text: str) -> None:
    with pytest.raises(HashKeyError, match="CAUSEWAY_HASH_KEY"):
        parse_hash_key(text)
