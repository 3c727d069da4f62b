"""A whole setup from a file, killed twice on its way; then settings as files, by command."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from deploy.local.backing import Backing
from deploy.stack.browser import consent
from deploy.stack.process import ROOT, Child, start
from deploy.stack.setup import Admin
from deploy.stack.stack import Stack, stack
from tests.e2e.conftest import wanted

pytestmark = [pytest.mark.xdist_group("broker"), pytest.mark.timeout(300)]

PATIENCE_SECONDS = 60.0
COMMAND_SECONDS = 60.0
FILE = """
causeway_setup: 1
name: acme
connection: {environment: production, portal_id: 111}
package: {method: deploy, consent: true}
window: {action: skip}
choice:
  kind: advanced
  settings:
    daily_salesforce_calls: 5000
    contacts: {create_in_salesforce: contact, undecidable: review}
acknowledge: [owners-without-counterpart, account-required, org-is-shared]
imports: [salesforce]
"""


def _silent(_line: str) -> None:
    """A test run has its own output."""


@pytest.fixture(scope="module")
def fresh(servers: Backing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A deployment that nobody has set up."""
    with stack(wanted(servers, tmp_path_factory.mktemp("logs")), _silent) as running:
        yield running


@pytest.fixture
async def admin(fresh: Stack) -> AsyncIterator[Admin]:
    made = Admin(fresh.origin, fresh.token())
    try:
        yield made
    finally:
        await made.close()


class Runs:
    """The command, run again and again over one file."""

    def __init__(self, running: Stack, folder: Path) -> None:
        self._stack = running
        self._folder = folder
        self._count = 0
        self.file = folder / "setup.yaml"
        self.file.write_text(FILE)

    def begin(self) -> Child:
        self._count += 1
        words = ["services", "setup", "--file", str(self.file), "--timeout", "2"]
        environ = {**self._stack.environ, "CAUSEWAY_TOKEN": self._stack.token()}
        return start(f"setup-{self._count}", words, environ=environ, logs=self._folder)

    async def ended(self, run: Child) -> tuple[int, str]:
        """Its exit code and what it said."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while run.alive():
                await asyncio.sleep(0.1)
        return run.process.returncode, run.log.read_text()


async def said(run: Child, pattern: str) -> re.Match[str]:
    """The first match in what a run says."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            found = re.search(pattern, run.log.read_text())
            if found is not None:
                return found
            assert run.alive(), run.log.read_text()
            await asyncio.sleep(0.1)


LINK = r"admin of {side} .*\n\s+(http\S+)"


async def test_a_setup_is_killed_twice_and_goes_on_where_it_was(
    fresh: Stack, admin: Admin, tmp_path: Path
) -> None:
    runs = Runs(fresh, tmp_path)
    first = runs.begin()
    link = await said(first, LINK.format(side="HubSpot"))
    await consent(link[1])
    await said(first, r"HubSpot: connected, account 111")
    first.kill()

    second = runs.begin()
    link = await said(second, LINK.format(side="Salesforce"))
    assert "Open this as an admin of HubSpot" not in second.log.read_text()
    await consent(link[1])
    await said(second, r"package: ordered \(deploy\)\n")
    second.kill()

    code, text = await runs.ended(runs.begin())
    assert code == 0, text
    assert "setup: finished. The sync runs." in text
    assert "import from salesforce: started" in text
    assert "Open this" not in text

    [connection] = (await admin.get("/api/v1/connections"))["items"]
    at = connection["id"]
    settings = await admin.get(f"/api/v1/settings/{at}")
    assert (settings["sync"], settings["settings"]["version"]) == ("running", 1)
    assert settings["settings"]["daily_salesforce_calls"] == 5000
    assert settings["settings"]["contacts"]["undecidable"] == "review"
    assert len(settings["settings"]["mappings"]) > 5

    code, text = await runs.ended(runs.begin())
    assert code == 0, text
    assert "setup: finished already" in text
    assert "import from salesforce: started already" in text
    assert len(await admin.get("/api/v1/imports", connection_id=at)) == 1
    assert await orders(fresh) == 1
    await _files(fresh, admin, at, tmp_path)


async def orders(running: Stack) -> int:
    """How often the package was ordered; a look at what is there is no order."""
    conn = await asyncpg.connect(running.database_url)
    try:
        rows = await conn.fetch("SELECT * FROM package_watcher.installations")
    finally:
        await conn.close()
    return len([row for row in rows if row["state"] != "absent"])


async def _files(running: Stack, admin: Admin, at: str, folder: Path) -> None:
    """Out, changed, compared, in again, and back."""
    path = folder / "settings.yaml"
    assert await command(running, "export", "--to", str(path)) == (0, "")
    assert await command(running, "diff", str(path)) == (0, "Nothing differs.\n")
    path.write_text(path.read_text().replace("undecidable: review", "undecidable: salesforce_wins"))
    told = "Changes of people that cannot be put in order: changed from review to salesforce_wins."
    code, text = await command(running, "diff", str(path))
    assert (code, told in text) == (1, True)
    code, text = await command(running, "import", str(path), "--yes")
    assert (code, text.splitlines()[-1]) == (0, 'Stored as version "2".')
    assert (await admin.get(f"/api/v1/settings/{at}"))["settings"]["version"] == 2
    code, text = await command(running, "diff", "--versions", "1", "2")
    assert (code, told in text) == (1, True)
    code, text = await command(running, "restore", "1", "--yes")
    assert (code, text.splitlines()[-1]) == (0, 'Version 1 is there again, as version "3".')
    assert await command(running, "diff", "--versions", "1", "3") == (0, "")
    code, text = await command(running, "import", str(folder / "missing.yaml"), "--yes")
    assert (code, "cannot be read" in text) == (2, True)


async def command(running: Stack, *words: str) -> tuple[int, str]:
    """A command about settings: its exit code, and what it says."""
    environ: dict[str, Any] = {
        **os.environ,
        "CAUSEWAY_PUBLIC_URL": running.origin,
        "CAUSEWAY_TOKEN": running.token(),
    }
    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services", "settings", *words),
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    async with asyncio.timeout(COMMAND_SECONDS):
        output, _ = await run.communicate()
    assert run.returncode is not None
    return run.returncode, output.decode()


async def test_a_file_without_consent_does_nothing(fresh: Stack, tmp_path: Path) -> None:
    runs = Runs(fresh, tmp_path)
    runs.file.write_text(FILE.replace(", consent: true", ""))
    code, text = await runs.ended(runs.begin())
    assert (code, "say `consent: true`" in text) == (2, True)
