"""How much is broken how often: little with every test run, a lot with `make chaos`.

Chaos tests kill only servers and processes of their own: `own_servers` (tests/conftest.py), in the
group "crash" so that no two of them run at once, and whatever a test itself started.
"""

import os

import pytest

QUICK_EVENTS = 600
FULL_EVENTS = 10_000
QUICK_ROUNDS = 3
FULL_ROUNDS = 20
EVENTS = int(os.environ.get("CAUSEWAY_CHAOS_EVENTS", QUICK_EVENTS))

CHAOS = [
    pytest.mark.xdist_group("crash"),
    pytest.mark.timeout(3600 if EVENTS >= FULL_EVENTS else 300),
]
"""Marks of a module that kills servers: one at a time, and each with the time that it needs."""


@pytest.fixture(scope="session")
def events() -> int:
    """How many events are in flight while something breaks; `make chaos` says 10,000."""
    return EVENTS


@pytest.fixture(scope="session")
def rounds(events: int) -> int:
    """How often it breaks."""
    return FULL_ROUNDS if events >= FULL_EVENTS else QUICK_ROUNDS
