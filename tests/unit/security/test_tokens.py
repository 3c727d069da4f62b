import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from shared.security.tokens import (
    Principal,
    Role,
    TokenKey,
    TokenKeyError,
    TokenRefusedError,
    mint,
    verify,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = TokenKey.generate()


def person(role: Role = Role.ADMIN, *, now: datetime = NOW, key: TokenKey = KEY) -> str:
    return mint(key, subject="ada", role=role, audience="causeway", lifetime=HOUR, now=now)


def service(audience: str = "quota") -> str:
    return mint(
        KEY, subject="ingress", role=Role.SERVICE, audience=audience, lifetime=HOUR, now=NOW
    )


def refusal(token: str, *, now: datetime = NOW, audience: str = "quota") -> str:
    with pytest.raises(TokenRefusedError) as caught:
        verify(KEY, token, audience=audience, now=now)
    assert token not in str(caught.value) or not token
    return caught.value.code


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.ADMIN])
@pytest.mark.parametrize("audience", ["quota", "connection"])
def test_a_persons_token_is_good_at_every_service(role: Role, audience: str) -> None:
    assert verify(KEY, person(role), audience=audience, now=NOW) == Principal("ada", role)


def test_a_services_token_is_good_where_it_was_made_for() -> None:
    principal = verify(KEY, service("quota"), audience="quota", now=NOW)
    assert principal == Principal("ingress", Role.SERVICE)
    assert refusal(service("connection")) == "token_audience"


def test_it_ends_with_its_lifetime() -> None:
    just_before = NOW + HOUR - timedelta(seconds=1)
    assert verify(KEY, person(), audience="quota", now=just_before).subject == "ada"
    assert refusal(person(), now=NOW + HOUR) == "token_expired"


def test_clocks_may_differ_a_little() -> None:
    verify(KEY, person(now=NOW + timedelta(seconds=30)), audience="quota", now=NOW)
    assert refusal(person(now=NOW + timedelta(seconds=31))) == "token_invalid"


def test_another_deployments_token_is_refused() -> None:
    assert refusal(person(key=TokenKey.generate())) == "token_invalid"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é", "A" * 5000])
def test_what_is_no_token_is_refused(token: str) -> None:
    assert refusal(token) == "token_invalid"


def test_the_algorithm_is_ours_to_choose() -> None:
    head, body, _ = person().split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    assert refusal(f"{none}.{body}.") == "token_invalid"
    assert refusal(f"{head}.{body}.") == "token_invalid"
    shared = OctKey.import_key(KEY.export())
    forged = jwt.encode({"alg": "HS256"}, {"sub": "eve"}, shared, algorithms=["HS256"])
    assert refusal(forged) == "token_invalid"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "elsewhere"},
        {"sub": ""},
        {"sub": 7},
        {"role": "root"},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": 10**30},
        {"iat": None},
    ],
)
def test_signed_claims_of_a_wrong_kind_are_refused(changed: dict[str, object]) -> None:
    claims: dict[str, object] = {
        "iss": "causeway",
        "sub": "ada",
        "aud": "causeway",
        "role": "admin",
        "iat": 1772366400,
        "exp": 1772370000,
    }
    assert verify(KEY, KEY.sign(claims), audience="quota", now=NOW).role is Role.ADMIN
    assert refusal(KEY.sign(claims | changed)) == "token_invalid"


def test_a_persons_role_cannot_ride_on_a_services_audience() -> None:
    claims = {"iss": "causeway", "sub": "x", "iat": 1772366400, "exp": 1772370000}
    assert refusal(KEY.sign({**claims, "role": "admin", "aud": "quota"})) == "token_audience"
    assert refusal(KEY.sign({**claims, "role": "service", "aud": "causeway"})) == "token_audience"


@pytest.mark.parametrize(("role", "audience"), [(Role.SERVICE, "causeway"), (Role.ADMIN, "quota")])
def test_a_token_that_nobody_would_accept_is_not_minted(role: Role, audience: str) -> None:
    with pytest.raises(ValueError, match="do not go together"):
        mint(KEY, subject="x", role=role, audience=audience, lifetime=HOUR, now=NOW)


def test_a_key_survives_its_export_in_one_line() -> None:
    text = KEY.export()
    assert "\n" not in text
    assert verify(TokenKey.parse(text), person(), audience="quota", now=NOW).subject == "ada"
    as_json = base64.b64decode(text).decode()
    assert verify(TokenKey.parse(as_json), person(), audience="quota", now=NOW).subject == "ada"


def public_only() -> str:
    return json.dumps(ECKey.generate_key("P-256").as_dict(private=False))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "not a key",
        public_only(),
        json.dumps(ECKey.generate_key("P-384").as_dict(private=True)),
        base64.b64encode(b'"text"').decode(),
    ],
)
def test_a_key_of_another_kind_is_refused(text: str) -> None:
    with pytest.raises(TokenKeyError, match="CAUSEWAY_TOKEN_KEY") as caught:
        TokenKey.parse(text)
    assert not text or text not in str(caught.value)


def test_the_key_does_not_show_in_repr() -> None:
    assert repr(KEY) == "TokenKey()"
