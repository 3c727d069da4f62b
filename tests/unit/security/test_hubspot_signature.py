from datetime import UTC, datetime, timedelta

import pytest

from shared.security.hubspot_signature import SignatureError, sign_v3, verify_v3

# HubSpot's published example (facts: hubspot-api section 10).
SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
URI = "https://www.example.com/webhook_uri"
BODY = b"{'example_field':'example_value'}"
FIRST = ("1693657560000", "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=")
SECOND = ("1700000300000", "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw=")
NOW = datetime.fromtimestamp(1700000300, UTC)


def check(
    *,
    timestamp: str | None = SECOND[0],
    signature: str | None = SECOND[1],
    uri: str = URI,
    body: bytes = BODY,
    now: datetime = NOW,
) -> None:
    verify_v3(
        secret=SECRET,
        method="POST",
        uri=uri,
        body=body,
        timestamp=timestamp,
        signature=signature,
        now=now,
    )


@pytest.mark.parametrize(("timestamp", "expected"), [FIRST, SECOND])
def test_published_vectors(timestamp: str, expected: str) -> None:
    signed = sign_v3(secret=SECRET, method="post", uri=URI, body=BODY, timestamp=timestamp)
    assert signed == expected


def test_a_genuine_request_passes() -> None:
    check()


@pytest.mark.parametrize("age", [timedelta(minutes=5), timedelta(minutes=-5), timedelta(0)])
def test_the_whole_tolerance_passes(age: timedelta) -> None:
    check(now=NOW + age)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"signature": None}, "signature_missing"),
        ({"signature": ""}, "signature_missing"),
        ({"timestamp": None}, "signature_missing"),
        ({"timestamp": "yesterday"}, "timestamp_invalid"),
        ({"timestamp": "-1700000300000"}, "timestamp_invalid"),
        ({"timestamp": "9" * 400}, "timestamp_invalid"),
        ({"timestamp": "١٧٠٠٠٠٠٣٠٠٠٠٠"}, "timestamp_invalid"),
        ({"now": NOW + timedelta(minutes=5, milliseconds=1)}, "timestamp_too_old"),
        ({"now": NOW - timedelta(minutes=5, milliseconds=1)}, "timestamp_in_future"),
        ({"signature": FIRST[1]}, "signature_invalid"),
        ({"signature": "é"}, "signature_invalid"),
        ({"body": BODY + b" "}, "signature_invalid"),
        ({"uri": URI + "?x=1"}, "signature_invalid"),
    ],
)
def test_what_is_not_proven_is_refused(given: dict[str, object], code: str) -> None:
    with pytest.raises(SignatureError) as caught:
        check(**given)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert SECRET not in str(caught.value)


def test_exactly_the_listed_escapes_are_decoded() -> None:
    def signed(uri: str) -> str:
        return sign_v3(secret=SECRET, method="GET", uri=uri, body=b"", timestamp="1700000300000")

    escaped = "https://a.example/x%3a%2F%3F%40%21%24%27%28%29%2A%2C%3B?q=%20%26%25"
    assert signed(escaped) == signed("https://a.example/x:/?@!$'()*,;?q=%20%26%25")
    assert signed("https://a.example/%20") != signed("https://a.example/ ")
