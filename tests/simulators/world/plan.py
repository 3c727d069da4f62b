"""What a seed is to make: how many of everything, from which dice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_RECORDS = 1_000_000
"""Records of one seed: about what a process of a few gigabytes holds."""
KINDS = ("people", "companies", "deals", "tasks", "notes", "calls", "emails", "meetings")
"""What can be counted in an order, in the order in which it is made."""
ACTIVITIES = KINDS[3:]
DEFAULT_DOMAIN = "example.com"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything a CRM is filled with; the same plan makes the same records.

    ``duplicates`` of the people have a twin. ``dirty`` is the share (0 to 1) of records with
    something wrong in them. Without ``email_domain`` people have addresses of their company, or of
    ``DEFAULT_DOMAIN`` if there are no companies.
    """

    seed: int
    people: int = 0
    companies: int = 0
    deals: int = 0
    tasks: int = 0
    notes: int = 0
    calls: int = 0
    emails: int = 0
    meetings: int = 0
    duplicates: int = 0
    dirty: float = 0.0
    email_domain: str = ""

    @property
    def twins(self) -> int:
        """How many people have a twin: there cannot be more twins than people."""
        return min(self.duplicates, self.people)

    @property
    def total(self) -> int:
        """Records in all, twins included."""
        return sum(map(self.count, KINDS)) + self.twins

    def count(self, kind: str) -> int:
        """How many of one of ``KINDS``."""
        found: int = getattr(self, kind)
        return found


def parse_plan(body: Mapping[str, Any], *, people: int, seed: int) -> Plan:
    """The plan of an order; ``people`` and ``seed`` are for an order that does not say.

    ValueError says which part of the order is wrong.
    """
    counts = {name: int(body.get(name, 0)) for name in (*KINDS, "duplicates")}
    counts["people"] = int(body.get("people", people))
    for name, count in counts.items():
        if count < 0:
            raise ValueError(f"{name} is {count}, it must be 0 or more")
    dirty = float(body.get("dirty", 0.0))
    if not 0 <= dirty <= 1:
        raise ValueError(f"dirty is {dirty}, it is a share from 0 to 1")
    domain = str(body.get("email_domain") or "")
    plan = Plan(seed=int(body.get("seed", seed)), dirty=dirty, email_domain=domain, **counts)
    if plan.total > MAX_RECORDS:
        raise ValueError(f"{plan.total} records are too many, one seed makes {MAX_RECORDS} at most")
    return plan
