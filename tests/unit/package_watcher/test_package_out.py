"""What the source says of itself, how it leaves an org again, and keys at rest."""

import io
import re
import zipfile
from pathlib import Path

import pytest

from services.package_watcher.domain.editions import numbers
from services.package_watcher.gateways import BASE, CHANGE_EVENTS, PackageSource, Vault
from services.package_watcher.settings import SOURCE
from shared.kernel.errors import FatalError
from shared.kernel.ids import new_id
from shared.security.keyring import DecryptionError, KeyRing, generate_key

MAX_DESCRIPTION = 255
"""Salesforce's limit for the description of a permission set."""


def unzipped(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_the_permission_set_bears_the_version_into_the_org() -> None:
    assert numbers(PackageSource(SOURCE).version()) >= (1, 0, 0, 0)
    deployed = unzipped(PackageSource(SOURCE).zip(BASE))
    text = deployed["permissionsets/Causeway_Integration.permissionset"]
    [description] = re.findall("<description>(.*)</description>", text)
    assert description.endswith(f"Package version {PackageSource(SOURCE).version()}")
    assert len(description) <= MAX_DESCRIPTION


def test_a_deployment_without_the_source_knows_no_version(tmp_path: Path) -> None:
    assert PackageSource(tmp_path).version() == ""


@pytest.mark.parametrize("parts", [(BASE,), (BASE, CHANGE_EVENTS)])
def test_the_removal_names_what_the_deploy_brings(parts: tuple[str, ...]) -> None:
    source = PackageSource(SOURCE)
    brought, out = unzipped(source.zip(*parts)), unzipped(source.removal(*parts))
    assert sorted(out) == ["destructiveChanges.xml", "package.xml"]
    named = re.findall("<members>(.*)</members>", brought["package.xml"])
    assert re.findall("<members>(.*)</members>", out["destructiveChanges.xml"]) == named
    assert "<members>" not in out["package.xml"]
    assert "Contact.Causeway_Key__c" in named


def test_a_missing_source_says_which_variable_to_set(tmp_path: Path) -> None:
    with pytest.raises(FatalError, match="CAUSEWAY_PACKAGE_WATCHER_SOURCE"):
        PackageSource(tmp_path).removal(BASE)


def test_a_key_opens_for_its_installation_only() -> None:
    vault = Vault(KeyRing.parse(f"k1:{generate_key()}"))
    mine, other = new_id(), new_id()
    sealed = vault.seal(mine, "hunter2")
    assert "hunter2" not in sealed
    assert vault.open(mine, sealed) == "hunter2"
    assert vault.open(mine, "") is None
    with pytest.raises(DecryptionError):
        vault.open(other, sealed)
