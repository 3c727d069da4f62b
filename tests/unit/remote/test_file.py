"""Files of setups: what is read, what is refused."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from remote.client import Deployment, UsageError
from remote.setup.file import read_setup
from remote.setup.preflight import features_of
from services import __main__ as commands

HEAD = "causeway_setup: 1\nname: acme\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "setup.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_same_setup_has_the_same_keys_whatever_else_changes(tmp_path: Path) -> None:
    one = read_setup(written(tmp_path, HEAD))
    other = read_setup(written(tmp_path, HEAD + "acknowledge: [a]\n"))
    third = read_setup(written(tmp_path, HEAD + "connection: {environment: sandbox}\n"))
    assert one.key("connection") == other.key("connection") != third.key("connection")
    assert one.key("connection") != one.key("package")
    assert "acme" not in one.key("connection")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "There is nothing in it"),
        ("- 1", "no setup file"),
        ("name: x", "causeway_setup: Field required"),
        (HEAD + "windows: {}", "windows: Extra inputs"),
        (HEAD + "package: {method: deploy}", "consent: true"),
        (HEAD + "package: {method: version, consent: true}", "starts with 04t"),
        (
            HEAD + "package: {method: version, consent: true, version_id: 04t1}",
            "grant_third_party_access: true",
        ),
        (HEAD + "window: {action: add}", "name layouts"),
        (HEAD + "window: {layouts: [a]}", "only with it"),
        (HEAD + "choice: {settings: {}}", "kind: advanced"),
        (HEAD + "choice: {kind: advanced, settings: {}, settings_file: a}", "one of the two"),
        (HEAD + "choice: {kind: advanced, settings_file: none.yaml}", "cannot be read"),
        (HEAD + "imports: [both]", "imports.0"),
        (HEAD + "name: y", "'name' is there twice"),
        (HEAD + "x: &a b", "Anchors"),
    ],
)
def test_what_is_wrong_is_named_before_anything_is_done(
    tmp_path: Path, text: str, says: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageError, match=says):
        read_setup(path)
    result = CliRunner().invoke(commands.app, ["setup", "--file", str(path)])
    assert (result.exit_code, says in result.output) == (2, True)


def test_settings_may_lie_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text("causeway_settings: 1\ncompanies: {enabled: true}\n")
    choice = "choice: {kind: advanced, settings_file: ours.yaml}\n"
    found = read_setup(written(tmp_path, HEAD + choice))
    assert found.choice.settings == {"causeway_settings": 1, "companies": {"enabled": True}}


def test_the_preflight_looks_at_what_the_file_needs(tmp_path: Path) -> None:
    assert features_of(read_setup(written(tmp_path, HEAD))) == ("contacts", "activities")
    text = (
        "package: {method: deploy, consent: true}\n"
        "window: {action: add, layouts: [Lead-Lead Layout]}\n"
        "choice:\n  kind: advanced\n  settings:\n"
        "    contacts: {inclusion_list: {name: Customers}}\n    deals: {enabled: true}\n"
    )
    assert features_of(read_setup(written(tmp_path, HEAD + text))) == (
        "contacts",
        "deals",
        "activities",
        "inclusion_list",
        "window",
        "deployed_package",
    )


@pytest.mark.parametrize("url", ["", "causeway.example", "ftp://x", "https://"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(UsageError, match="is no address of a deployment"):
        Deployment(url, "token")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["settings", "export"], "Give a token"),
        (["settings", "export", "--token", "x"], "is no address"),
        (["settings", "diff", "--token", "x", "--url", "http://127.0.0.1:1"], "Give a file or"),
        (["settings", "restore", "0"], "Invalid value"),
    ],
)
def test_a_command_that_was_not_meant_so(words: list[str], says: str) -> None:
    environ = {"CAUSEWAY_PUBLIC_URL": None, "CAUSEWAY_TOKEN": None}
    result = CliRunner().invoke(commands.app, words, env=environ)
    assert (result.exit_code, says in result.output) == (2, True)


def test_the_file_of_the_runbook_is_one(tmp_path: Path) -> None:
    page = Path(__file__).parents[3] / "docs" / "runbooks" / "setup.md"
    [example] = re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    found = read_setup(written(tmp_path, example))
    assert (found.connection.portal_id, found.imports) == ("1234567", ("salesforce",))
