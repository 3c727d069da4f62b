"""The package's source as the zip that Salesforce deploys, built in memory."""

import io
import zipfile
from pathlib import Path

from shared.kernel.errors import FatalError

MANIFEST = "package.xml"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Every file has the zip format's first day: the same source is the same zip, byte for byte."""


def package_zip(source: Path) -> bytes:
    """All files below `source`, with package.xml at the root of the zip.

    Raises:
        FatalError: there is no package.xml (the deployment's files are not complete).
    """
    if not (source / MANIFEST).is_file():
        raise FatalError(
            f"The package's source is not at {source}. Point CAUSEWAY_PACKAGE_WATCHER_SOURCE to "
            "the directory deploy/salesforce/src of this version of Causeway.",
            code="package_source_missing",
        )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(item for item in source.rglob("*") if item.is_file()):
            name = path.relative_to(source).as_posix()
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), path.read_bytes())
    return buffer.getvalue()
