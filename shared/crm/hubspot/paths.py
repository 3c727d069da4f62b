"""Where HubSpot's resources are, in the version that one setting chooses.

Dated versions and v3 differ in the order of the parts only (facts: hubspot-api 3, 6, 7, 12).
"""

import re
from urllib.parse import quote

DEFAULT_VERSION = "2026-09"
_VERSION = re.compile(r"v3|\d{4}-\d{2}(-beta)?")


class Paths:
    """The paths of one API version; ValueError when the version is neither v3 nor a date."""

    def __init__(self, version: str) -> None:
        if not _VERSION.fullmatch(version):
            raise ValueError(f"HubSpot has no API version {version!r}; use one like 2026-09, or v3")
        self._version = version
        self._legacy = version == "v3"

    def objects(self, object_name: str, *more: str) -> str:
        """Records of a type: `/crm/objects/2026-09/contacts/...`."""
        return self._crm("objects", object_name, *more)

    def properties(self, object_name: str, *more: str) -> str:
        """Property definitions of a type."""
        return self._crm("properties", object_name, *more)

    def pipelines(self, object_name: str) -> str:
        """The pipelines of a type."""
        return self._crm("pipelines", object_name)

    def lists(self, *more: str) -> str:
        """Lists of records."""
        return self._crm("lists", *more)

    def owners(self) -> str:
        """The portal's owners."""
        return self._crm("owners")

    def associations(self, from_type: str, to_type: str, *more: str) -> str:
        """Associations between two types; v3's are at v4."""
        root = "/crm/v4/associations" if self._legacy else f"/crm/associations/{self._version}"
        return _joined(root, from_type, to_type, *more)

    def account(self) -> str:
        """The portal's own details."""
        return f"/account-info/{self._version}/details"

    def daily_usage(self) -> str:
        """The day's calls of private apps."""
        return f"/account-info/{self._version}/api-usage/daily/private-apps"

    def oauth(self, *more: str) -> str:
        """Tokens."""
        return _joined(f"/oauth/{self._version}/token", *more)

    def _crm(self, resource: str, *more: str) -> str:
        parts = (self._version, resource) if self._legacy else (resource, self._version)
        return _joined("/crm", *parts, *more)


def _joined(root: str, *parts: str) -> str:
    return "/".join((root, *(quote(part, safe="") for part in parts)))
