"""Every service has what people and the deployment expect of one."""

import runpy
import sys
from pathlib import Path

import pytest

from deploy.stack.environment import SERVICES as STACK
from deploy.stack.environment import WITH_SCHEMA
from services.__main__ import SERVICES, definition
from shared.runtime.settings import ConfigurationError, DeploymentSettings
from tests.architecture.sources import ROOT, services

NAMES = services()
LONGEST_README = 120
"""One page."""


def folder(service: str) -> Path:
    return ROOT / "services" / service


def test_the_lists_of_services_agree_with_the_tree() -> None:
    assert sorted(SERVICES) == NAMES
    assert sorted(STACK) == NAMES


@pytest.mark.parametrize("service", NAMES)
def test_a_service_explains_itself_on_one_page(service: str) -> None:
    readme = folder(service) / "README.md"
    assert readme.exists(), f"Write {readme.relative_to(ROOT)} (design: section 7)."
    lines = readme.read_text(encoding="utf-8").splitlines()
    assert 10 <= len(lines) <= LONGEST_README


@pytest.mark.parametrize("service", NAMES)
def test_a_service_can_be_configured_and_built(service: str) -> None:
    found = definition(service)
    assert issubclass(found.settings_type, DeploymentSettings)
    assert callable(found.build)


@pytest.mark.parametrize("service", NAMES)
def test_a_service_runs_by_itself(
    service: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [service, "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(f"services.{service}", run_name="__main__")
    assert ended.value.code == 0
    assert f"usage: python -m services.{service} " in capsys.readouterr().out


@pytest.mark.parametrize("service", NAMES)
def test_a_secret_has_no_default(service: str) -> None:
    fields = definition(service).settings_type.model_fields
    secret = [name for name, field in fields.items() if "Secret" in repr(field.annotation)]
    assert {"amqp_url", "token_key"} <= set(secret)
    assert [name for name in secret if not fields[name].is_required()] == []


@pytest.mark.parametrize("service", NAMES)
def test_a_schema_has_a_role_and_a_history_and_nobody_else_has(service: str) -> None:
    has_tables = "database_url" in definition(service).settings_type.model_fields
    assert (service in WITH_SCHEMA) == has_tables
    assert (folder(service) / "migrations" / "env.py").exists() == has_tables
    if has_tables:
        assert list((folder(service) / "migrations" / "versions").glob("*.py"))


def test_a_service_that_is_missing_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"services\.no_such is missing"):
        definition("no_such")
