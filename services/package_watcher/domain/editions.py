"""Which version of the package an org has, against the one that this Causeway brings.

The description of the permission set bears the version into the org: it comes with every way of
installing, one query reads it, and an admin sees it.
"""

import re
from enum import StrEnum

MAX_PARTS = 4
"""Salesforce's package versions have as many: major.minor.patch.build."""

_MARK = re.compile(r"Package version (\d{1,9}(?:\.\d{1,9}){0,3})(?![\d.])")


class Edition(StrEnum):
    """The package in the org, as this Causeway sees it. `unknown`: one of the two tells nothing."""

    UNKNOWN = "unknown"
    CURRENT = "current"
    OLDER = "older"
    NEWER = "newer"


def edition(found: str, brought: str) -> Edition:
    """`found` in the org against what `brought` names; both like "1.2" or "1.2.0.4"."""
    ours, theirs = numbers(brought), numbers(found)
    if not ours or not theirs:
        return Edition.UNKNOWN
    if theirs == ours:
        return Edition.CURRENT
    return Edition.NEWER if theirs > ours else Edition.OLDER


def version_in(description: str) -> str:
    """The version that a description names; empty when it names none."""
    found = _MARK.search(description)
    return found[1] if found else ""


def numbers(version: str) -> tuple[int, ...]:
    """The parts of a version, filled up with zeros; empty for what is none."""
    parts = version.split(".")
    if len(parts) > MAX_PARTS or not all(part.isascii() and part.isdigit() for part in parts):
        return ()
    return tuple(int(part) for part in parts) + (0,) * (MAX_PARTS - len(parts))


def newer_warning(found: str, brought: str) -> str:
    """What an admin should know of a package that is ahead of this Causeway."""
    return (
        f"The org has version {found} of the package; this Causeway brings {brought} and leaves it "
        "as it is. Newer packages work with older Causeways; update Causeway when it suits you."
    )
