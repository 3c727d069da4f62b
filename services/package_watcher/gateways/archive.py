"""The package's source as the zip that Salesforce deploys, built in memory."""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.package_watcher.domain.editions import version_in
from services.package_watcher.domain.package_source import (
    MANIFEST,
    Component,
    Replacement,
    components,
    destructive,
    localized,
    manifest,
    metadata_files,
)
from shared.kernel.errors import FatalError

PROJECT = "sfdx-project.json"
BASE = "force-app"
"""The package directory with what every org needs: the key and its permission set."""
WINDOW = "window"
"""What the window inside records needs; goes into the org together with the page layouts."""
CHANGE_EVENTS = "change-events"
"""Selects the objects for change data capture; an org without an add-on may select five."""

DESTRUCTIVE = "destructiveChanges.xml"
MARKED = "Causeway_Integration.permissionset-meta.xml"

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Every file has the zip format's first day: the same source is the same zip, byte for byte."""


@dataclass(frozen=True, slots=True)
class PackageSource:
    """The source on disk. `values` are this deployment's own, by variable (CAUSEWAY_PUBLIC_URL)."""

    folder: Path
    values: Mapping[str, str] = field(default_factory=dict)

    def zip(self, *parts: str, layouts: Mapping[str, bytes] | None = None) -> bytes:
        """A deployable zip of these package directories, and of these layouts by full name.

        Raises:
            FatalError: the deployment's files are not complete.
        """
        project = self._project()
        files: dict[str, bytes] = {}
        members: list[Component] = []
        for part in parts:
            source = self._files(part)
            members += components(source)
            files |= localized(metadata_files(source), _replacements(project, part), self.values)
        for name in sorted(layouts or {}):
            members.append(Component("Layout", name))
            files[f"layouts/{name}.layout"] = (layouts or {})[name]
        files[MANIFEST] = manifest(members, str(project["sourceApiVersion"]))
        return _zipped(files)

    def removal(self, *parts: str) -> bytes:
        """A zip that takes what these package directories hold out of an org again.

        Raises:
            FatalError: the deployment's files are not complete.
        """
        members = [one for part in parts for one in components(self._files(part))]
        empty = manifest((), str(self._project()["sourceApiVersion"]))
        return _zipped({MANIFEST: empty, DESTRUCTIVE: destructive(members)})

    def version(self) -> str:
        """The package's own version, as its permission set bears it into the org; "" if none.

        Also "" without the source: a deployment that only installs versions may lack it.
        """
        found = (self.folder / BASE).rglob(MARKED)
        return next((version_in(path.read_text(encoding="utf-8")) for path in found), "")

    def _project(self) -> dict[str, Any]:
        path = self.folder / PROJECT
        if not path.is_file():
            raise self._missing()
        found: dict[str, Any] = json.loads(path.read_bytes())
        return found

    def _files(self, part: str) -> dict[str, bytes]:
        root = self.folder / part
        found = {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }
        if not found:
            raise self._missing()
        return found

    def _missing(self) -> FatalError:
        return FatalError(
            f"The package's source is not at {self.folder}. Point CAUSEWAY_PACKAGE_WATCHER_SOURCE "
            "to the directory deploy/salesforce of this version of Causeway.",
            code="package_source_missing",
        )


def _replacements(project: Mapping[str, Any], part: str) -> Iterable[Replacement]:
    """The table of the project file, which the CLI goes by too."""
    for one in project.get("replacements", ()):
        folder = str(one["glob"]).partition("/")[0]
        if folder == part:
            yield Replacement(folder, one["stringToReplace"], one["replaceWithEnv"])


def _zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), files[name])
    return buffer.getvalue()
