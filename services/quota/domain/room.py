"""How much one rule leaves, and when it will leave more."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    """Which rule refused."""

    BURST = "burst"
    ALLOWANCE = "allowance"
    RESERVE = "reserve"
    ORG = "org"


@dataclass(frozen=True, slots=True)
class Room:
    """`calls` are left by the rule `scope` (may be negative); `free_at`: when some are again."""

    scope: Scope
    calls: int
    free_at: datetime
