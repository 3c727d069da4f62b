"""`python -m tests.chaos.skewed services.<name> <role>`: a process whose machine's clock is wrong.

By CHAOS_SKEW seconds. The wall clock only: what waits and measures goes by the monotonic one.
"""

import os
import runpy
import sys
import time
from datetime import UTC, datetime, timedelta

from shared.kernel.clock import SystemClock


def main() -> None:
    """Sets the clock, and becomes the service."""
    skew = timedelta(seconds=float(os.environ["CHAOS_SKEW"]))
    right = time.time

    def now(self: SystemClock) -> datetime:
        return datetime.now(UTC) + skew

    SystemClock.now = now  # type: ignore[method-assign]
    time.time = lambda: right() + skew.total_seconds()
    module = sys.argv.pop(1)
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
