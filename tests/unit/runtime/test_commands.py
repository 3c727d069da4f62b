import sys
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from services import __main__ as commands
from shared.runtime.process import Definition, Exit, Role, execute
from shared.runtime.service import Service
from shared.runtime.settings import DeploymentSettings
from shared.security.hashing import parse_hash_key
from shared.security.keyring import KeyRing
from shared.security.tokens import Principal, TokenKey, TokenRefusedError, verify
from shared.security.tokens import Role as Bearer

KEY = TokenKey.generate()


def invoke(*words: str, key: str | None = None) -> tuple[int, str]:
    environment = {"CAUSEWAY_TOKEN_KEY": key}
    result = CliRunner().invoke(commands.app, words, env=environment)
    return result.exit_code, result.output


def test_fresh_keys_fit_where_they_are_used() -> None:
    code, output = invoke("keys", "generate")
    lines = dict(line.split("=", 1) for line in output.splitlines())
    assert code == 0
    assert list(lines) == [
        "CAUSEWAY_TOKEN_KEY",
        "CAUSEWAY_KEY_RING",
        "CAUSEWAY_HASH_KEY",
        "CAUSEWAY_SESSION_KEY",
    ]
    assert TokenKey.parse(lines["CAUSEWAY_TOKEN_KEY"])
    assert KeyRing.parse(lines["CAUSEWAY_KEY_RING"]).current_id == "k1"
    assert len(parse_hash_key(lines["CAUSEWAY_HASH_KEY"])) == 32


def test_keys_are_never_the_same() -> None:
    first, second = (invoke("keys", "generate")[1].splitlines() for _ in range(2))
    assert set(first).isdisjoint(second)


@pytest.mark.parametrize("role", [Bearer.ADMIN, Bearer.OPERATOR, Bearer.VIEWER])
def test_a_token_is_good_for_its_hours(role: Bearer) -> None:
    words = ("token", "create", "--role", role.value, "--subject", "ada", "--hours", "2")
    code, output = invoke(*words, key=KEY.export())
    now = datetime.now(UTC)
    token = output.strip()
    assert code == 0
    assert verify(KEY, token, audience="quota", now=now) == Principal("ada", role)
    with pytest.raises(TokenRefusedError):
        verify(KEY, token, audience="quota", now=now + timedelta(hours=2))


@pytest.mark.parametrize(
    "words",
    [
        ("--role", "service", "--subject", "x"),
        ("--role", "admin"),
        ("--role", "admin", "--subject", "x", "--hours", "0"),
        ("--role", "admin", "--subject", "x", "--hours", "721"),
    ],
)
def test_a_token_that_should_not_be_is_not_made(words: tuple[str, ...]) -> None:
    code, output = invoke("token", "create", *words, key=KEY.export())
    assert code == 2
    assert "eyJ" not in output


@pytest.mark.parametrize("key", [None, "nonsense"])
def test_without_the_key_it_says_which_variable_is_wrong(key: str | None) -> None:
    code, output = invoke("token", "create", "--role", "admin", "--subject", "x", key=key)
    assert code == 2
    assert "CAUSEWAY_TOKEN_KEY" in output


def test_an_incomplete_installation_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "SERVICES", ("no_such",))
    code, output = invoke("all")
    assert code == 2
    assert "The service no_such is not part of this installation" in output


class OwnSettings(DeploymentSettings):
    size: int


def test_a_process_without_its_configuration_lists_what_is_missing_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAUSEWAY_TOKEN_KEY", "planted")
    both = [
        Definition(name, kind, lambda _settings: Service(name="x"))
        for name, kind in (("one", DeploymentSettings), ("two", OwnSettings))
    ]
    assert execute("causeway", both, Role.ALL) is Exit.MISCONFIGURED
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "The configuration is not complete. Set these variables:",
        "  CAUSEWAY_AMQP_URL: Field required",
        "  CAUSEWAY_PUBLIC_URL: Field required",
        "  CAUSEWAY_PEER_URL: Field required",
        "  CAUSEWAY_SIZE: Field required",
    ]


def test_an_installed_distribution_calls_it_causeway(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["causeway", "--help"])
    with pytest.raises(SystemExit) as ended:
        commands.main()
    assert ended.value.code == 0
    assert "Usage: causeway " in capsys.readouterr().out
