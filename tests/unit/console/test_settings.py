import base64

import pytest
from pydantic import SecretStr, ValidationError

from services.console.main import build
from services.console.settings import Settings, session_key_bytes
from shared.security.tokens import TokenKey
from tests.unit.console.browser import Browser


def settings(session_key: str) -> Settings:
    return Settings(
        amqp_url=SecretStr("amqp://unused"),
        token_key=SecretStr(TokenKey.generate().export()),
        public_url="https://causeway.example",
        peer_url="http://127.0.0.1:8080",
        session_key=SecretStr(session_key),
        salesforce_client_secret=SecretStr("consumer"),
    )


def test_the_session_key_has_32_bytes() -> None:
    key = base64.b64encode(b"k" * 32).decode()
    assert session_key_bytes(settings(f" {key}\n").session_key) == b"k" * 32


@pytest.mark.parametrize("key", ["", "not base64!", base64.b64encode(b"k" * 31).decode()])
def test_another_session_key_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ValidationError, match="base64 of 32 bytes") as caught:
        settings(key)
    assert not key or key not in str(caught.value)


async def test_the_console_owns_nothing() -> None:
    service = build(settings(base64.b64encode(b"k" * 32).decode()))
    assert (service.name, service.database, service.outbox) == ("console", None, None)
    assert (service.subscriptions, service.loops) == ((), ())
    await service.close()


@pytest.mark.parametrize("path", ["/api", "/api/v1/connections", "/webhooks/hubspot", "/nothing"])
async def test_the_console_takes_no_address_of_another_service(admin: Browser, path: str) -> None:
    for response in (await admin.http.get(path), await admin.http.post(path)):
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_health_stays_what_it_is(visitor: Browser, path: str) -> None:
    response = await visitor.page(path)
    assert response.status_code == 200
    assert "html" not in response.headers["content-type"]
