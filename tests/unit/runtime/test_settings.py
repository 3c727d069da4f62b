from pathlib import Path

import pytest
from pydantic import Field, SecretStr

from shared.runtime.settings import ConfigurationError, DeploymentSettings, load_settings

NEEDED = {
    "CAUSEWAY_AMQP_URL": "amqp://app:planted-password@broker/",
    "CAUSEWAY_TOKEN_KEY": "planted-key",
    "CAUSEWAY_PUBLIC_URL": "https://causeway.example.com/",
    "CAUSEWAY_PEER_URL": "http://causeway:8080",
}


class QuotaSettings(DeploymentSettings):
    database_url: SecretStr = Field(validation_alias="CAUSEWAY_QUOTA_DATABASE_URL")
    reserve: int = Field(default=5, ge=0, validation_alias="CAUSEWAY_QUOTA_RESERVE")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)


def test_what_is_not_said_has_its_default() -> None:
    settings = load_settings(DeploymentSettings)
    assert settings.public_url == "https://causeway.example.com"
    assert settings.peer_url == "http://causeway:8080"
    assert (settings.host, settings.port, settings.log_level) == ("127.0.0.1", 8080, "INFO")
    assert settings.hubspot_api_url == "https://api.hubapi.com"
    assert settings.salesforce_login_url == "https://login.salesforce.com"
    assert (settings.extra_crm_origins, settings.apart, settings.trace_path) == ((), (), None)


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAUSEWAY_EXTRA_CRM_ORIGINS", "http://127.0.0.1:1/, http://127.0.0.1:2,")
    monkeypatch.setenv("CAUSEWAY_APART", "quota,ingress")
    monkeypatch.setenv("CAUSEWAY_TRACE_PATH", "/tmp/traces.jsonl")  # noqa: S108 - never written
    settings = load_settings(DeploymentSettings)
    assert settings.extra_crm_origins == ("http://127.0.0.1:1", "http://127.0.0.1:2")
    assert settings.apart == ("quota", "ingress")
    assert settings.trace_path == Path("/tmp/traces.jsonl")  # noqa: S108 - never written


def test_a_service_adds_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAUSEWAY_QUOTA_DATABASE_URL", "postgresql://q:planted-password@db/c")
    settings = load_settings(QuotaSettings)
    assert settings.database_url.get_secret_value() == "postgresql://q:planted-password@db/c"
    assert "planted" not in repr(settings)


def test_all_gaps_are_told_at_once_and_no_value_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CAUSEWAY_AMQP_URL")
    monkeypatch.setenv("CAUSEWAY_PUBLIC_URL", "planted-url")
    monkeypatch.setenv("CAUSEWAY_PORT", "planted-port")
    monkeypatch.setenv("CAUSEWAY_QUOTA_RESERVE", "-1")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(QuotaSettings)
    text = str(caught.value)
    for name in ("AMQP_URL", "PUBLIC_URL", "PORT", "QUOTA_RESERVE", "QUOTA_DATABASE_URL"):
        assert f"  CAUSEWAY_{name}: " in text
    assert "such as https://causeway.example.com" in text
    assert "planted" not in text


@pytest.mark.parametrize("url", ["ftp://x", "causeway", "https://", "https://user:pw@x", ""])
def test_an_origin_is_an_http_url(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("CAUSEWAY_PEER_URL", url)
    with pytest.raises(ConfigurationError, match=r"CAUSEWAY_PEER_URL: .*must be an http"):
        load_settings(DeploymentSettings)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings(DeploymentSettings).port = 1  # type: ignore[misc]
