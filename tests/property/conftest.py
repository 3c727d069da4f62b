"""How thoroughly properties are searched: `ci` repeats the same search, `nightly` a new one.

    HYPOTHESIS_PROFILE=nightly .venv/bin/pytest tests/property

A failure prints `@reproduce_failure(...)`, and in the nightly profile the seed
(`--hypothesis-seed=...` repeats it).
"""

import os

from hypothesis import HealthCheck, settings

QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much]

settings.register_profile(
    "ci",
    max_examples=50,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=QUIET,
)
settings.register_profile(
    "nightly",
    max_examples=500,
    deadline=None,
    print_blob=True,
    suppress_health_check=QUIET,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
