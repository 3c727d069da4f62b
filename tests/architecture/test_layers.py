"""The import rules of pyproject.toml hold, and each of them would notice a violation."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

COMMAND = Path(sys.executable).with_name("lint-imports")
STAND = "Services stand on shared"
INDEPENDENT = "Services are independent of each other"
INSIDE = "Inside a service the layers look down"
PURE = "The domain is pure"
PORTS = "Use cases and ports know no framework"
SHARED = "Shared is layered"
TESTS = "Nothing imports tests"
CONTRACTS = {STAND, INDEPENDENT, INSIDE, PURE, PORTS, SHARED, TESTS}


@dataclass(frozen=True)
class Report:
    kept: set[str]
    broken: set[str]
    text: str


def lint(tree: Path) -> Report:
    """Run import-linter in a tree; the cache stays off, as planted files change within a second."""
    done = subprocess.run(  # noqa: S603 - our own tool on our own tree
        [COMMAND, "--no-logo", "--no-cache"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    text = done.stdout + done.stderr
    found = re.findall(r"^(.+) (KEPT|BROKEN)$", text, flags=re.MULTILINE)
    kept = {name for name, state in found if state == "KEPT"}
    broken = {name for name, state in found if state == "BROKEN"}
    assert (done.returncode == 0) == (not broken and bool(kept)), text
    return Report(kept, broken, text)


def test_the_tree_keeps_every_contract() -> None:
    report = lint(ROOT)
    assert report.kept == CONTRACTS, report.text


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree of the same shape in which a test may plant what it likes."""
    tree = tmp_path_factory.mktemp("tree")
    for folder in ("services", "remote", "shared", "deploy"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, tree / folder, ignore=ignored)
    (tree / "tests").mkdir()
    (tree / "tests" / "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", tree)
    return tree


@contextmanager
def planted(tree: Path, file: str, line: str) -> Iterator[None]:
    """Add a line at the end of a file, or a new file, for the length of a block."""
    path = tree / file
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        yield
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_text(before, encoding="utf-8")


DOMAIN = "services/contact_sync/domain/planted.py"
PORT = "services/contact_sync/ports.py"
HANDLER = "services/contact_sync/handlers/planted.py"


@pytest.mark.parametrize(
    ("contract", "file", "line"),
    [
        (STAND, "shared/runtime/planted.py", "import services.quota"),
        (INDEPENDENT, PORT, "import services.quota"),
        (INSIDE, PORT, "import services.contact_sync.handlers"),
        (INSIDE, "services/contact_sync/api/routes.py", "import services.contact_sync.gateways"),
        (INSIDE, "services/contact_sync/gateways/crms.py", "import services.contact_sync.main"),
        (INSIDE, "services/contact_sync/utils.py", "X = 1"),
        (PURE, DOMAIN, "import sqlalchemy"),
        (PURE, DOMAIN, "import time"),
        (PURE, DOMAIN, "from random import choice"),
        (PURE, DOMAIN, "from os import environ"),
        (PURE, DOMAIN, "import asyncio"),
        (PURE, DOMAIN, "import shared.contracts.base"),
        (PURE, DOMAIN, "import shared.telemetry.logs"),
        (PORTS, PORT, "from sqlalchemy import select"),
        (PORTS, HANDLER, "import fastapi"),
        (PORTS, HANDLER, "import httpx2"),
        (PORTS, HANDLER, "import shared.outbox.mailbox"),
        (SHARED, "shared/kernel/clock.py", "import shared.contracts.base"),
        (SHARED, "shared/web/app.py", "import shared.outbox.mail"),
        (SHARED, "shared/db/schema.py", "import shared.messaging.envelope"),
        (SHARED, "shared/helpers.py", "X = 1"),
        (TESTS, "deploy/planted.py", "import tests"),
        (TESTS, "shared/db/schema.py", "import tests"),
    ],
)
def test_a_planted_violation_is_noticed(copy: Path, contract: str, file: str, line: str) -> None:
    with planted(copy, file, line):
        report = lint(copy)
    assert report.broken == {contract}, report.text


def test_a_domain_that_looks_up_is_noticed_twice(copy: Path) -> None:
    with planted(copy, DOMAIN, "import services.contact_sync.ports"):
        report = lint(copy)
    assert report.broken == {INSIDE, PURE}, report.text  # the ports know the contracts


def test_a_detour_does_not_hide_a_clock_from_the_domain(copy: Path) -> None:
    with (
        planted(copy, "shared/kernel/planted.py", "import time"),
        planted(copy, DOMAIN, "import shared.kernel.planted"),
    ):
        report = lint(copy)
    assert report.broken == {PURE}, report.text
