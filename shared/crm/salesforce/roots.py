"""Where Salesforce's resources are, in the version that one setting chooses."""

import re

DEFAULT_VERSION = "66.0"
_VERSION = re.compile(r"[1-9]\d{1,2}\.0")


def data_root(version: str) -> str:
    """`/services/data/v66.0`; ValueError when the version is not of that form."""
    if not _VERSION.fullmatch(version):
        raise ValueError(f"Salesforce has no API version {version!r}; use one like 66.0")
    return f"/services/data/v{version}"
